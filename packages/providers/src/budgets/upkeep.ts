import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import { windowKey } from './budget-window.ts';
import type { CallLedger } from './call-ledger.ts';
import { noteCalls, pruneCounters, reapGrants } from './counter-store.ts';
import type { PurseDesk } from './purse-desk.ts';

const REAP_MS_MAX = 15_000;
const PRUNE_MS = 6 * 3_600_000;

interface UpkeepDeps {
  database: Pick<Database, 'workspace' | 'system' | 'capabilities'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** What is done by the clock: telling, renewing, reaping, clearing away. Nothing of it fails; what could not be done is done later. */
export function createUpkeep({
  deps: { database, clock, logger, metrics },
  desk,
  ledger,
  holder,
}: {
  deps: UpkeepDeps;
  desk: PurseDesk;
  ledger: CallLedger;
  holder: { id: string; leaseMs: number };
}) {
  let reapedAt = -Infinity;
  let prunedAt = -Infinity;
  const shown = new Set<string>();

  const tellCalls = () => tellDearest({ database, clock, logger }, ledger);
  /** A database of one process: whoever else holds money is gone. */
  async function reap(): Promise<void> {
    reapedAt = clock.now();
    const gone = await database.system((tx) =>
      reapGrants(tx, database.capabilities.multiProcess ? {} : { othersThan: holder.id }),
    );
    for (const { budgetId, windowKey: key, micros } of gone.filter((each) => each.micros > 0))
      logger.warn(
        { budget: budgetId, window: key, micros },
        'a process is gone with money of a budget in its hands; it counts as spent',
      );
  }
  async function beat(): Promise<void> {
    await desk.tidy();
    await tellCalls();
    const shares = desk.remaining();
    for (const scope of new Set([...shown, ...shares.keys()])) {
      // A window that nobody uses any more, e.g. of a run that ended, must not alarm for ever.
      metrics.set('amas_budget_remaining_ratio', { scope }, shares.get(scope) ?? 1);
      shown.add(scope);
    }
    try {
      if (clock.now() - reapedAt > Math.min(REAP_MS_MAX, holder.leaseMs / 4)) await reap();
      if (clock.now() - prunedAt > PRUNE_MS) {
        prunedAt = clock.now();
        await database.system(pruneCounters);
      }
    } catch (error) {
      logger.warn({ error: String(error) }, 'upkeep of budgets put off');
    }
  }
  return { tellCalls, reap, beat };
}

/** Tells the dearest call and the refusals of budgets per call; what could not be told is told later. */
async function tellDearest(
  { database, clock, logger }: Pick<UpkeepDeps, 'database' | 'clock' | 'logger'>,
  ledger: CallLedger,
): Promise<void> {
  const now = clock.now();
  const notes = ledger.drain(now);
  for (const [index, { budget, dearest, refused }] of notes.entries())
    try {
      await database.workspace(budget.workspaceId as WorkspaceId, (tx) =>
        noteCalls(tx, {
          budgetId: budget.id,
          windowKey: windowKey(budget, { now }),
          workspaceId: budget.workspaceId,
          dearest,
          refused,
        }),
      );
    } catch (error) {
      ledger.restore(notes.slice(index));
      logger.warn({ error: String(error) }, 'counts of calls not told, later again');
      return;
    }
}
