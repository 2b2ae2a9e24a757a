/**
 * What a reservation and its settlement cost a call: money held in chunks, beside one transaction per reservation and one per
 * settlement, and beside no budget; over two budgets at 1 and 16 calls at once. `node bench/budgets.ts [--calls 2000]`.
 */
import { parseArgs } from 'node:util';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createBudgets } from '@automatos/providers';
import { median, table } from './measure.ts';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '2000' } } });
const CALLS = Number(values.calls);
const LIMIT_MICROS = 1_000_000_000;
const WORST_MICROS = 1_000;
const COST_MICROS = 300;

const unit = (micros: number) => ({
  inputMicros: micros,
  outputMicros: micros,
  cachedInputMicros: null,
  cacheWriteMicros: null,
});

/** Microseconds of each of `CALLS` pieces of work with `at` under way at once. */
async function timed(at: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  let left = CALLS;
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (left-- > 0) {
        const startedAt = performance.now();
        await work();
        times.push((performance.now() - startedAt) * 1000);
      }
    }),
  );
  return times;
}

function createRoom(test: TestDatabase) {
  return createBudgets({
    database: test.database,
    clock: systemClock,
    logger: silentLogger,
    metrics: noMetrics,
    agents: async () => [],
  });
}

async function inChunks(test: TestDatabase, at: number, budgets: number): Promise<number[]> {
  const room = createRoom(test);
  const ids: string[] = [];
  for (const window of (['total', 'day'] as const).slice(0, budgets)) {
    const made = await room.service.create(test.workspaceId, {
      name: window,
      window,
      agent: null,
      limit_micros: LIMIT_MICROS,
      unknown_price_ceiling: null,
      enabled: true,
    });
    ids.push(made.id);
  }
  const times = await timed(at, async () => {
    const held = await room.gate.reserve({
      owner: { workspaceId: test.workspaceId, callId: newId(), source: 'api' },
      price: unit(1_000_000),
      inputTokens: WORST_MICROS / 2,
      maxOutputTokens: WORST_MICROS / 2,
      extraMicros: 0,
      signal: new AbortController().signal,
    });
    await held.settle(COST_MICROS);
  });
  for (const id of ids) await room.service.remove(test.workspaceId, id);
  await room.close();
  return times;
}

/** The plain way: `spent + reserved + claim <= limit` in one transaction per reservation, another per settlement. */
async function perCall(test: TestDatabase, at: number): Promise<number[]> {
  const { database, workspaceId } = test;
  const ids = [newId(), newId()].toSorted();
  for (const id of ids)
    await database.pool.query(
      `INSERT INTO budget_counters (budget_id, window_key, workspace_id) VALUES ($1, 'total', $2)`,
      [id, workspaceId],
    );
  const move = (reserved: number, spent: number) =>
    database.workspace(workspaceId, async (tx) => {
      for (const id of ids)
        await tx.execute(
          `UPDATE budget_counters SET reserved_micros = reserved_micros + ${reserved}, spent_micros = spent_micros + ${spent}
           WHERE budget_id = '${id}' AND window_key = 'total' AND spent_micros + reserved_micros + ${reserved} <= ${LIMIT_MICROS}`,
        );
    });
  return timed(at, async () => {
    await move(WORST_MICROS, 0);
    await move(-WORST_MICROS, COST_MICROS);
  });
}

const test = await createTestDatabase();
const rows: Record<string, string | number>[] = [];
const show = (way: string, at: number, times: number[]) =>
  rows.push({
    way,
    'calls at once': at,
    'p50 µs': Math.round(median(times) * 10) / 10,
    'p99 µs':
      Math.round((times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0) * 10) / 10,
  });
for (const at of [1, 16]) {
  show('no budget', at, await inChunks(test, at, 0));
  show('two budgets, in chunks', at, await inChunks(test, at, 2));
  show('two budgets, two transactions per call', at, await perCall(test, at));
}
process.stdout.write(`${databaseKind()} database, ${CALLS} calls each\n${table(rows)}\n`);
await test.close();
