'use client';

import { isApiProblem } from '@automatos/sdk';
import { useRouter } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { NumberField } from '../../../components/ui/number-field.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { plural } from '../../../lib/format.ts';
import { useLeaveGuard } from '../../../lib/use-leave-guard.ts';
import { useMay } from '../../session/use-session.ts';
import { STRATEGIES } from '../strategies.ts';
import { CacheSection } from './cache-section.tsx';
import { ChainEditor } from './chain-editor.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';
import { LimitsEditor } from './limits-editor.tsx';
import {
  NUMBER_SETTINGS,
  numberAt,
  problemsOf,
  withNumber,
  type Draft,
} from './settings-fields.ts';
import { useSaveSettings, type StoredSettings } from './use-save-settings.ts';

interface Part {
  draft: Draft;
  set: (draft: Draft) => void;
  problems: Readonly<Record<string, string>>;
}

function Numbers({ section, part }: { section: 'breaker' | 'timeouts' | 'queue'; part: Part }) {
  const { draft, set, problems } = part;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {NUMBER_SETTINGS.filter((setting) => setting.section === section).map((setting) => (
        <NumberField
          key={setting.key}
          label={setting.label}
          help={setting.help}
          unit={setting.unit}
          scale={setting.scale}
          value={numberAt(draft, setting)}
          onChange={(value) => set(withNumber(draft, setting, value))}
          error={problems[`/${section}/${setting.key}`]}
        />
      ))}
    </div>
  );
}

function Padded({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Section title={title}>
      <div className="grid gap-4 p-5">
        {lead === undefined ? null : <p className="text-sm text-ink-soft">{lead}</p>}
        {children}
      </div>
    </Section>
  );
}

function Chain({ draft, set, problems }: Part) {
  const weighted = draft.strategy === 'weighted';
  return (
    <Padded
      title="Chain"
      lead="Who is asked after the agent’s own model and its fallbacks. A call goes on to the next candidate when one cannot answer now; a fault of the call itself is not tried again."
    >
      <ChainEditor
        label="Chain of candidates"
        rows={draft.chain}
        weighted={weighted}
        problems={problems}
        pointer="/chain"
        max={20}
        empty="The chain is empty: when the agent’s own model cannot answer, the call fails. Add a model of another vendor."
        onChange={(rows) =>
          set({ ...draft, chain: rows.map((row) => ({ ...row, weight: row.weight ?? 1 })) })
        }
      />
      <div className="flex items-start gap-3 border-t border-line pt-4">
        <Switch
          id="allow-offline"
          checked={draft.allow_offline}
          describedBy="allow-offline-help"
          onCheckedChange={(allow_offline) => set({ ...draft, allow_offline })}
        />
        <div>
          <label htmlFor="allow-offline" className="text-sm font-medium">
            End at the offline provider
          </label>
          <p id="allow-offline-help" className="text-[0.8125rem] text-ink-soft">
            When every vendor failed, rules answer instead of a model, and say so. Off: the call
            fails with what each vendor said.
          </p>
        </div>
      </div>
    </Padded>
  );
}

function SaveBar({
  wrong,
  pending,
  onSave,
  onDiscard,
}: {
  wrong: number;
  pending: boolean;
  onSave: () => void;
  onDiscard: () => void;
}) {
  return (
    <div className="sticky bottom-16 z-10 flex flex-wrap items-center justify-between gap-3 rounded-card border border-line-strong/60 bg-surface px-5 py-3 shadow-card lg:bottom-4">
      <p role="status" className="text-sm">
        {wrong === 0 ? 'Changes are not saved yet.' : `${plural(wrong, 'field')} to correct.`}
      </p>
      <div className="flex gap-2">
        <Button onClick={onDiscard}>Discard</Button>
        <Button variant="primary" pending={pending} onClick={onSave}>
          Save the routing
        </Button>
      </div>
    </div>
  );
}

function LeaveQuestion({ wanted, onStay }: { wanted: string; onStay: () => void }) {
  const router = useRouter();
  return (
    <ConfirmDialog
      title="Leave without saving?"
      description="Your changes to the routing are not saved."
      action="Discard changes"
      pending={false}
      error={null}
      onConfirm={() => router.push(wanted)}
      onClose={onStay}
    />
  );
}

export function RoutingForm({
  stored,
  onChanged,
}: {
  stored: StoredSettings;
  onChanged: (changed: boolean) => void;
}) {
  const mayWrite = useMay('providers:write');
  const [base, setBase] = useState(stored);
  const [draft, setDraft] = useState<Draft>(stored.settings);
  const [shown, setShown] = useState(false);
  const take = (next: StoredSettings) => {
    setBase(next);
    setDraft(next.settings);
    setShown(false);
  };
  const { save, conflict, closeConflict } = useSaveSettings(take);
  const changed = JSON.stringify(draft) !== JSON.stringify(base.settings);
  const { wanted, stay } = useLeaveGuard(changed);
  useEffect(() => {
    onChanged(changed);
    return () => onChanged(false);
  }, [changed, onChanged]);
  const own = problemsOf(draft);
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const theirs = Object.fromEntries(refused.map(({ pointer, message }) => [pointer, message]));
  const problems = shown ? { ...theirs, ...own } : theirs;
  const set = (next: Draft) => {
    // What the server said is about what was sent, not about what stands there now.
    if (save.isError) save.reset();
    setDraft(next);
  };
  const part: Part = { draft, set, problems };
  const submit = () => {
    setShown(true);
    if (Object.keys(own).length > 0) return;
    save.mutate({ settings: draft, version: base.version });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <fieldset disabled={!mayWrite} className="min-w-0">
        {mayWrite ? null : (
          <p className="mb-4 text-sm text-ink-soft">Your role may look at the routing only.</p>
        )}
        <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
          <div className="grid min-w-0 grid-cols-1 content-start gap-8">
            <Chain {...part} />
            <Padded title="Order of the candidates">
              <Choices
                legend="Who is asked first"
                options={STRATEGIES}
                value={draft.strategy}
                onChange={(strategy) => set({ ...draft, strategy })}
              />
            </Padded>
          </div>
          <div className="grid min-w-0 grid-cols-1 content-start gap-8">
            <Padded
              title="Limits towards vendors"
              lead="Calls beyond them wait for room, then go on to the next candidate."
            >
              <LimitsEditor
                limits={draft.limits}
                onChange={(limits) => set({ ...draft, limits })}
                problems={problems}
              />
              <Numbers section="queue" part={part} />
            </Padded>
            <Padded
              title="Circuit breaker"
              lead="Per model and key: one that keeps failing is passed over for a while instead of being asked by every call."
            >
              <Numbers section="breaker" part={part} />
            </Padded>
            <Padded title="Time-outs">
              <Numbers section="timeouts" part={part} />
            </Padded>
            <Padded title="Cache of answers">
              <CacheSection
                cache={draft.cache}
                onChange={(cache) => set({ ...draft, cache })}
                problems={problems}
                mayWrite={mayWrite}
              />
            </Padded>
          </div>
        </div>
      </fieldset>
      <div className="mt-6 grid gap-3">
        {save.isError ? (
          <ErrorState compact what="The routing could not be saved" error={save.error} />
        ) : null}
      </div>
      {changed ? (
        <SaveBar
          wrong={shown ? Object.keys(own).length : 0}
          pending={save.isPending}
          onSave={submit}
          onDiscard={() => take(base)}
        />
      ) : null}
      {conflict === null ? null : (
        <ConflictDialog
          mine={draft}
          theirs={conflict.settings}
          pending={save.isPending}
          onClose={closeConflict}
          onTake={() => {
            closeConflict();
            take(conflict);
          }}
          onOverwrite={() => save.mutate({ settings: draft, version: conflict.version })}
        />
      )}
      {wanted === null ? null : <LeaveQuestion wanted={wanted} onStay={stay} />}
    </form>
  );
}
