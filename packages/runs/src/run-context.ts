import { deserializeError, serializeError, toPlatformError } from '@automatos/kernel';
import type {
  Clock,
  JsonObject,
  JsonValue,
  RunId,
  SerializedError,
  WorkspaceId,
} from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { never } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import type { saveArtifact } from './artifact-store.ts';
import { OwnershipLost } from './engine.ts';
import type { Journal } from './journal.ts';
import type { RunContext, StepAttempt } from './types.ts';

interface Deps {
  runId: RunId;
  workspaceId: WorkspaceId;
  plan: JsonObject;
  inputs: JsonObject;
  active: ActiveRun;
  journal: Journal;
  clock: Clock;
  emit: RunContext['emit'];
  /** Resolves when the event writer has room. */
  ready: () => Promise<void>;
  saveArtifact: (
    artifact: Parameters<RunContext['saveArtifact']>[0],
  ) => ReturnType<typeof saveArtifact>;
}

/** What the journal keeps of a call. Failures are results too: a failed call is not made again on replay. */
type StepRecord = { ok: true; value: JsonValue } | { ok: false; error: SerializedError };
type StepBody = (attempt: StepAttempt) => Promise<JsonValue>;

/** Builds the context of one execution of a run; see {@link RunContext} for the promises. */
export function createRunContext(deps: Deps): RunContext {
  return laneContext(deps, 0);
}

function laneContext(deps: Deps, lane: number): RunContext {
  const { active, journal, clock } = deps;
  const nextNumber = journal.openLane(lane);

  async function step(name: string, body: StepBody, extra?: AbortSignal): Promise<JsonValue> {
    // Taken before anything is awaited: the order of calls in this lane decides the number.
    const number = nextNumber();
    await active.gate();
    await deps.ready();
    try {
      const record = (await journal.perform(number, name, () =>
        attemptStep(deps, name, { body, extra }),
      )) as StepRecord;
      if (active.stopReason) return await never();
      if (record.ok) return record.value;
      throw deserializeError(record.error);
    } catch (error) {
      if (error instanceof OwnershipLost) active.stop('lost');
      if (active.stopReason) return never();
      throw error;
    }
  }

  return {
    runId: deps.runId,
    workspaceId: deps.workspaceId,
    plan: deps.plan,
    inputs: deps.inputs,
    signal: active.signal,
    step: (name, body, options) => step(name, body as StepBody, options?.signal) as Promise<never>,
    async lane(index, body) {
      if (lane !== 0) throw new Error('lanes do not nest');
      if (!Number.isInteger(index) || index < 1 || index > 200_000)
        throw new Error(`lane ${index} is out of range`);
      return body(laneContext(deps, index));
    },
    async sleep(name, ms) {
      const until = (await step(`sleep:${name}`, () =>
        Promise.resolve(clock.now() + ms),
      )) as number;
      const left = until - clock.now();
      if (left > 0)
        await Promise.race([
          clock.sleep(left, active.signal).catch(never),
          active.stopped.catch(never),
        ]);
      await active.gate();
    },
    now: (name) => step(`now:${name}`, () => Promise.resolve(clock.now())) as Promise<number>,
    emit(event) {
      if (!active.stopReason) deps.emit(event);
    },
    saveArtifact: (artifact) =>
      step(`artifact:${artifact.name}`, () => deps.saveArtifact(artifact)) as ReturnType<
        RunContext['saveArtifact']
      >,
  };
}

/**
 * Runs the body of one call. When the run is stopped meanwhile (cancel, shutdown) the promise never settles: nothing is
 * recorded then, and after a shutdown the call is made again with the same idempotency key.
 */
async function attemptStep(
  deps: Deps,
  name: string,
  call: { body: StepBody; extra: AbortSignal | undefined },
): Promise<JsonValue> {
  const { active } = deps;
  const signal = call.extra ? AbortSignal.any([active.signal, call.extra]) : active.signal;
  let record: StepRecord;
  try {
    const value = await call.body({
      signal,
      idempotencyKey: contentHash([deps.runId, name]),
      executionId: crypto.randomUUID().slice(0, 8),
    });
    record = { ok: true, value: value ?? null };
  } catch (error) {
    record = { ok: false, error: serializeError(toPlatformError(error)) };
  }
  return active.stopReason ? never() : (record as unknown as JsonValue);
}
