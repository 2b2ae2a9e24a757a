import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ActiveRun, StopReason } from './active-run.ts';
import { QUEUE_CHANNEL, createIntake } from './admission/intake.ts';
import type { Intake } from './admission/intake.ts';
import type { Places } from './admission/places.ts';
import { JOURNAL_VERSION, createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import { LEASE_TIMES, takeExecutorLease } from './executor-lease.ts';
import type { ExecutorLease, LeaseTimes } from './executor-lease.ts';
import { createRecoverySweep } from './recovery-sweep.ts';
import type { RecoverySweep } from './recovery-sweep.ts';
import { createRunExecutor } from './run-executor.ts';
import { CONTROL_CHANNEL } from './run-log.ts';
import type { ControlAction } from './run-log.ts';
import type { RunWaits } from './run-waits.ts';
import { createSemaphore } from './semaphore.ts';
import type { RunKind } from './types.ts';

/** Said on the queue's channel by a worker that has left: its runs are to be taken over. */
const GONE = 'gone';
const DRAIN_MS = 5_000;

interface Deps {
  database: Database;
  writer: EventWriter;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  kinds: Map<string, RunKind>;
  waits: RunWaits;
  /** Cancels parts whose run has ended without them: of one run, or whatever a crash left. */
  cancelOrphans: (parentRunId?: string) => Promise<number>;
  places: Places;
  /** Bodies at once in this process. */
  activeMax: number;
  /** Runs of a workspace at once, over all processes, where it sets nothing itself. */
  workspaceMax: number;
  options: WorkerOptions;
}

export interface WorkerOptions {
  /** How long calls under way may take to end when this process stops, ms; default 5,000. */
  drainMs?: number;
  /** When an executor that shows no sign of life is taken over; default after 10 s, with a sign every 2 s. */
  lease?: LeaseTimes;
  /** Version of the journals that this process writes and understands; another one only to test upgrades. */
  journalVersion?: string;
}

/** The part of the room that executes runs: a place among the executors, the intake, the engine and the sweep. */
export interface RunWorker {
  launch(): Promise<void>;
  /** Claims nothing more, lets calls under way end, stops the rest and signs off. */
  stop(): Promise<void>;
  /** Whether a run accepted now finds a place in this process. */
  hasRoom(): boolean;
  /** A run may wait in the queue: looks at once. */
  poke(): void;
  /** Applies a decision to a run that this process executes. */
  apply(action: ControlAction, runId: string): void;
  activeCount(): number;
}

export function createRunWorker(deps: Deps): RunWorker {
  const worker = new Worker(deps);
  // Whoever starts a run only wakes the worker: what this then does is not theirs, in logs and wherever else the request is known.
  const onItsOwn = AsyncLocalStorage.snapshot();
  return {
    launch: () => worker.launch(),
    stop: () => worker.stop(),
    hasRoom: () => worker.hasRoom(),
    poke: () => onItsOwn(() => worker.poke()),
    apply: (action, runId) => worker.apply(action, runId),
    activeCount: () => worker.active.size,
  };
}

/** What a launched worker consists of. */
interface Parts {
  engine: Engine;
  lease: ExecutorLease;
  intake: Intake;
  sweep: RecoverySweep;
  stopListening: (() => Promise<void>)[];
}

class Worker {
  readonly active = new Map<string, ActiveRun>();
  readonly #deps: Deps;
  #parts: Parts | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async launch(): Promise<void> {
    const { options, activeMax } = this.#deps;
    const journalVersion = options.journalVersion ?? JOURNAL_VERSION;
    const slots = createSemaphore(activeMax, () => this.#parts?.intake.freed());
    const lease = await takeExecutorLease({
      ...this.#deps,
      ...(options.lease ?? LEASE_TIMES),
      journalVersion,
      onLost: () => this.#stopAll('lost'),
    });
    const execute = createRunExecutor({
      ...this.#deps,
      active: this.active,
      slots,
      takePlace: this.#deps.places.take,
      prepared: ({ runId, token }) => this.#parts?.intake.take(runId, token),
      onFree: () => this.#parts?.intake.freed(),
    });
    const engine = createEngine({
      ...this.#deps,
      executorId: lease.owner,
      journalVersion,
      execute,
    });
    const shared = { ...this.#deps, engine, lease, journalVersion };
    try {
      await engine.launch();
      const intake = createIntake({ ...shared, slots });
      const sweep = createRecoverySweep({ ...shared, intake, active: this.active });
      this.#parts = { engine, lease, intake, sweep, stopListening: await this.#listen() };
    } catch (error) {
      await lease.release();
      throw error;
    }
    this.#parts.sweep.start();
  }

  async stop(): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    const { database, writer, logger, clock, options } = this.#deps;
    const until = clock.now() + (options.drainMs ?? DRAIN_MS);
    // From this moment on no call begins; the runs of a claim that is under way hear of it when it is through.
    const drained = this.#drain(until);
    await Promise.all([parts.intake.stop(), parts.sweep.stop(), drained]);
    await this.#drain(until);
    for (const stopListening of parts.stopListening) await stopListening();
    this.#stopAll('shutdown');
    await writer.stop();
    await parts.engine.shutdown();
    this.#parts = null;
    await parts.lease.release();
    if (!database.capabilities.multiProcess) return;
    await database.pool
      .query('SELECT pg_notify($1, $2)', [QUEUE_CHANNEL, GONE])
      .catch((error: unknown) =>
        logger.warn({ error: String(error) }, 'other workers not told, their sweep will see'),
      );
  }

  hasRoom(): boolean {
    return this.#parts?.intake.hasRoom() ?? false;
  }

  poke(): void {
    this.#parts?.intake.poke();
  }

  apply(action: ControlAction, runId: string): void {
    const run = this.active.get(runId);
    if (action === 'hold') run?.hold();
    if (action === 'signal') run?.wake();
    if (action === 'release') {
      run?.release();
      // A run that was held back in the queue may be claimed again.
      if (!run) this.poke();
    }
    if (action !== 'cancel') return;
    run?.stop('cancelled');
    this.#parts?.engine.cancel(runId).catch((error: unknown) => {
      const fields = { run_id: runId, error: String(error) };
      this.#deps.logger.warn(fields, 'workflow of a cancelled run not ended yet, the sweep will');
    });
  }

  async #listen(): Promise<(() => Promise<void>)[]> {
    const { database, places } = this.#deps;
    if (!database.capabilities.multiProcess) return [];
    return [
      await database.listen(CONTROL_CHANNEL, (payload) => {
        const [action = '', runId = ''] = payload.split(':');
        this.apply(action as ControlAction, runId);
      }),
      await database.listen(QUEUE_CHANNEL, (payload) => {
        if (payload === GONE) this.#parts?.sweep.hurry();
        else if (payload !== '') places.forget(payload as WorkspaceId);
        this.poke();
      }),
    ];
  }

  /** Calls under way end and are recorded, so that nobody has to make them again. */
  async #drain(until: number): Promise<void> {
    const { clock } = this.#deps;
    const timer = new AbortController();
    await Promise.race([
      Promise.all([...this.active.values()].map((run) => run.drain())),
      clock.sleep(Math.max(0, until - clock.now()), timer.signal).catch(() => undefined),
    ]);
    timer.abort();
  }

  #stopAll(reason: StopReason): void {
    for (const run of this.active.values()) run.stop(reason);
  }
}
