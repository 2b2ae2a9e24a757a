'use client';

import type { ApiKey } from '@automatos/sdk';
import { Pencil, RotateCcwKey, Trash2 } from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import { IconButton } from '../../components/ui/button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatDateTime, formatNumber, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

export type KeyAction = 'edit' | 'rotate' | 'revoke';

function Expiry({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow(60_000);
  const at = apiKey.expires_at;
  if (at === null) return <>does not expire</>;
  return Date.parse(at) <= now ? (
    <Badge tone="bad">Expired</Badge>
  ) : (
    <>expires {formatDateTime(at)}</>
  );
}

/** One key of the workspace, with what it may do and whether it is used. */
export function KeyRow({
  apiKey,
  onAction,
}: {
  apiKey: ApiKey;
  /** Null: the person may only look. */
  onAction: ((action: KeyAction) => void) | null;
}) {
  const { name, scopes, origins, rate_limit_per_minute: limit } = apiKey;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{name}</span>
          <Badge>{apiKey.kind === 'browser' ? 'Browser' : 'Server'}</Badge>
          <Badge>{apiKey.role}</Badge>
          {scopes === null ? null : (
            <span title={scopes.join(', ')}>
              <Badge tone="busy">{plural(scopes.length, 'permission')}</Badge>
            </span>
          )}
          {limit === null ? null : <Badge>{formatNumber(limit)} / min</Badge>}
        </p>
        <p className="mt-1 text-[0.8125rem] text-ink-soft wrap-anywhere">
          <code className="font-mono text-xs">{apiKey.start}…</code> · made{' '}
          <RelativeTime time={apiKey.created_at} /> ·{' '}
          {apiKey.last_used_at === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime time={apiKey.last_used_at} />
            </>
          )}{' '}
          · <Expiry apiKey={apiKey} />
        </p>
        {origins.length === 0 ? null : (
          <p className="mt-1 font-mono text-xs text-ink-soft wrap-anywhere">{origins.join(', ')}</p>
        )}
        {apiKey.previous_until === null ? null : (
          <p className="mt-1 text-[0.8125rem] text-warn">
            The secret before the last change counts until {formatDateTime(apiKey.previous_until)}.
          </p>
        )}
      </div>
      {onAction === null ? null : (
        <div className="flex shrink-0">
          <IconButton label={`New secret for ${name}`} onClick={() => onAction('rotate')}>
            <RotateCcwKey aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={`Change ${name}`} onClick={() => onAction('edit')}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={`Revoke ${name}`} onClick={() => onAction('revoke')}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      )}
    </li>
  );
}
