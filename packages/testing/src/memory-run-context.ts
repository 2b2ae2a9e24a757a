import { randomUUID } from 'node:crypto';
import { deserializeError, newId, serializeError } from '@automatos/kernel';
import type { JsonObject, JsonValue, RunId, SerializedError, WorkspaceId } from '@automatos/kernel';
import type { EmitEvent, RunContext, StepAttempt } from '@automatos/runs';

/** What stays when a process dies: give it to the next context of the same run. */
export interface MemoryJournal {
  /** Finished calls by number. */
  steps: Map<number, { name: string; ok: boolean; json: string }>;
  /** Stored events by key: the same key again stores nothing. */
  events: Map<string, EmitEvent>;
  artifacts: Map<string, { id: string; content: string }>;
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
}

export interface MemoryRun {
  context: RunContext;
  journal: MemoryJournal;
  /** Names of the calls whose body ran in this execution, in order of their start. */
  executed: string[];
  /** Stored events in order, those of earlier executions included. */
  events(): EmitEvent[];
}

const LANE_SIZE = 10_000;

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
  runId: RunId;
  workspaceId: WorkspaceId;
}

function isPast({ options, journal }: Execution): boolean {
  return options.crashAfterSteps !== undefined && journal.steps.size >= options.crashAfterSteps;
}

function crash(state: Execution): void {
  state.crash.abort(new SimulatedCrash('the process died here'));
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
    step: (name, body, extra) => step(name, body as StepBody, extra?.signal) as Promise<never>,
    async lane(index, body) {
      if (lane !== 0) throw new Error('lanes do not nest');
      if (!Number.isInteger(index) || index < 1 || index > 200_000)
        throw new Error(`lane ${index} is out of range`);
      return body(contextOf(state, index));
    },
    async sleep(name) {
      await step(`sleep:${name}`, () => Promise.resolve(null));
    },
    now: (name) => step(`now:${name}`, () => Promise.resolve(now())) as Promise<number>,
    emit(event) {
      if (state.crash.signal.aborted || journal.events.has(event.key)) return;
      journal.events.set(event.key, structuredClone(event) as EmitEvent);
    },
    async saveArtifact({ name, content }) {
      const saved = journal.artifacts.get(name) ?? { id: newId<'artifact'>(), content };
      journal.artifacts.set(name, saved);
      return (await step(`artifact:${name}`, () =>
        Promise.resolve({ id: saved.id, bytes: Buffer.byteLength(content) }),
      )) as { id: string; bytes: number };
    },
  };
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
