'use client';

import type { RunEventData, TaskDetail } from '@automatos/sdk';
import { Card, Section } from '../../components/ui/card.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { StepStatusBadge } from '../../components/status/run-status.tsx';
import { formatDuration, sentence } from '../../lib/format.ts';
import { useRunState } from '../kitchen/run-context.tsx';
import { ToolCallView } from '../kitchen/tool-call-view.tsx';
import { LlmCallView } from '../kitchen/llm-call-view.tsx';
import { AssignmentList } from './assignment-list.tsx';
import type { Stage } from './task-words.ts';

type Made = RunEventData<'decision.made'>;

/** Who or what was chosen in this stage, and why. */
function Decisions({ stage }: { stage: string }) {
  const events = useRunState((state) => state.events);
  const decisions = events.filter(
    (event) => event.type === 'decision.made' && (event.step_id ?? '').split('#')[0] === stage,
  );
  if (decisions.length === 0) return null;
  return (
    <Section title="Decisions">
      <ul className="divide-y divide-line">
        {decisions.map((event) => {
          const made = event.data as unknown as Made;
          return (
            <li key={event.id} className="px-5 py-3 text-sm">
              <p className="flex flex-wrap items-center gap-2">
                <Badge>{sentence(made.decision)}</Badge>
                <span className="font-medium wrap-anywhere">{made.subject}</span>
                {made.chosen.length === 0 ? null : <span>→ {made.chosen.join(', ')}</span>}
              </p>
              <p className="mt-1 text-[0.8125rem] text-ink-soft wrap-anywhere">{made.reason}</p>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Units({ task }: { task: TaskDetail }) {
  if (task.units.length === 0) return null;
  return (
    <Section title="Parts">
      <ul className="divide-y divide-line">
        {task.units.map((unit) => (
          <li key={unit.unit_id} className="px-5 py-3.5 text-sm">
            <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
              <p className="min-w-0 font-medium wrap-anywhere">{unit.title}</p>
              <StepStatusBadge status={unit.status} />
            </div>
            <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
              {unit.agent ?? 'nobody'}
              {unit.started_at !== null && unit.finished_at !== null
                ? ` · ${formatDuration(Date.parse(unit.finished_at) - Date.parse(unit.started_at))}`
                : ''}
              {unit.attempts > 1 ? ` · attempt ${unit.attempts}` : ''}
            </p>
            {unit.error === null ? null : (
              <p className="mt-1.5 rounded-lg bg-bad-soft px-3 py-2 text-[0.8125rem] wrap-anywhere">
                {unit.error.message}
              </p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Calls of models and tools that the stage made. */
function Calls({ stage }: { stage: string }) {
  const calls = useRunState((state) => state.calls);
  const own = Object.values(calls).filter(({ stepId }) => stepId.split('#')[0] === stage);
  if (own.length === 0) return null;
  return (
    <Section title="Calls" bare>
      <div className="grid gap-2">
        {own.map((call) =>
          call.kind === 'tool' ? (
            <ToolCallView key={call.callId} call={call} />
          ) : (
            <LlmCallView key={call.callId} call={call} />
          ),
        )}
      </div>
    </Section>
  );
}

/** What one stage did and brought. */
export function StageDetail({ task, stage }: { task: TaskDetail; stage: Stage }) {
  const preview = useRunState((state) => state.steps[stage.stage]?.outputPreview ?? null);
  return (
    <div className="grid min-w-0 grid-cols-1 content-start gap-6">
      <Section title={stage.name}>
        <div className="grid gap-3 px-5 py-4 text-sm">
          {stage.error === null ? null : (
            <div role="alert" className="rounded-lg bg-bad-soft px-4 py-3">
              <p className="wrap-anywhere">{stage.error.message}</p>
              <p className="mt-1 font-mono text-xs">{stage.error.code}</p>
            </div>
          )}
          {preview === null || preview === '' ? (
            stage.error === null ? (
              <p className="text-ink-soft">
                {stage.status === 'pending'
                  ? 'It has not begun.'
                  : stage.status === 'running'
                    ? 'It is at work.'
                    : 'It left nothing to show.'}
              </p>
            ) : null
          ) : (
            <p className="whitespace-pre-wrap wrap-anywhere">{preview}</p>
          )}
        </div>
      </Section>
      {stage.stage === 'agent_selection' && task.assignments.length > 0 ? (
        <Section title="Who does what">
          <AssignmentList
            units={task.assignments.map(
              ({ unit_id: id }) =>
                task.units.find((unit) => unit.unit_id === id) ?? {
                  unit_id: id,
                  title: id,
                  depends_on: [],
                },
            )}
            assignments={task.assignments}
          />
        </Section>
      ) : null}
      {stage.stage === 'execution' ? <Units task={task} /> : null}
      {stage.stage === 'agent_selection' ? null : <Decisions stage={stage.stage} />}
      <Calls stage={stage.stage} />
      {stage.stage === 'decomposition' && task.units.length > 0 ? (
        <Card>
          <AssignmentList units={task.units} assignments={task.assignments} />
        </Card>
      ) : null}
    </div>
  );
}
