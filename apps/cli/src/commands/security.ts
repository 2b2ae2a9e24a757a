import { parseArgs } from 'node:util';
import {
  deleteThreatBlock,
  getThreatAssessment,
  listThreatAssessments,
  listThreatBlocks,
} from '@automatos/sdk';
import type { GetThreatAssessmentResponses, ListThreatAssessmentsData } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';

type Query = NonNullable<ListThreatAssessmentsData['query']>;
type Assessment = GetThreatAssessmentResponses[200];

const OPTIONS = {
  ...COMMON_OPTIONS,
  platform: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  level: { type: 'string' },
  action: { type: 'string' },
  category: { type: 'string' },
  principal: { type: 'string' },
  address: { type: 'string' },
  search: { type: 'string' },
  limit: { type: 'string', default: '20' },
} as const;
const FILTERS = ['level', 'action', 'category', 'principal', 'address', 'search'] as const;

/** `automatos security list | show <id> | blocks [--all] | unblock <id>`; `--platform` for what belongs to no workspace. */
export async function securityCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', subject] = positionals;
  const { client } = connect(shell, values);
  const scope = values.platform ? ('platform' as const) : ('workspace' as const);
  if (action === 'list') {
    const filter = Object.fromEntries(
      FILTERS.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined),
    ) as Query;
    const query = { ...filter, scope, limit: Number(values.limit) };
    const { data } = await listThreatAssessments({ client, query });
    const rows = data.items.map((one) => [
      one.id,
      minute(one.at),
      String(one.score),
      one.level,
      one.enforced ? one.action : `(${one.action})`,
      one.principal.name || one.address,
      one.route,
    ]);
    const head = ['ID', 'AT', 'SCORE', 'LEVEL', 'ACTION', 'WHO', 'WHERE'];
    return print({ shell, json: values.json }, data, tableOf(head, rows, 'No threats found.'));
  }
  if (action === 'blocks') {
    const query = {
      scope,
      limit: Number(values.limit),
      ended: values.all ? 'true' : 'false',
    } as const;
    const { data } = await listThreatBlocks({ client, query });
    const rows = data.items.map((one) => [
      one.id,
      one.subject,
      one.active ? minute(one.until) : 'over',
      String(one.refused),
      one.reason,
    ]);
    const head = ['ID', 'WHO', 'UNTIL', 'REFUSED', 'WHY'];
    return print({ shell, json: values.json }, data, tableOf(head, rows, 'Nobody is kept out.'));
  }
  if (action !== 'show' && action !== 'unblock')
    throw new UsageError(`security knows list, show, blocks and unblock, not "${action}".`);
  if (subject === undefined) throw new UsageError(`automatos security ${action} <id>`);
  if (action === 'unblock') {
    await deleteThreatBlock({ client, path: { block_id: subject }, query: { scope } });
    return print({ shell, json: values.json }, { unblocked: subject }, 'let in again\n');
  }
  const path = { assessment_id: subject };
  const { data } = await getThreatAssessment({ client, path, query: { scope } });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else show(shell, data);
  return EXIT.completed;
}

function show(shell: Shell, one: Assessment): void {
  const done = one.enforced ? one.action : `${one.action}, not enforced`;
  shell.out(`${paint(shell, 'bold', `${one.score} ${one.level}`)}: ${done}\n`);
  shell.out(`${one.at}  ${one.method} ${one.route}  ${one.status ?? ''}\n`);
  shell.out(
    `${one.principal.kind} ${one.principal.name || one.principal.id}  ${one.address}  request ${one.request_id}\n`,
  );
  for (const { points, rule, why, where, excerpt } of one.reasons) {
    shell.out(`${String(points).padStart(3)}  ${rule}  ${where}: ${why}\n`);
    if (excerpt !== '') shell.out(`     ${paint(shell, 'dim', JSON.stringify(excerpt))}\n`);
  }
}
