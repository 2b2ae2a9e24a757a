import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  executeDataRequest,
  extendDataRequest,
  fetchDataExport,
  getDataRequest,
  listDataRequests,
  listRetention,
  previewRetention,
  refuseDataRequest,
  runRetention,
  verifyDataRequest,
} from '@automatos/sdk';
import type { Client, GetDataRequestResponses, ListDataRequestsData } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { day, minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';
import { allOf } from '../workspace-target.ts';

type DataRequest = GetDataRequestResponses[200];
type Query = NonNullable<ListDataRequestsData['query']>;

const OPTIONS = {
  ...COMMON_OPTIONS,
  status: { type: 'string' },
  type: { type: 'string' },
  verify: { type: 'string' },
  execute: { type: 'boolean', default: false },
  refuse: { type: 'string' },
  extend: { type: 'string' },
  months: { type: 'string', default: '2' },
  note: { type: 'string' },
  format: { type: 'string', default: 'json' },
  output: { type: 'string', short: 'o' },
} as const;
const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

/** `automatos privacy requests list | show | decide | export` and `automatos privacy retention show | run`. */
export async function privacyCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [area, action, subject] = positionals;
  const { client } = connect(shell, values);
  if (area === 'retention') return retention(shell, client, { action: action ?? 'show', values });
  if (area !== 'requests')
    throw new UsageError(
      'automatos privacy requests list|show|decide|export, or privacy retention show|run',
    );
  if (action === undefined || action === 'list') return list(shell, client, values);
  if (subject === undefined) throw new UsageError(`automatos privacy requests ${action} <id>`);
  const path = { request_id: subject };
  if (action === 'show') {
    const { data } = await getDataRequest({ client, path });
    return show(shell, data, values.json);
  }
  if (action === 'decide') return show(shell, await decide(client, path, values), values.json);
  if (action === 'export') return download(shell, client, { ...values, ...path });
  throw new UsageError(`privacy requests knows list, show, decide and export, not "${action}".`);
}

async function list(shell: Shell, client: Client, values: Values): Promise<number> {
  const filter = {
    ...(values.status === undefined ? {} : { status: values.status }),
    ...(values.type === undefined ? {} : { type: values.type }),
  } as Query;
  const items = await allOf((cursor) =>
    listDataRequests({ client, query: { ...filter, limit: 100, ...cursor } }),
  );
  const rows = items.map((one) => [
    one.id,
    one.type,
    one.status,
    one.overdue ? paint(shell, 'red', `${day(one.due_at)} overdue`) : day(one.due_at),
    one.subject?.email ?? 'erased',
  ]);
  const head = ['ID', 'TYPE', 'STATUS', 'DUE', 'PERSON'];
  return print({ shell, json: values.json }, { items }, tableOf(head, rows, 'No requests.'));
}

function show(shell: Shell, one: DataRequest, json: boolean): number {
  const lines = [
    `${one.type}: ${one.status}, of ${one.subject?.email ?? 'somebody who was erased'}, due ${day(one.due_at)}`,
    ...(one.details === '' ? [] : [one.details]),
    ...one.history.map(({ at, action, by, note }) =>
      `${minute(at)}  ${action} (${by})  ${note}`.trimEnd(),
    ),
    ...(one.export === null
      ? []
      : [`an export can be fetched until ${minute(one.export.expires_at)} UTC`]),
  ];
  return print({ shell, json }, one, `${lines.join('\n')}\n`);
}

/** Exactly one of the four decisions. */
async function decide(
  client: Client,
  path: { request_id: string },
  values: Values,
): Promise<DataRequest> {
  const { verify, execute, refuse, extend, note } = values;
  const given = [verify, execute || undefined, refuse, extend].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      'Say one of: --verify <how it was made sure>, --execute [--note n], --refuse <reason>, --extend <reason> [--months 1|2]',
    );
  if (verify !== undefined)
    return (await verifyDataRequest({ client, path, body: { note: verify } })).data;
  if (refuse !== undefined)
    return (await refuseDataRequest({ client, path, body: { reason: refuse } })).data;
  if (extend !== undefined) {
    const body = { reason: extend, months: Number(values.months) };
    return (await extendDataRequest({ client, path, body })).data;
  }
  const body = note === undefined ? {} : { note };
  return (await executeDataRequest({ client, path, body })).data;
}

async function download(
  shell: Shell,
  client: Client,
  wanted: { request_id: string; format: string; output?: string | undefined },
): Promise<number> {
  const { format, output, request_id: id } = wanted;
  if (format !== 'json' && format !== 'markdown')
    throw new UsageError('--format is json or markdown.');
  const { data } = await fetchDataExport({
    client,
    path: { request_id: id },
    query: { format },
    parseAs: 'text',
  });
  const text = data as unknown as string;
  if (output === undefined) shell.out(text);
  else {
    // A person's data: for nobody else on this machine.
    writeFileSync(resolve(shell.cwd, output), text, { mode: 0o600 });
    shell.err(`${output} written\n`);
  }
  return EXIT.completed;
}

async function retention(
  shell: Shell,
  client: Client,
  { action, values }: { action: string; values: Values },
): Promise<number> {
  if (action === 'run') {
    const { data } = await runRetention({ client });
    const rows = data.deleted.map(({ category, before, rows: count }) => [
      category,
      day(before),
      String(count),
    ]);
    const text = tableOf(['CATEGORY', 'OLDER THAN', 'DELETED'], rows, 'Nothing was old enough.');
    print({ shell, json: values.json }, data, text);
    if (data.error === null) return EXIT.completed;
    shell.err(`${paint(shell, 'red', 'error')}: ${data.error}\n`);
    return EXIT.failed;
  }
  if (action !== 'show')
    throw new UsageError(`privacy retention knows show and run, not "${action}".`);
  const [{ data: periods }, { data: preview }] = await Promise.all([
    listRetention({ client }),
    previewRetention({ client }),
  ]);
  const due = new Map(preview.items.map(({ category, rows }) => [category, rows]));
  const rows = periods.items.map((one) => [
    one.category,
    one.days === null ? 'without limit' : `${one.days} days`,
    String(due.get(one.category) ?? 0),
    one.name,
  ]);
  const text = `${tableOf(['CATEGORY', 'KEPT', 'DUE', 'NAME'], rows, 'Nothing.')}next deletion ${minute(periods.next_run_at)} UTC\n`;
  return print({ shell, json: values.json }, { ...periods, preview: preview.items }, text);
}
