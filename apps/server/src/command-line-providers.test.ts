import { tmpdir } from 'node:os';
import {
  budgetRoutes,
  platformRoutes,
  providerRoutes,
  type BoundRoute,
  type Call,
} from '@automatos/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startCliHost, type CliHost } from './testing/cli-host.ts';
import { startEdge, testRoute, type EdgeFixture } from './testing/edge-fixture.ts';

const ID = '01990000-0000-7000-8000-000000000001';
const AT = '2026-11-21T12:00:00.000Z';

let host: CliHost;
let fixture: EdgeFixture;
let url: string;
let made: unknown[];

const model = (id: string, input: number | null) => ({
  provider: 'openai',
  id,
  name: id.toUpperCase(),
  context_window: 128_000,
  output_limit: null,
  price: { input_micros: input, output_micros: input, cached_input_micros: null },
  capabilities: [],
  status: 'ga',
  usable: true,
});
const budget = {
  id: ID,
  name: 'Day',
  window: 'day',
  agent: null,
  limit_micros: 5_000_000,
  unknown_price_ceiling: null,
  enabled: true,
  version: 1,
  spent_micros: 1_250_000,
  reserved_micros: 500,
  refused: 3,
  window_started_at: AT,
  resets_at: AT,
  created_at: AT,
  updated_at: AT,
};
const bucket = (key: string, cost: number | null, unpriced: number) => ({
  key,
  calls: 4,
  input_tokens: 12_000,
  output_tokens: 34,
  cost_micros: cost,
  unpriced_calls: unpriced,
});

function bind(spec: BoundRoute['spec'], handle: BoundRoute['handle']): BoundRoute {
  return { ...testRoute(spec, handle), spec };
}

function routes(): BoundRoute[] {
  const queryOf = (call: Call) => call.query as unknown as Record<string, string>;
  return [
    bind(platformRoutes.listModels, async (call) => {
      // Two pages: all of them are wanted.
      const first = queryOf(call)['cursor'] === undefined;
      return {
        body: first
          ? { items: [model('a', 75_000)], next_cursor: 'next' }
          : { items: [model('b', null)], next_cursor: null },
      };
    }),
    bind(providerRoutes.testProvider, async (call) => {
      const ok = (call.params as unknown as { provider: string }).provider === 'openai';
      return {
        body: ok
          ? { ok, duration_ms: 120, detail: '2 models', code: null, models: ['a', 'b'] }
          : {
              ok,
              duration_ms: 80,
              detail: 'The key is wrong.',
              code: 'providers.auth.failed',
              models: [],
            },
      };
    }),
    bind(budgetRoutes.listBudgets, async () => ({ body: { items: [budget], next_cursor: null } })),
    bind(budgetRoutes.createBudget, async (call) => {
      made.push(call.body);
      return { body: budget };
    }),
    bind(budgetRoutes.deleteBudget, async (call) => {
      made.push(call.params);
      return {};
    }),
    bind(platformRoutes.usage, async (call) => {
      made.push(call.query);
      return {
        body: {
          items: [bucket('openai/a', 1000, 0), bucket('house/b', null, 4)],
          total: bucket('total', 1000, 4),
        },
      };
    }),
  ];
}

beforeAll(() => {
  host = startCliHost();
});
afterAll(() => host.close());
beforeEach(async () => {
  made = [];
  fixture = await startEdge(routes());
  ({ url } = await fixture.edge.listen({ host: '127.0.0.1', port: 0 }));
});
afterEach(() => fixture.close());

async function cli(...args: string[]) {
  const env = { AUTOMATOS_URL: url, AUTOMATOS_API_KEY: 'owner' };
  const { code, out, err } = await host.run(args, { env, cwd: tmpdir() });
  return { code, stdout: out, stderr: err };
}

test('models of all pages, an unknown price said as unknown', async () => {
  const { code, stdout } = await cli('models', '--provider', 'openai');
  expect(code).toBe(0);
  expect(stdout).toMatch(/openai\/a +128,000 +\$0\.075 +\$0\.075 +yes +A/);
  expect(stdout).toMatch(/openai\/b +128,000 +unknown +unknown +yes +B/);
  const json = await cli('models', '--json');
  expect((JSON.parse(json.stdout) as { items: unknown[] }).items).toHaveLength(2);
});

test('a tested provider that answers ends with 0, one that refuses with 1 and its reason', async () => {
  const right = await cli('providers', 'test', 'openai');
  expect(right).toMatchObject({ code: 0 });
  expect(right.stdout).toBe('ok: openai after 0.1 s: 2 models\n  a\n  b\n');
  const wrong = await cli('providers', 'test', 'groq');
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain(
    'failed: groq after 0.1 s: The key is wrong. (providers.auth.failed)',
  );
  expect(await cli('providers', 'test')).toMatchObject({ code: 2 });
});

test('budgets are listed, added with exact amounts, and removed', async () => {
  const list = await cli('budgets', 'list');
  expect(list.stdout).toMatch(
    new RegExp(`${ID} +\\$5\\.00 per day +\\$1\\.25 +\\$0\\.0005 +3 +on +all calls +Day`),
  );
  const line =
    'budgets add Mine --limit 0.10 --window run --agent security --unknown-price-ceiling 10,40.5';
  const added = await cli(...line.split(' '));
  expect(added.code).toBe(0);
  expect(made[0]).toEqual({
    name: 'Mine',
    window: 'run',
    agent: 'security',
    limit_micros: 100_000,
    unknown_price_ceiling: { input_micros: 10_000_000, output_micros: 40_500_000 },
    enabled: true,
  });
  expect(await cli('budgets', 'remove', ID)).toMatchObject({ code: 0, stdout: 'removed\n' });
  expect(made[1]).toEqual({ budget_id: ID });
});

test.each([
  [['budgets', 'add', 'Mine'], '--limit'],
  [['budgets', 'add', 'Mine', '--limit', 'much'], '--limit takes dollars'],
  [['budgets', 'add', 'Mine', '--limit', '1', '--window', 'week'], '--window takes call'],
  [['budgets', 'add', 'Mine', '--limit', '1', '--unknown-price-ceiling', '1'], '<input>,<output>'],
  [['usage', '--by', 'moon'], '--by takes day'],
])('%j is refused with 2 and says what is right', async (args, message) => {
  const { code, stderr } = await cli(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(made).toEqual([]);
});

test('usage is a table with its total, unpriced calls told beside the cost', async () => {
  const { code, stdout } = await cli('usage', '--by', 'model', '--days', '7');
  expect(code).toBe(0);
  expect(made).toEqual([{ by: 'model', days: 7 }]);
  expect(stdout).toMatch(/openai\/a +4 +12,000 +34 +\$0\.001\n/);
  expect(stdout).toMatch(/house\/b +4 +12,000 +34 +unknown +4 calls of unknown price\n/);
  expect(stdout).toMatch(/total +4 +12,000 +34 +\$0\.001 +4 calls of unknown price\n/);
});
