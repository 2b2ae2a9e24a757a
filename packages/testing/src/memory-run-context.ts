import { randomUUID } from 'node:crypto';
import { deserializeError, newId, serializeError } from '@automatos/kernel';
import type { JsonObject, JsonValue, RunId, SerializedError, WorkspaceId } from '@automatos/kernel';
import type {
  ApprovalOutcome,
  ApprovalRequest,
  EmitEvent,
  RunContext,
  StepAttempt,
  SubRunOutcome,
} from '@automatos/runs';

/** What stays when a process dies: give it to the next context of the same run. */
export interface MemoryJournal {
  /** Finished calls by number. */
  steps: Map<number, { name: string; ok: boolean; json: string }>;
  /** Stored events by key: the same key again stores nothing. */
  events: Map<string, EmitEvent>;
  artifacts: Map<string, { id: string; content: string | Uint8Array }>;
}

export function createMemoryJournal(): MemoryJournal {
  return { steps: new Map(), events: new Map(), artifacts: new Map() };
}

/** Thrown by every call of a context that has "crashed". */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface MemoryRunOptions {
  journal?: MemoryJournal;
  /** The process dies as soon as this many calls are in the journal; what is under way then is not recorded. */
  crashAfterSteps?: number;
  runId?: RunId;
  workspaceId?: WorkspaceId;
  plan?: JsonObject;
  inputs?: JsonObject;
  signal?: AbortSignal;
  now?: () => number;
  /** Who decides; without one, an approval waits until its signal aborts. What it returns is filled up as approved now by nobody. */
  decide?: (
    request: ApprovalRequest,
  ) => Partial<ApprovalOutcome> | Promise<Partial<ApprovalOutcome>>;
  /** Answers waits for a signal; without one, a wait with a time limit passes it at once, and one without waits for its abort. */
  signalled?: (request: SignalRequest) => { payload: JsonValue } | null;
  /** Carries out sub-runs; what it returns is filled up as completed without outputs. Its signal is the call's. */
  subRun?: (
    request: SubRunRequest,
    signal: AbortSignal,
  ) => Partial<SubRunOutcome> | Promise<Partial<SubRunOutcome>>;
  /** Hears of waits for a time, which pass at once. */
  onSleep?: (name: string, ms: number) => void;
  reused?: ReadonlyMap<string, JsonValue>;
  reusedFrom?: string;
  dryRun?: boolean;
  /** Holds steps before they are told; without one, nothing is paused. */
  gate?: RunContext['gate'];
  /** Takes places of limits; without one, there is always one. */
  place?: RunContext['place'];
}

type SignalRequest = Parameters<RunContext['signalled']>[0];
type SubRunRequest = Parameters<RunContext['subRun']>[0];

export interface MemoryRun {
  context: RunContext;
  journal: MemoryJournal;
  /** Names of the calls whose body ran in this execution, in order of their start. */
  executed: string[];
  /** Stored events in order, those of earlier executions included. */
  events(): EmitEvent[];
}

const LANE_SIZE = 10_000;
const FIRST_FORK_LANE = 20_001;

/**
 * A run's context in memory with the engine's rules: calls are numbered when they are made, results and failures pass
 * through JSON, a recorded call is never made again, and another name at a recorded number is an error.
 */
export function createMemoryRun(options: MemoryRunOptions = {}): MemoryRun {
  const journal = options.journal ?? createMemoryJournal();
  const executed: string[] = [];
  const state: Execution = {
    options,
    journal,
    executed,
    crash: new AbortController(),
    nextLane: firstFreeLane(journal),
    runId: options.runId ?? newId<'run'>(),
    workspaceId: options.workspaceId ?? newId<'workspace'>(),
  };
  if (isPast(state)) crash(state);
  return {
    context: contextOf(state, 0),
    journal,
    executed,
    events: () => [...journal.events.values()],
  };
}

interface Execution {
  options: MemoryRunOptions;
  journal: MemoryJournal;
  executed: string[];
  crash: AbortController;
  /** First lane that no fork has. */
  nextLane: number;
  runId: RunId;
  workspaceId: WorkspaceId;
}

function isPast({ options, journal }: Execution): boolean {
  return options.crashAfterSteps !== undefined && journal.steps.size >= options.crashAfterSteps;
}

function crash(state: Execution): void {
  state.crash.abort(new SimulatedCrash('the process died here'));
}

function firstFreeLane(journal: MemoryJournal): number {
  const ends = [...journal.steps.values()].flatMap(({ name, json }) => {
    if (!name.startsWith('fork:')) return [];
    const range = JSON.parse(json) as { first: number; count: number };
    return [range.first + range.count];
  });
  return Math.max(FIRST_FORK_LANE, ...ends);
}

type StepBody = (attempt: StepAttempt) => Promise<JsonValue | void>;

function contextOf(state: Execution, lane: number): RunContext {
  const { options, journal } = state;
  let next = 0;
  const now = options.now ?? (() => Date.now());
  const signal = options.signal ?? new AbortController().signal;

  async function step(name: string, body: StepBody, extra?: AbortSignal): Promise<JsonValue> {
    const number = lane * LANE_SIZE + next++;
    state.crash.signal.throwIfAborted();
    const known = journal.steps.get(number);
    if (known !== undefined) {
      if (known.name !== name)
        throw new Error(
          `the journal has "${known.name}" as call ${number}, the code makes "${name}"`,
        );
      return replay(known);
    }
    state.executed.push(name);
    const attempt: StepAttempt = {
      signal: AbortSignal.any([
        signal,
        state.crash.signal,
        ...(extra === undefined ? [] : [extra]),
      ]),
      idempotencyKey: `${state.runId}:${name}`,
      executionId: randomUUID().slice(0, 8),
    };
    const record = await attempted(body, attempt);
    state.crash.signal.throwIfAborted();
    journal.steps.set(number, { name, ...record });
    if (isPast(state)) crash(state);
    return replay(record);
  }

  return {
    runId: state.runId,
    workspaceId: state.workspaceId,
    plan: options.plan ?? {},
    inputs: options.inputs ?? {},
    signal,
    reused: options.reused ?? new Map(),
    reusedFrom: options.reusedFrom ?? null,
    dryRun: options.dryRun ?? false,
    step: (name, body, extra) => step(name, body as StepBody, extra?.signal) as Promise<never>,
    async lane(index, body) {
      if (lane !== 0) throw new Error('lanes do not nest');
      if (!Number.isInteger(index) || index < 1 || index >= FIRST_FORK_LANE)
        throw new Error(`lane ${index} is out of range`);
      return body(contextOf(state, index));
    },
    async fork(name, count) {
      const range = (await step(`fork:${name}`, () => {
        const first = state.nextLane;
        state.nextLane += count;
        return Promise.resolve({ first, count });
      })) as { first: number; count: number };
      if (range.count !== count) throw new Error(`fork "${name}" had ${range.count} lanes`);
      return Array.from({ length: count }, (_, index) => contextOf(state, range.first + index));
    },
    async sleep(name, ms, extra) {
      extra?.signal?.throwIfAborted();
      await step(`sleep:${name}`, () => {
        options.onSleep?.(name, ms);
        return Promise.resolve(null);
      });
    },
    gate: options.gate ?? (() => Promise.resolve()),
    now: (name) => step(`now:${name}`, () => Promise.resolve(now())) as Promise<number>,
    emit(event) {
      if (state.crash.signal.aborted || journal.events.has(event.key)) return;
      journal.events.set(event.key, structuredClone(event) as EmitEvent);
    },
    async saveArtifact({ name, content }) {
      return (await step(`artifact:${name}`, async (attempt) => {
        const whole = typeof content === 'function' ? await content(attempt.signal) : content;
        const saved = journal.artifacts.get(name) ?? { id: newId<'artifact'>(), content: whole };
        journal.artifacts.set(name, saved);
        return { id: saved.id, bytes: Buffer.byteLength(whole) };
      })) as { id: string; bytes: number };
    },
    ...waitsOf(state, step, now),
  };
}

type Step = (name: string, body: StepBody, extra?: AbortSignal) => Promise<JsonValue>;

/** What waits for the world: its answers are scripted, and recorded like the result of any call. */
function waitsOf(
  { options }: Execution,
  step: Step,
  now: () => number,
): Pick<RunContext, 'approval' | 'signalled' | 'subRun' | 'place'> {
  return {
    approval: async (request, extra) =>
      (await step(
        `approval:${request.key}`,
        async ({ signal }) => {
          const outcome = await unlessAborted(signal, options.decide?.(request));
          const nobody = { decision: 'approved', by: null, comment: null, values: null };
          return { ...nobody, decidedAt: new Date(now()).toISOString(), ...outcome };
        },
        extra?.signal,
      )) as unknown as ApprovalOutcome,
    signalled: async (request, extra) =>
      (await step(
        `signal:${request.key}`,
        ({ signal }) => {
          const passes = request.timeoutMs === undefined ? undefined : null;
          const answer = options.signalled ? options.signalled(request) : passes;
          return unlessAborted(signal, answer as JsonValue | undefined);
        },
        extra?.signal,
      )) as { payload: JsonValue } | null,
    subRun: async (request, extra) =>
      (await step(
        `subrun:${request.key}`,
        async ({ signal }) => {
          const outcome = await unlessAborted(signal, options.subRun?.(request, signal));
          return { ...COMPLETED, runId: newId<'run'>(), ...outcome } as unknown as JsonValue;
        },
        extra?.signal,
      )) as unknown as SubRunOutcome,
    place: options.place ?? (() => Promise.resolve(() => Promise.resolve())),
  };
}

const COMPLETED: Omit<SubRunOutcome, 'runId'> = {
  status: 'completed',
  outputs: {},
  error: null,
  usage: {
    model_calls: 0,
    tool_calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    reasoning_tokens: 0,
    cost_micros: 0,
    estimated: false,
  },
  findingsTotal: 0,
};

/** The answer, or without one (undefined) nothing until the abort, whose reason it throws. */
async function unlessAborted<T>(
  signal: AbortSignal,
  answer: T | Promise<T> | undefined,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await (answer === undefined ? aborted.promise : Promise.race([answer, aborted.promise]));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function attempted(
  body: StepBody,
  attempt: StepAttempt,
): Promise<{ ok: boolean; json: string }> {
  try {
    return { ok: true, json: JSON.stringify((await body(attempt)) ?? null) };
  } catch (error) {
    return { ok: false, json: JSON.stringify(serializeError(error)) };
  }
}

function replay(record: { ok: boolean; json: string }): JsonValue {
  const value = JSON.parse(record.json) as JsonValue;
  if (record.ok) return value;
  throw deserializeError(value as unknown as SerializedError);
}
