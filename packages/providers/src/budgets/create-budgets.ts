import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { BudgetGate } from '../router/ports.ts';
import { createBudgetGate } from './budget-gate.ts';
import { createBudgetList } from './budget-list.ts';
import { createBudgetService } from './budget-service.ts';
import type { BudgetService } from './budget-service.ts';
import { CallLedger } from './call-ledger.ts';
import { PurseDesk } from './purse-desk.ts';
import { createRootRuns } from './root-runs.ts';
import { createUpkeep } from './upkeep.ts';

export interface BudgetsDeps {
  database: Pick<Database, 'workspace' | 'system' | 'listen' | 'capabilities'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Slugs of the agents of a workspace. */
  agents: (workspaceId: WorkspaceId) => Promise<readonly string[]>;
  options?: Partial<BudgetOptions>;
}

export interface BudgetOptions {
  /** How long a call waits for money that other calls only hold, ms; default 30,000. */
  waitMs: number;
  /** How long money that a silent process holds stays its own, ms; default 60,000. */
  leaseMs: number;
  /** How often what was used is told to the database, ms; default 1,000. */
  tellMs: number;
}

export interface Budgets {
  gate: BudgetGate;
  service: BudgetService;
  /** Tells the database now what was used, and counts what processes that are gone held as spent; happens by itself as well. */
  settleUp(): Promise<void>;
  /** Gives back what is not in use and stops; what calls under way hold counts as spent when its lease is over. */
  close(): Promise<void>;
}

const DEFAULTS: BudgetOptions = { waitMs: 30_000, leaseMs: 60_000, tellMs: 1_000 };

/** Creates the budgets room: the gate that every call passes and the use cases of the API. The database is first used by the first call. */
export function createBudgets(deps: BudgetsDeps): Budgets {
  const options = { ...DEFAULTS, ...deps.options };
  const { database, clock, logger, metrics } = deps;
  const holder = { id: newId<'budget_holder'>(clock.now()), leaseMs: options.leaseMs };
  const desk = new PurseDesk({ database, clock, logger, holder });
  const ledger = new CallLedger();
  const list = createBudgetList({ database, clock, logger });
  const upkeep = createUpkeep({ deps, desk, ledger, holder });
  const heart = createHeart(deps, {
    beatMs: options.tellMs,
    open: async () => {
      const stops = [await list.listen(), await desk.listen()];
      await upkeep.reap();
      return stops;
    },
    beat: () => upkeep.beat(),
  });

  const gate = createBudgetGate({
    budgets: (workspaceId) =>
      heart.isBeating() ? list.of(workspaceId) : heart.start().then(() => list.of(workspaceId)),
    rootRun: createRootRuns(database),
    desk,
    ledger,
    clock,
    logger,
    metrics,
    waitMs: options.waitMs,
  });
  const service = createBudgetService({
    database,
    clock,
    agents: deps.agents,
    tell: async (workspaceId) => {
      await desk.tidy({ workspaceId, all: true });
      await upkeep.tellCalls();
    },
    changed: (workspaceId) => list.forget(workspaceId),
  });
  return {
    gate,
    service,
    async settleUp() {
      await desk.tidy({ all: true });
      await upkeep.tellCalls();
      await upkeep.reap();
    },
    async close() {
      await heart.stop();
      await desk.tidy({ all: true, leave: true });
      await upkeep.tellCalls();
    },
  };
}

/** Starts with the first call, then does what is due by the clock until it is stopped. */
function createHeart(
  { clock }: Pick<BudgetsDeps, 'clock'>,
  work: { beatMs: number; open: () => Promise<(() => Promise<void>)[]>; beat: () => Promise<void> },
) {
  const stopping = new AbortController();
  let opened: Promise<(() => Promise<void>)[]> | undefined;
  let beating: Promise<void> | undefined;

  async function beat(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(work.beatMs, stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) await work.beat();
    }
  }
  return {
    isBeating: () => beating !== undefined,
    async start(): Promise<void> {
      opened ??= work.open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      await opened;
      beating ??= beat();
    },
    async stop(): Promise<void> {
      stopping.abort();
      const stops = (await opened?.catch(() => undefined)) ?? [];
      await beating;
      for (const stop of stops) await stop();
    },
  };
}
