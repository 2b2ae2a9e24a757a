import type { WorkspaceBudgetInput } from '@automatos/contracts';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import type { BudgetClaim } from '../../router/ports.ts';
import { createBudgets } from '../create-budgets.ts';
import type { BudgetOptions, Budgets } from '../create-budgets.ts';

/** One micro-dollar per token, in and out. */
export const UNIT_PRICE = {
  inputMicros: 1_000_000,
  outputMicros: 1_000_000,
  cachedInputMicros: null,
  cacheWriteMicros: null,
};
export const UNKNOWN_PRICE = { ...UNIT_PRICE, inputMicros: null, outputMicros: null };

export type ClaimParts = Partial<Omit<BudgetClaim, 'owner'>> & Partial<BudgetClaim['owner']>;

/** A claim of 10 tokens in and 90 out at a micro-dollar each, unless said otherwise. */
export function claimOf(test: TestDatabase, parts: ClaimParts = {}): BudgetClaim {
  const { workspaceId, callId, source, runId, agent, ...rest } = parts;
  return {
    owner: {
      workspaceId: workspaceId ?? test.workspaceId,
      callId: callId ?? newId(),
      source: source ?? 'run',
      ...(runId === undefined ? {} : { runId }),
      ...(agent === undefined ? {} : { agent }),
    },
    price: UNIT_PRICE,
    inputTokens: 10,
    maxOutputTokens: 90,
    extraMicros: 0,
    signal: new AbortController().signal,
    ...rest,
  };
}

export function budgetInput(parts: Partial<WorkspaceBudgetInput> = {}): WorkspaceBudgetInput {
  return {
    name: 'cap',
    window: 'total',
    agent: null,
    limit_micros: 1_000,
    unknown_price_ceiling: null,
    enabled: true,
    ...parts,
  };
}

/** Numbers as they were counted, and log lines. */
export function createWitness() {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  const note = (_fields: object, message?: string) => void lines.push(message ?? '');
  const logger: Logger = { ...silentLogger, warn: note, child: () => logger } as Logger;
  const metrics: Metrics = {
    count: (name, labels) => {
      const key = `${name}{${Object.values(labels ?? {}).join()}}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    observe() {},
    set() {},
  };
  return { counts, lines, logger, metrics };
}

/** A process's budgets on the database of a test. */
export function openRoom(
  test: TestDatabase,
  parts: {
    clock?: Clock;
    options?: Partial<BudgetOptions>;
    witness?: ReturnType<typeof createWitness>;
    database?: TestDatabase['database'];
  } = {},
): Budgets {
  const witness = parts.witness ?? createWitness();
  return createBudgets({
    database: parts.database ?? test.database,
    clock: parts.clock ?? systemClock,
    logger: witness.logger,
    metrics: witness.metrics,
    agents: async () => ['scout', 'writer'],
    options: { waitMs: 200, tellMs: 20, ...parts.options },
  });
}

/** Removes all budgets and counts. */
export async function wipe(test: TestDatabase): Promise<void> {
  await test.database.pool.query('DELETE FROM budgets');
  await test.database.pool.query('DELETE FROM budget_counters');
  await test.database.pool.query('DELETE FROM budget_grants');
}

/** What the database says of a counter. */
export async function counterOf(
  test: TestDatabase,
  budgetId: string,
): Promise<{ spent: number; reserved: number; refused: number } | undefined> {
  const { rows } = await test.database.pool.query<Record<'spent' | 'reserved' | 'refused', string>>(
    `SELECT spent_micros AS spent, reserved_micros AS reserved, refused FROM budget_counters
     WHERE budget_id = $1 ORDER BY window_key LIMIT 1`,
    [budgetId],
  );
  const row = rows[0];
  return (
    row && {
      spent: Number(row.spent),
      reserved: Number(row.reserved),
      refused: Number(row.refused),
    }
  );
}
