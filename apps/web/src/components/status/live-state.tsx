import { Radio, WifiOff } from 'lucide-react';
import { Badge } from '../ui/badge.tsx';

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'refused' | 'ended';

/** Whether what is shown follows what happens; says so when it does not. */
export function LiveStateBadge({ state }: { state: LiveState }) {
  return (
    <span role="status" className="inline-flex">
      {state === 'live' ? (
        <Badge tone="ok" icon={<Radio aria-hidden className="size-3.5" />}>
          Live
        </Badge>
      ) : null}
      {state === 'connecting' ? <Badge>Connecting…</Badge> : null}
      {state === 'reconnecting' ? (
        <Badge tone="warn" icon={<WifiOff aria-hidden className="size-3.5" />}>
          Reconnecting…
        </Badge>
      ) : null}
      {state === 'refused' ? (
        <Badge tone="bad" icon={<WifiOff aria-hidden className="size-3.5" />}>
          Not live
        </Badge>
      ) : null}
    </span>
  );
}
