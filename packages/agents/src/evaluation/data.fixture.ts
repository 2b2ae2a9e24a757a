import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';
import type { TurnResult } from '../runtime/runtime-types.ts';

const SQL =
  'SELECT c.plan, count(*) AS orders, sum(o.amount) AS total FROM orders o JOIN customers c USING (customer_id) GROUP BY 1 ORDER BY 1';

function outputOf<T>(result: TurnResult, tool: string): T | undefined {
  return result.tools[tool]?.output as T | undefined;
}

/** Adds the amounts up without SQL: customers with an odd number are on the plan "pro". */
async function totalsByHand(folder: string): Promise<string> {
  const totals = new Map<string, [number, number]>();
  const lines = (await readFile(join(folder, 'orders.csv'), 'utf8')).trim().split('\n').slice(1);
  for (const line of lines) {
    const [, customer = '', , , amount = ''] = line.split(',');
    if (customer > 'c900') continue;
    const plan = Number(customer.slice(1)) % 2 === 1 ? 'pro' : 'free';
    const [count, sum] = totals.get(plan) ?? [0, 0];
    totals.set(plan, [count + 1, sum + Number(amount)]);
  }
  return ['free', 'pro']
    .map((plan) => `${plan} ${totals.get(plan)?.[0]} ${totals.get(plan)?.[1].toFixed(2)}`)
    .join(', ');
}

async function verify(
  result: TurnResult,
  made: ReadonlyMap<string, string>,
  folder: string,
): Promise<string[]> {
  const problems: string[] = [];
  const rows = outputOf<{ rows: [string, number, number][] }>(result, 'sql_query')?.rows ?? [];
  const told = rows
    .map(([plan, count, total]) => `${plan} ${count} ${total.toFixed(2)}`)
    .join(', ');
  const right = await totalsByHand(folder);
  if (told !== right) problems.push(`the query gives ${told}, by hand it is ${right}`);
  const queries = outputOf<{ queries: { rows: number }[]; left_out: unknown[] }>(
    result,
    'suggest_queries',
  );
  if (
    queries === undefined ||
    queries.queries.length < 8 ||
    queries.queries.some((query) => query.rows === 0)
  )
    problems.push(`suggested queries: ${JSON.stringify(queries).slice(0, 200)}`);
  if (!(made.get('queries.sql') ?? '').includes('JOIN')) problems.push('queries.sql joins nothing');
  const charts = [...made].filter(([name]) => name.endsWith('.svg'));
  if (
    charts.length < 5 ||
    charts.some(
      ([, content]) =>
        !content.startsWith('<svg') || !content.endsWith('</svg>') || content.includes('NaN'),
    )
  )
    problems.push(`charts: ${charts.map(([name]) => name).join(', ')}`);
  return problems;
}

export const dataFixture: AgentFixture = {
  agent: 'data',
  async prepare(folder) {
    await copyFixtureFiles('data', folder);
    return {
      task: {
        task_type: 'data_analysis',
        parameters: {
          files: [join(folder, 'orders.csv'), join(folder, 'customers.parquet')],
          sql: SQL,
          target_column: 'plan',
        },
      },
      expected: await readExpected('data'),
      verify: (result, made) => verify(result, made, folder),
    };
  },
};
