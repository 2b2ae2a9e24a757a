import type { Run, RunEvent, RunEventData, RunStep, Usage } from '@automatos/sdk';
import { applyCallEvent, NO_USAGE } from './run-state-calls.ts';
import type { RunState, Score, StepView } from './run-state-types.ts';
import { isInstance } from './step-instances.ts';

function stepView(stepId: string): StepView {
  return {
    stepId,
    name: stepId,
    type: 'agent',
    agent: null,
    tool: null,
    parent: null,
    dependsOn: [],
    status: 'pending',
    attempt: 0,
    startedAt: null,
    finishedAt: null,
    progress: null,
    retry: null,
    skippedReason: null,
    outputPreview: null,
    usage: null,
    error: null,
    waiting: null,
    decision: null,
    reusedFrom: null,
    subRunId: null,
    quality: null,
    calls: [],
    findingsTotal: 0,
  };
}

/**
 * The state before the first event: the steps as declared, all pending. What happened to them comes from the events, so
 * that a reload in the middle shows the same as having watched from the start. Items and rounds come with their events.
 */
export function initialRunState(run: Run, known: readonly RunStep[]): RunState {
  const steps = known.filter((step) => !isInstance(step.step_id));
  return {
    lastSeq: 0,
    status: 'queued',
    createdAt: run.created_at,
    startedAt: null,
    finishedAt: null,
    recoveries: 0,
    error: null,
    stepOrder: steps.map((step) => step.step_id),
    steps: Object.fromEntries(
      steps.map((step) => [
        step.step_id,
        {
          ...stepView(step.step_id),
          name: step.name,
          type: step.type,
          agent: step.agent,
          tool: step.tool,
          parent: step.parent,
          dependsOn: step.depends_on,
        },
      ]),
    ),
    calls: {},
    usage: NO_USAGE,
    findingsTotal: 0,
    approvals: {},
    quality: null,
    events: [],
  };
}

function withStep(state: RunState, stepId: string, change: Partial<StepView>): RunState {
  const known = state.steps[stepId];
  return {
    ...state,
    stepOrder: known === undefined ? [...state.stepOrder, stepId] : state.stepOrder,
    steps: { ...state.steps, [stepId]: { ...(known ?? stepView(stepId)), ...change } },
  };
}

/** A pause wins over everything; otherwise a run that has begun works, or waits for a person. As the server derives it. */
function atWork(state: RunState): RunState {
  if (state.status === 'paused' || state.startedAt === null) return state;
  const waits = Object.keys(state.approvals).length > 0;
  return { ...state, status: waits ? 'waiting_approval' : 'running' };
}

/** Ends what was still open when the run ended without it, as the server does. */
function closeOpenSteps(state: RunState, at: string, completed: boolean): RunState {
  let next = state;
  for (const step of Object.values(state.steps)) {
    if (step.status === 'pending' && !completed)
      next = withStep(next, step.stepId, { status: 'skipped' });
    if (!['running', 'retrying', 'waiting_approval'].includes(step.status)) continue;
    next = withStep(next, step.stepId, {
      status: 'cancelled',
      finishedAt: at,
      retry: null,
      waiting: null,
    });
  }
  return { ...next, approvals: {} };
}

function startStep(state: RunState, event: RunEvent, data: RunEventData<'step.started'>): RunState {
  const stepId = event.step_id ?? '';
  const first = state.steps[stepId]?.startedAt ?? event.at;
  return withStep(state, stepId, {
    name: data.name,
    type: data.type,
    agent: data.agent ?? null,
    tool: data.tool ?? null,
    parent: data.parent ?? null,
    dependsOn: data.depends_on,
    status: 'running',
    attempt: data.attempt,
    startedAt: first,
    finishedAt: null,
    retry: null,
    error: null,
    waiting: null,
  });
}

function scoreOf(data: RunEventData<'quality.scored'>): Score {
  const { score, grade, threshold, passed, dimensions } = data;
  return { score, grade, threshold: threshold ?? null, passed: passed ?? null, dimensions };
}

/** A wait is over as soon as the step, or one inside it, does something else. */
function endWaits(state: RunState, event: RunEvent): RunState {
  let next = state;
  const seen = new Set<string>();
  for (let id = event.step_id ?? null; id !== null && !seen.has(id);) {
    seen.add(id);
    const step: StepView | undefined = next.steps[id];
    if (step !== undefined && step.waiting !== null) next = withStep(next, id, { waiting: null });
    id = step?.parent ?? null;
  }
  return next;
}

function waitStep(state: RunState, event: RunEvent): RunState {
  const stepId = event.step_id ?? '';
  if (event.type === 'step.waiting') {
    const { reason, until, signal, run_id } = event.data;
    const runId = run_id ?? null;
    return withStep(state, stepId, {
      waiting: { reason, until: until ?? null, signal: signal ?? null, runId },
      ...(runId === null ? {} : { subRunId: runId }),
    });
  }
  if (event.type === 'step.waiting_approval') {
    const { approval_id: approvalId, title, due_at: dueAt } = event.data;
    const approvals = { ...state.approvals, [approvalId]: { approvalId, stepId, title, dueAt } };
    return atWork({ ...withStep(state, stepId, { status: 'waiting_approval' }), approvals });
  }
  if (event.type !== 'approval.decided') return state;
  const { approval_id, decision, by, comment } = event.data;
  const { [approval_id]: _, ...approvals } = state.approvals;
  const step = state.steps[stepId];
  const decided = withStep(state, stepId, {
    ...(step?.status === 'waiting_approval' ? { status: 'running' as const } : {}),
    decision: { decision, by: by.name, comment: comment ?? null },
  });
  return atWork({ ...decided, approvals });
}

function scored(state: RunState, event: RunEvent & { type: 'quality.scored' }): RunState {
  const quality = scoreOf(event.data);
  if (event.step_id === undefined) return { ...state, quality };
  return withStep(state, event.step_id, { quality });
}

function applyStepEvent(state: RunState, event: RunEvent): RunState {
  const stepId = event.step_id;
  if (stepId === undefined) return state;
  switch (event.type) {
    case 'step.started':
      return startStep(state, event, event.data);
    case 'step.progress':
      return withStep(state, stepId, {
        progress: { message: event.data.message, ratio: event.data.ratio ?? null },
      });
    case 'step.retrying':
      return withStep(state, stepId, {
        status: 'retrying',
        attempt: event.data.attempt,
        retry: { delayMs: event.data.delay_ms, error: event.data.error },
      });
    case 'step.completed':
      return withStep(state, stepId, {
        status: 'completed',
        finishedAt: event.at,
        outputPreview: event.data.output_preview,
        usage: event.data.usage,
        reusedFrom: event.data.reused_from ?? null,
        subRunId: event.data.sub_run_id ?? state.steps[stepId]?.subRunId ?? null,
        progress: null,
        retry: null,
      });
    case 'step.failed':
      return withStep(state, stepId, {
        status: 'failed',
        finishedAt: event.at,
        error: event.data.error,
        attempt: event.data.attempts,
        subRunId: event.data.sub_run_id ?? state.steps[stepId]?.subRunId ?? null,
        progress: null,
        retry: null,
      });
    case 'step.skipped':
      return withStep(state, stepId, {
        status: 'skipped',
        finishedAt: event.at,
        skippedReason: event.data.reason,
      });
    default:
      return waitStep(state, event);
  }
}

function ended(
  state: RunState,
  event: RunEvent,
  change: Pick<RunState, 'status'> & Partial<Pick<RunState, 'error'>> & { usage?: Usage },
): RunState {
  const { usage, ...rest } = change;
  return {
    ...closeOpenSteps(state, event.at, rest.status === 'completed'),
    ...rest,
    usage: usage ?? state.usage,
    finishedAt: event.at,
  };
}

function applyRunEvent(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run.created':
      return { ...state, createdAt: event.at };
    case 'run.started':
      return atWork({
        ...state,
        startedAt: state.startedAt ?? event.at,
        recoveries: state.recoveries + (event.data.recovered === true ? 1 : 0),
      });
    case 'run.paused':
      return { ...state, status: 'paused' };
    case 'run.resumed':
      return state.status === 'paused' ? atWork({ ...state, status: 'queued' }) : state;
    case 'run.completed':
      return ended(state, event, { status: 'completed', usage: event.data.usage });
    case 'run.failed':
      return ended(state, event, {
        status: 'failed',
        error: event.data.error,
        usage: event.data.usage,
      });
    case 'run.cancelled':
      return ended(state, event, { status: 'cancelled' });
    default:
      return state;
  }
}

/**
 * The state after `event`. Pure. An event that is not newer than the last one changes nothing, so replays after a
 * reconnect are harmless; an event of a type this version does not know only enters the log.
 */
export function applyEvent(state: RunState, event: RunEvent): RunState {
  if (event.seq <= state.lastSeq) return state;
  const seen = endWaits({ ...state, lastSeq: event.seq }, event);
  const area = event.type.split('.')[0];
  if (area === 'run') return applyRunEvent(seen, event);
  if (area === 'step' || area === 'approval') return applyStepEvent(seen, event);
  if (event.type === 'quality.scored') return scored(seen, event);
  if (area === 'llm' || area === 'tool') return applyCallEvent(seen, event);
  return seen;
}

/** The state after several events, in order; keeps them for the log. */
export function applyEvents(state: RunState, events: readonly RunEvent[]): RunState {
  let next = state;
  const added: RunEvent[] = [];
  for (const event of events) {
    const after = applyEvent(next, event);
    if (after !== next) added.push(event);
    next = after;
  }
  return added.length === 0 ? state : { ...next, events: [...state.events, ...added] };
}

/** The step to look at when the reader has chosen none: what asks a person, else what runs now, else what failed, else the last that made calls. */
export function focusStep(state: RunState): string | null {
  const all = state.stepOrder.flatMap((id) => state.steps[id] ?? []);
  const outer = new Set(all.map((step) => step.parent));
  const leaves = all.filter((step) => step.type !== 'parallel' && !outer.has(step.stepId));
  const asks = leaves.find((step) => step.status === 'waiting_approval');
  const running = leaves.find((step) => step.status === 'running' || step.status === 'retrying');
  const failed = leaves.find((step) => step.status === 'failed');
  const started = leaves
    .filter((step) => step.startedAt !== null)
    .toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
  const busy = started.findLast((step) => step.calls.length > 0);
  return (asks ?? running ?? failed ?? busy ?? started.at(-1) ?? leaves[0])?.stepId ?? null;
}
