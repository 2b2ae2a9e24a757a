'use client';

import { Download } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CopyButton } from '../../components/ui/code-block.tsx';
import { backupCodesFile } from '../auth/codes.ts';
import { useSession } from '../session/use-session.ts';

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'automatos-backup-codes.txt';
  link.click();
  URL.revokeObjectURL(url);
}

/** Backup codes, shown this one time; the way on opens when they are said to be stored. */
export function BackupCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const id = useId();
  const [stored, setStored] = useState(false);
  const account = useSession().data?.user?.email ?? '';
  const file = () => backupCodesFile(codes, { account, site: location.host, made: new Date() });
  return (
    <div className="grid gap-4">
      <p className="text-sm">
        Each of these lets you in once when you do not have your authenticator. Store them now where
        you find them without it. They cannot be shown again.
      </p>
      <ul
        aria-label="Backup codes"
        className="grid grid-cols-2 gap-x-6 gap-y-1.5 rounded-lg border border-line bg-sunken p-4 font-mono text-[0.9375rem]"
      >
        {codes.map((code) => (
          <li key={code} className="text-center">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={codes.join('\n')} label="Copy the backup codes" />
        <Button size="sm" onClick={() => download(file())}>
          <Download aria-hidden className="size-4" /> Download
        </Button>
      </div>
      <label htmlFor={id} className="flex min-h-11 items-center gap-3 text-sm font-medium">
        <input
          id={id}
          type="checkbox"
          className="size-5 accent-accent"
          checked={stored}
          onChange={({ target }) => setStored(target.checked)}
        />
        I stored them
      </label>
      <div className="flex justify-end">
        <Button variant="primary" disabled={!stored} onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
