/**
 * Two minutes of calls to five vendors that fail, hang, slow down, cut streams and lie about their limits at random, with a real
 * budget in a database of its own: `node bench/chaos.ts [seconds] [callers] [seed]`.
 */
import { createTestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createBudgets } from '@automatos/providers';
import { runChaos } from '../packages/providers/src/router/chaos.fixture.ts';

const LIMIT_MICROS = 20_000_000;

const [seconds = 120, callers = 24, seed = 1] = process.argv.slice(2).map(Number);
const test = await createTestDatabase();
const { database, workspaceId } = test;
const budgets = createBudgets({
  database,
  clock: systemClock,
  logger: silentLogger,
  metrics: noMetrics,
  agents: async () => [],
});
await budgets.service.create(workspaceId, {
  name: 'chaos',
  window: 'day',
  agent: null,
  limit_micros: LIMIT_MICROS,
  unknown_price_ceiling: { input_micros: 1_000_000, output_micros: 10_000_000 },
  enabled: true,
});
const report = await runChaos({
  durationMs: seconds * 1000,
  callers,
  seed,
  budgets: budgets.gate,
  workspaceId,
});
await budgets.settleUp();
const { items } = await budgets.service.list(workspaceId, { limit: 10 });
const [budget] = items;
console.log(JSON.stringify({ seconds, callers, seed, ...report, budget }, null, 2));
await budgets.close();
await test.close();
