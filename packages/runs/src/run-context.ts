import { deserializeError, serializeError, toPlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue, RunId, SerializedError, WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { never } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import type { saveArtifact } from './artifact-store.ts';
import { durableSleep, inLane, recordedNow, recordedStep } from './engine.ts';
import type { RunContext, StepAttempt } from './types.ts';

interface Deps {
  runId: RunId;
  workspaceId: WorkspaceId;
  plan: JsonObject;
  inputs: JsonObject;
  active: ActiveRun;
  emit: RunContext['emit'];
  /** Resolves when the event writer has room. */
  ready: () => Promise<void>;
  saveArtifact: (artifact: Parameters<RunContext['saveArtifact']>[0]) => ReturnType<typeof saveArtifact>;
}

/** What the journal keeps of a call. Failures are results too: a failed call is not made again on replay. */
type StepRecord = { ok: true; value: JsonValue } | { ok: false; error: SerializedError };

/** Builds the context of one execution of a run; see {@link RunContext} for the promises. */
export function createRunContext(deps: Deps): RunContext {
  return laneContext(deps, 0);
}

function laneContext(deps: Deps, lane: number): RunContext {
  const { active } = deps;
  const context: RunContext = {
    runId: deps.runId,
    workspaceId: deps.workspaceId,
    plan: deps.plan,
    inputs: deps.inputs,
    signal: active.signal,
    async step(name, body, options) {
      await active.gate();
      await deps.ready();
      const record = await recordedStep(name, () => attemptStep(deps, name, body as (attempt: StepAttempt) => Promise<JsonValue>, options?.signal));
      if (active.stopReason) return never();
      if (!record.ok) throw deserializeError(record.error);
      return record.value as never;
    },
    async lane(index, body) {
      if (lane !== 0) throw new Error('lanes do not nest');
      if (!Number.isInteger(index) || index < 1 || index > 200_000) throw new Error(`lane ${index} is out of range`);
      return inLane(index, () => body(laneContext(deps, index)));
    },
    async sleep(_name, ms) {
      await active.gate();
      await durableSleep(ms);
      await active.gate();
    },
    now: () => recordedNow(),
    emit(event) {
      if (!active.stopReason) deps.emit(event);
    },
    saveArtifact: (artifact) => context.step(`artifact:${artifact.name}`, () => deps.saveArtifact(artifact)),
  };
  return context;
}

/**
 * Runs the body of one call. When the run is stopped meanwhile (cancel, shutdown) the promise never settles: the engine
 * then records nothing, and after a shutdown the call is made again with the same idempotency key.
 */
async function attemptStep(deps: Deps, name: string, body: (attempt: StepAttempt) => Promise<JsonValue>, extra?: AbortSignal): Promise<StepRecord> {
  const { active } = deps;
  const signal = extra ? AbortSignal.any([active.signal, extra]) : active.signal;
  try {
    const value = await body({ signal, idempotencyKey: contentHash([deps.runId, name]), executionId: crypto.randomUUID().slice(0, 8) });
    if (active.stopReason) return await never();
    return { ok: true, value: value ?? null };
  } catch (error) {
    if (active.stopReason) return await never();
    return { ok: false, error: serializeError(toPlatformError(error)) };
  }
}

