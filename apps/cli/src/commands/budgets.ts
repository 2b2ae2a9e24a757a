import { parseArgs } from 'node:util';
import { createBudget, deleteBudget, listBudgets } from '@automatos/sdk';
import type { Client, CreateBudgetData } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { dollars, readDollars } from '../dollars.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, type Shell } from '../shell.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  limit: { type: 'string' },
  window: { type: 'string', default: 'day' },
  agent: { type: 'string' },
  'unknown-price-ceiling': { type: 'string' },
} as const;

type Window = CreateBudgetData['body']['window'];
const WINDOWS: readonly Window[] = ['call', 'run', 'day', 'month', 'total'];

/** `automatos budgets list | add <name> --limit <dollars> | remove <id>`. */
export async function budgetsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', subject] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (action !== 'add' && action !== 'remove')
    throw new UsageError(`budgets knows list, add and remove, not "${action}".`);
  if (subject === undefined)
    throw new UsageError(
      `automatos budgets ${action === 'add' ? 'add <name> --limit <dollars>' : 'remove <id>'}`,
    );
  if (action === 'remove') {
    await deleteBudget({ client, path: { budget_id: subject } });
    shell.out(values.json ? `${JSON.stringify({ removed: subject })}\n` : 'removed\n');
    return EXIT.completed;
  }
  const { data } = await createBudget({ client, body: toBody(subject, values) });
  shell.out(
    values.json
      ? `${JSON.stringify(data)}\n`
      : `${data.id}\n${dollars(data.limit_micros)} ${windowText(data.window)}, ${data.agent === null ? 'all calls' : `agent ${data.agent}`}\n`,
  );
  return EXIT.completed;
}

interface Given {
  limit?: string | undefined;
  window: string;
  agent?: string | undefined;
  'unknown-price-ceiling'?: string | undefined;
}

function toBody(name: string, given: Given): CreateBudgetData['body'] {
  if (given.limit === undefined) throw new UsageError('Say how much: --limit 5.00');
  const window = WINDOWS.find((each) => each === given.window);
  if (window === undefined)
    throw new UsageError(`--window takes ${WINDOWS.join(', ')}, not "${given.window}".`);
  const ceiling = given['unknown-price-ceiling'];
  return {
    name,
    window,
    limit_micros: readDollars('--limit', given.limit),
    ...(given.agent === undefined ? {} : { agent: given.agent }),
    ...(ceiling === undefined ? {} : { unknown_price_ceiling: toCeiling(ceiling) }),
  };
}

/** `<input>,<output>` in dollars per million tokens. */
function toCeiling(text: string): { input_micros: number; output_micros: number } {
  const [input, output, ...more] = text.split(',');
  if (input === undefined || output === undefined || more.length > 0)
    throw new UsageError(
      '--unknown-price-ceiling takes <input>,<output> in dollars per million tokens, such as 10,40.',
    );
  return {
    input_micros: readDollars('--unknown-price-ceiling', input),
    output_micros: readDollars('--unknown-price-ceiling', output),
  };
}

function windowText(window: Window): string {
  return window === 'total' ? 'for good' : `per ${window}`;
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await listBudgets({ client, query: { limit: 100 } });
  if (json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.items.length === 0)
    shell.out('No budgets: nothing limits what models may cost. Add one: automatos budgets add\n');
  else {
    const rows = data.items.map((budget) => [
      budget.id,
      `${dollars(budget.limit_micros)} ${windowText(budget.window)}`,
      dollars(budget.spent_micros),
      dollars(budget.reserved_micros),
      String(budget.refused),
      budget.enabled ? 'on' : 'off',
      budget.agent ?? 'all calls',
      budget.name,
    ]);
    shell.out(
      formatTable([
        ['ID', 'LIMIT', 'SPENT', 'SET ASIDE', 'REFUSED', 'STATE', 'FOR', 'NAME'],
        ...rows,
      ]),
    );
  }
  return EXIT.completed;
}
