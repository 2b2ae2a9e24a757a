'use client';

import type { AuditEntry } from '@automatos/sdk';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Drawer } from '../../components/ui/dialog.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { ACTORS, actionText, OUTCOMES, type Outcome } from './audit-filters.ts';

const TONES: Record<Outcome, Tone> = { success: 'ok', denied: 'warn', failure: 'bad' };

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  return <Badge tone={TONES[outcome]}>{OUTCOMES[outcome]}</Badge>;
}

/** Who it was, as far as it is still known. */
export function actorText({ actor, personal }: AuditEntry): string {
  if (personal !== null && personal.name !== '') return personal.name;
  return actor.kind === 'anonymous' ? 'Nobody known' : actor.id;
}

export function targetText({ target }: AuditEntry): string {
  return target.name || target.id || '–';
}

function factsOf(entry: AuditEntry): [string, string][] {
  const { actor, personal, target } = entry;
  return [
    ['Row', String(entry.sequence)],
    ['Time', formatDateTime(entry.at)],
    ['Action', `${actionText(entry.action)} (${entry.action})`],
    ['By', `${actorText(entry)} (${ACTORS[actor.kind]})`],
    ['Id of who', actor.id || '–'],
    ['Address', personal === null ? 'erased' : personal.ip || '–'],
    ['Program', personal === null ? 'erased' : personal.user_agent || '–'],
    ['Done to', [target.type, target.name, target.id].filter((part) => part !== '').join(', ')],
    ['Request', entry.request_id || '–'],
  ];
}

/** Everything that an entry holds, hashes included. */
export function AuditEntryDrawer({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const narrow = (name: 'actor' | 'target', value: string) => {
    replaceSearchParams({ [name]: value });
    onClose();
  };
  return (
    <Drawer
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={actionText(entry.action)}
    >
      <div className="grid gap-5">
        <p>
          <OutcomeBadge outcome={entry.outcome} />
        </p>
        <dl className="divide-y divide-line text-sm">
          {factsOf(entry).map(([label, value]) => (
            <div key={label} className="grid gap-1 py-2.5 sm:grid-cols-[8rem_1fr]">
              <dt className="text-ink-soft">{label}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
        <div className="flex flex-wrap gap-2">
          {entry.actor.id === '' ? null : (
            <Button size="sm" onClick={() => narrow('actor', entry.actor.id)}>
              Everything by this one
            </Button>
          )}
          {entry.target.id === '' ? null : (
            <Button size="sm" onClick={() => narrow('target', entry.target.id)}>
              Everything done to this
            </Button>
          )}
        </div>
        <section className="grid gap-2">
          <h3 className="text-sm font-medium">Details</h3>
          <CodeBlock
            label="Details of the entry"
            text={JSON.stringify(entry.details, null, 2)}
            className="max-h-80"
          />
        </section>
        <section className="grid gap-2">
          <h3 className="text-sm font-medium">Place in the chain</h3>
          <CodeBlock
            label="Hashes of the entry"
            text={`before ${entry.prev_hash}\nthis   ${entry.hash}`}
          />
        </section>
      </div>
    </Drawer>
  );
}
