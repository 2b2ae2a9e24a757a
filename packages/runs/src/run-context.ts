import {
  PlatformError,
  deserializeError,
  serializeError,
  toPlatformError,
} from '@automatos/kernel';
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
import { FIXED_LANES, FORK_PREFIX } from './journal.ts';
import type { Journal } from './journal.ts';
import type { RunWaits, WaitSite } from './run-waits.ts';
import type { MadeArtifact, RunContext, StepAttempt } from './types.ts';

interface Deps {
  runId: RunId;
  workspaceId: WorkspaceId;
  plan: JsonObject;
  inputs: JsonObject;
  reused: ReadonlyMap<string, JsonValue>;
  reusedFrom: string | null;
  dryRun: boolean;
  /** Raised by each execution that begins; older ones may not write. */
  epoch: number;
  active: ActiveRun;
  journal: Journal;
  clock: Clock;
  emit: RunContext['emit'];
  /** Resolves when the event writer has room. */
  ready: () => Promise<void>;
  saveArtifact: (artifact: MadeArtifact) => ReturnType<typeof saveArtifact>;
  waits: RunWaits;
  takePlace: TakePlace;
}

/** Takes a place of a limit that holds for parts of runs; the returned function gives it back. */
export type TakePlace = (
  request: Parameters<RunContext['place']>[0] & {
    runId: RunId;
    workspaceId: WorkspaceId;
    epoch: number;
  },
  signal: AbortSignal,
) => Promise<() => Promise<void>>;

/** What the journal keeps of a call. Failures are results too: a failed call is not made again on replay. */
type StepRecord = { ok: true; value: JsonValue } | { ok: false; error: SerializedError };
type StepBody = (attempt: StepAttempt) => Promise<JsonValue>;

/** Builds the context of one execution of a run; see {@link RunContext} for the promises. */
export function createRunContext(deps: Deps): RunContext {
  return laneContext(deps, 0);
}

/** Waits above this give the place among those that work back. */
const SHORT_WAIT_MS = 1_000;
/** Timers take no more than 24 days. */
const SLEEP_MS_MAX = 3_600_000;

interface Call {
  body: StepBody;
  extra?: AbortSignal | undefined;
  /** The call waits for the world instead of working. */
  waits?: boolean;
}

type Step = (name: string, call: Call) => Promise<JsonValue>;

/** Makes the calls of one lane: numbered when made, answered from the journal when recorded. */
function stepOf(deps: Deps, nextNumber: () => number): Step {
  const { active, journal } = deps;
  async function perform(number: number, name: string, call: Call): Promise<StepRecord> {
    const made = () =>
      journal.perform(number, name, () => attemptStep(deps, name, call)) as Promise<unknown>;
    if (call.waits) return (await active.waiting(made)) as StepRecord;
    await active.enterWork();
    try {
      return (await made()) as StepRecord;
    } finally {
      active.leaveWork();
    }
  }
  return async (name, call) => {
    // Taken before anything is awaited: the order of calls in this lane decides the number.
    const number = nextNumber();
    await active.gate();
    await deps.ready();
    try {
      const record = await perform(number, name, call);
      // What a wait brought may come in the middle of a pause; the body goes on after it.
      if (call.waits) await active.gate();
      if (active.stopReason) return await never();
      if (record.ok) return record.value;
      throw deserializeError(record.error);
    } catch (error) {
      if (error instanceof OwnershipLost) active.stop('lost');
      if (active.stopReason) return never();
      throw error;
    }
  };
}

function laneContext(deps: Deps, lane: number): RunContext {
  const { active, journal, clock } = deps;
  const step = stepOf(deps, journal.openLane(lane));
  return {
    runId: deps.runId,
    workspaceId: deps.workspaceId,
    plan: deps.plan,
    inputs: deps.inputs,
    signal: active.signal,
    reused: deps.reused,
    reusedFrom: deps.reusedFrom,
    dryRun: deps.dryRun,
    step: (name, body, options) =>
      step(name, { body: body as StepBody, extra: options?.signal }) as Promise<never>,
    async lane(index, body) {
      if (lane !== 0) throw new Error('lanes do not nest');
      if (!Number.isInteger(index) || index < 1 || index > FIXED_LANES)
        throw new Error(`lane ${index} is out of range`);
      return body(laneContext(deps, index));
    },
    async fork(name, count) {
      const range = (await step(FORK_PREFIX + name, {
        body: () => Promise.resolve({ first: journal.takeLanes(count), count }),
      })) as { first: number; count: number };
      if (range.count !== count) throw otherFork(name, { recorded: range.count, count });
      return Array.from({ length: count }, (_, index) => laneContext(deps, range.first + index));
    },
    async sleep(name, ms, options) {
      const until = (await step(`sleep:${name}`, {
        body: () => Promise.resolve(clock.now() + ms),
      })) as number;
      await sleepUntil(deps, { name, until, ...options });
      await active.gate();
    },
    gate: () => active.gate(),
    now: (name) =>
      step(`now:${name}`, { body: () => Promise.resolve(clock.now()) }) as Promise<number>,
    emit: (event) => emitFrom(deps, event),
    saveArtifact: (artifact) =>
      step(`artifact:${artifact.name}`, {
        body: async ({ signal }) => {
          const { content } = artifact;
          const made = typeof content === 'function' ? await content(signal) : content;
          return deps.saveArtifact({ ...artifact, content: made });
        },
      }) as ReturnType<RunContext['saveArtifact']>,
    ...waitsOf(deps, step),
  };
}

function emitFrom(deps: Deps, event: Parameters<RunContext['emit']>[0]): void {
  if (!deps.active.stopReason) deps.emit(event);
}

function otherFork(name: string, { recorded, count }: { recorded: number; count: number }) {
  return new PlatformError({
    code: 'runs.journal.diverged',
    kind: 'internal',
    message: `This run recorded ${recorded} branches for "${name}" where the present code makes ${count}; it cannot go on under this version.`,
  });
}

/** Waits that end outside: each is one recorded call, and counts as waiting, not as working. */
function waitsOf(
  deps: Deps,
  step: Step,
): Pick<RunContext, 'approval' | 'signalled' | 'subRun' | 'place'> {
  const { active, clock, waits, runId, workspaceId, epoch } = deps;
  const site = (attempt: StepAttempt): WaitSite => ({
    runId,
    workspaceId,
    epoch,
    active,
    signal: attempt.signal,
    emit: (event) => emitFrom(deps, event),
  });
  const wait = (
    name: string,
    body: (at: WaitSite) => Promise<unknown>,
    extra: AbortSignal | undefined,
  ) =>
    step(name, {
      body: (attempt) => body(site(attempt)) as Promise<JsonValue>,
      extra,
      waits: true,
    }) as Promise<never>;
  return {
    approval: (request, options) =>
      wait(`approval:${request.key}`, (at) => waits.approval(at, request), options?.signal),
    async signalled({ timeoutMs, ...request }, options) {
      const until =
        timeoutMs === undefined
          ? null
          : ((await step(`signal:${request.key}:until`, {
              body: () => Promise.resolve(clock.now() + timeoutMs),
            })) as number);
      const name = `signal:${request.key}`;
      return wait(name, (at) => waits.signalled(at, { ...request, until }), options?.signal);
    },
    subRun: (request, options) =>
      wait(`subrun:${request.key}`, (at) => waits.subRun(at, request), options?.signal),
    async place(request, options) {
      const signal = options?.signal
        ? AbortSignal.any([active.signal, options.signal])
        : active.signal;
      try {
        return await active.waiting(() =>
          deps.takePlace({ ...request, runId, workspaceId, epoch }, signal),
        );
      } catch (error) {
        if (active.stopReason) return never();
        throw error;
      }
    },
  };
}

/** What is left of a recorded wait; a long one gives the run's place back and is told. */
async function sleepUntil(
  deps: Deps,
  wait: { name: string; until: number; stepId?: string; signal?: AbortSignal },
): Promise<void> {
  const { active, clock } = deps;
  const left = () => wait.until - clock.now();
  const signal = wait.signal ? AbortSignal.any([active.signal, wait.signal]) : active.signal;
  const sleep = async () => {
    try {
      while (left() > 0) await clock.sleep(Math.min(left(), SLEEP_MS_MAX), signal);
    } catch (error) {
      if (active.signal.aborted) await never();
      throw error;
    }
  };
  if (left() <= SHORT_WAIT_MS) return sleep();
  if (wait.stepId !== undefined) {
    emitFrom(deps, {
      type: 'step.waiting',
      key: `sleep:${wait.name}:waiting`,
      stepId: wait.stepId,
      data: { reason: 'time', until: new Date(wait.until).toISOString() },
    });
  }
  return active.waiting(sleep);
}

/**
 * Runs the body of one call. When the run is stopped meanwhile (cancel, shutdown) the promise never settles: nothing is
 * recorded then, and after a shutdown the call is made again with the same idempotency key.
 */
async function attemptStep(deps: Deps, name: string, call: Call): Promise<JsonValue> {
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
