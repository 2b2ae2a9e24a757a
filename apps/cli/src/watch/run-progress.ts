import type { RunEvent, RunEventData, RunStep } from '@automatos/sdk';

export interface StepProgress {
  id: string;
  name: string;
  status: RunStep['status'];
  agent: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** What it does now: a tool, a model, a message. */
  activity: string;
  attempts: number;
  findings: number;
  error: string | null;
}

/** What a person wants to see of a run, folded from its events. */
export interface RunProgress {
  status: string;
  startedAt: number;
  steps: Map<string, StepProgress>;
  inputTokens: number;
  outputTokens: number;
  /** Null as soon as one call has no known price. */
  costMicros: number | null;
  modelCalls: number;
  toolCalls: number;
  findings: number;
}

export function createRunProgress(
  run: { status: string; created_at: string },
  steps: readonly RunStep[],
): RunProgress {
  return {
    status: run.status,
    startedAt: Date.parse(run.created_at),
    steps: new Map(
      steps.map((step) => [step.step_id, emptyStep(step.step_id, step.name, step.agent)]),
    ),
    inputTokens: 0,
    outputTokens: 0,
    costMicros: 0,
    modelCalls: 0,
    toolCalls: 0,
    findings: 0,
  };
}

function emptyStep(id: string, name: string, agent: string | null): StepProgress {
  return {
    id,
    name,
    status: 'pending',
    agent,
    startedAt: null,
    finishedAt: null,
    activity: '',
    attempts: 0,
    findings: 0,
    error: null,
  };
}

const RUN_STATUS: Readonly<Partial<Record<RunEvent['type'], string>>> = {
  'run.started': 'running',
  'run.paused': 'paused',
  'run.resumed': 'running',
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

/** Folds one event in. Events come once and in order, so plain sums are right. */
export function applyEvent(progress: RunProgress, event: RunEvent): void {
  progress.status = RUN_STATUS[event.type] ?? progress.status;
  countUsage(progress, event);
  if (event.step_id === undefined) return;
  let step = progress.steps.get(event.step_id);
  if (step === undefined)
    progress.steps.set(event.step_id, (step = emptyStep(event.step_id, event.step_id, null)));
  applyToStep(step, event);
}

function countUsage(progress: RunProgress, event: RunEvent): void {
  if (event.type === 'llm.completed') {
    progress.modelCalls += 1;
    progress.inputTokens += event.data.input_tokens;
    progress.outputTokens += event.data.output_tokens;
    const cost = event.data.cost_micros;
    progress.costMicros =
      progress.costMicros === null || cost === null ? null : progress.costMicros + cost;
  } else if (event.type === 'tool.completed') {
    progress.toolCalls += 1;
    progress.findings += event.data.findings_total;
  } else if (event.type === 'tool.failed') progress.toolCalls += 1;
}

function applyToStep(step: StepProgress, event: RunEvent): void {
  const at = Date.parse(event.at);
  switch (event.type) {
    case 'step.started':
      Object.assign(step, {
        status: 'running',
        name: event.data.name,
        agent: event.data.agent ?? step.agent,
        attempts: event.data.attempt,
        activity: '',
      });
      step.startedAt ??= at;
      break;
    case 'step.progress':
      step.activity = event.data.message;
      break;
    case 'step.retrying':
      Object.assign(step, {
        status: 'retrying',
        activity: `retries after: ${event.data.error.message}`,
      });
      break;
    case 'step.completed':
      Object.assign(step, { status: 'completed', finishedAt: at, activity: '' });
      break;
    case 'step.failed':
      Object.assign(step, {
        status: 'failed',
        finishedAt: at,
        activity: '',
        error: event.data.error.message,
      });
      break;
    case 'step.skipped':
      Object.assign(step, { status: 'skipped', finishedAt: at, activity: event.data.reason });
      break;
    case 'llm.started':
      step.activity = `${event.data.provider}/${event.data.model} thinks`;
      break;
    case 'tool.started':
      step.activity = `tool ${event.data.tool}`;
      break;
    case 'tool.completed':
      step.findings += event.data.findings_total;
      step.activity = event.data.summary;
      break;
    case 'tool.failed':
      step.activity = `tool ${event.data.tool} failed: ${event.data.error.message}`;
      break;
    default:
      applyWait(step, event);
  }
}

function applyWait(step: StepProgress, event: RunEvent): void {
  if (event.type === 'step.waiting') step.activity = waitingFor(event.data);
  if (event.type === 'approval.decided')
    Object.assign(step, { status: 'running', activity: event.data.decision });
  if (event.type !== 'step.waiting_approval') return;
  Object.assign(step, {
    status: 'waiting_approval',
    activity: `waits for a decision: ${event.data.title}`,
  });
}

/** What a waiting step waits for, in words. */
export function waitingFor(data: RunEventData<'step.waiting'>): string {
  if (data.reason === 'signal') return `waits for the signal "${data.signal ?? ''}"`;
  if (data.reason === 'sub_run') return `waits for run ${data.run_id ?? ''}`;
  return `waits until ${data.until ?? ''}`;
}
