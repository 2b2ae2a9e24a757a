import { parseArgs } from 'node:util';
import { getLlmUsage, type GetLlmUsageData, type UsageBucket } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { dollars } from '../dollars.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, type Shell } from '../shell.ts';

type Grouping = NonNullable<NonNullable<GetLlmUsageData['query']>['by']>;
const GROUPINGS: readonly Grouping[] = ['day', 'model', 'agent', 'provider', 'run', 'source'];

/** `automatos usage [--by day|model|agent|provider|run|source] [--days <1-366>]`. */
export async function usageCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...COMMON_OPTIONS,
      by: { type: 'string', default: 'day' },
      days: { type: 'string', default: '30' },
    },
  });
  const by = GROUPINGS.find((each) => each === values.by);
  if (by === undefined)
    throw new UsageError(`--by takes ${GROUPINGS.join(', ')}, not "${values.by}".`);
  const days = Number(values.days);
  if (!Number.isInteger(days)) throw new UsageError(`--days takes a number, not "${values.days}".`);
  const { client } = connect(shell, values);
  const { data } = await getLlmUsage({ client, query: { by, days } });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.total.calls === 0) shell.out(`No model was called in the last ${days} days.\n`);
  else {
    const head = [by.toUpperCase(), 'CALLS', 'TOKENS IN', 'TOKENS OUT', 'COST', ''];
    const rows = data.items.map((item) => row(item.key === '' ? '–' : item.key, item));
    shell.out(formatTable([head, ...rows, row('total', data.total)]));
  }
  return EXIT.completed;
}

function row(name: string, bucket: UsageBucket): string[] {
  return [
    name,
    bucket.calls.toLocaleString('en'),
    bucket.input_tokens.toLocaleString('en'),
    bucket.output_tokens.toLocaleString('en'),
    dollars(bucket.cost_micros),
    bucket.unpriced_calls === 0
      ? ''
      : `${bucket.unpriced_calls} ${bucket.unpriced_calls === 1 ? 'call' : 'calls'} of unknown price`,
  ];
}
