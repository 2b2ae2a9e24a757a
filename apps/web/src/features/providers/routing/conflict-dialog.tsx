'use client';

import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import type { RouterSettings } from '../provider-types.ts';
import { settingChanges } from './settings-fields.ts';

/** Somebody else saved meanwhile: shows where the two differ, and leaves the choice. */
export function ConflictDialog({
  mine,
  theirs,
  pending,
  onClose,
  onTake,
  onOverwrite,
}: {
  mine: RouterSettings;
  theirs: RouterSettings;
  pending: boolean;
  onClose: () => void;
  onTake: () => void;
  onOverwrite: () => void;
}) {
  const changes = settingChanges(mine, theirs);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Somebody else changed the routing meanwhile"
      description="Nothing was saved. Take what is stored and make your changes again, or save yours on top of it."
    >
      <div className="grid gap-4">
        {changes.length === 0 ? (
          <p className="text-sm">Both are the same: nothing is left to save.</p>
        ) : (
          <div
            role="group"
            aria-label="Differences"
            tabIndex={0}
            className="max-h-72 overflow-auto rounded-lg border border-line"
          >
            <table className="w-full text-sm">
              <thead>
                <tr className="border-b border-line text-left text-xs text-ink-soft">
                  <th scope="col" className="px-3 py-2 font-medium">
                    Setting
                  </th>
                  <th scope="col" className="px-3 py-2 font-medium">
                    Yours
                  </th>
                  <th scope="col" className="px-3 py-2 font-medium">
                    Stored now
                  </th>
                </tr>
              </thead>
              <tbody>
                {changes.map((change) => (
                  <tr key={change.setting} className="border-b border-line align-top last:border-0">
                    <th scope="row" className="px-3 py-2 text-left font-mono text-xs font-normal">
                      {change.setting}
                    </th>
                    <td className="px-3 py-2 wrap-anywhere">{change.mine}</td>
                    <td className="px-3 py-2 wrap-anywhere">{change.theirs}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Go on editing</Button>
          <Button onClick={onTake}>Take what is stored</Button>
          <Button variant="danger" pending={pending} onClick={onOverwrite}>
            Save mine on top
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
