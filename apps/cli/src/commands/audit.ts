import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { exportAudit, getAuditAnchor, listAudit, verifyAudit, type Client } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, paint, type Shell } from '../shell.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  actor: { type: 'string' },
  action: { type: 'string' },
  outcome: { type: 'string' },
  target: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  search: { type: 'string' },
  limit: { type: 'string', default: '20' },
  anchor: { type: 'string' },
  format: { type: 'string', default: 'ndjson' },
  output: { type: 'string', short: 'o' },
} as const;

const FILTERS = ['actor', 'action', 'outcome', 'target', 'from', 'to', 'search'] as const;
type Values = { [Name in (typeof FILTERS)[number]]?: string | undefined };

/** `automatos audit list | verify | export | anchor`; `verify` fails when the chain is broken. */
export async function auditCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list'] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list')
    return list(shell, client, {
      filter: toFilter(values),
      limit: values.limit,
      json: values.json,
    });
  if (action === 'verify')
    return verify(shell, client, { anchor: toAnchor(values.anchor), json: values.json });
  if (action === 'export')
    return download(shell, client, {
      filter: toFilter(values),
      format: values.format,
      output: values.output,
    });
  if (action === 'anchor') return anchor(shell, client, values.json);
  throw new UsageError(`audit knows list, verify, export and anchor, not "${action}".`);
}

/** The server says what is wrong with a value; only what was given is sent. */
function toFilter(values: Values): object {
  return Object.fromEntries(
    FILTERS.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined),
  );
}

async function list(
  shell: Shell,
  client: Client,
  options: { filter: object; limit: string; json: boolean },
): Promise<number> {
  const query = { ...options.filter, limit: Number(options.limit) };
  const { data } = await listAudit({ client, query });
  if (options.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.items.length === 0) shell.out('Nothing was recorded.\n');
  else {
    const rows = data.items.map((entry) => [
      String(entry.sequence),
      entry.at.slice(0, 19).replace('T', ' '),
      entry.outcome,
      entry.action,
      entry.personal?.name || entry.actor.id || entry.actor.kind,
      entry.target.name || entry.target.id,
    ]);
    shell.out(formatTable([['ROW', 'TIME (UTC)', 'OUTCOME', 'ACTION', 'WHO', 'WHAT'], ...rows]));
  }
  return EXIT.completed;
}

interface Anchor {
  anchor_sequence: number;
  anchor_hash: string;
}

function toAnchor(text: string | undefined): Anchor | undefined {
  if (text === undefined) return undefined;
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined)
    throw new UsageError('--anchor is what "automatos audit anchor" printed: <row>:<hash>.');
  return { anchor_sequence: Number(sequence), anchor_hash: hash };
}

/** Asks for one stretch of the chain after the other, so that no request takes long. */
async function verify(
  shell: Shell,
  client: Client,
  options: { anchor: Anchor | undefined; json: boolean },
): Promise<number> {
  let checked = 0;
  for (let from = 1; ;) {
    const { data } = await verifyAudit({ client, query: { from, ...options.anchor } });
    checked += data.checked;
    if (data.ok && !data.complete) {
      from = data.to + 1;
      continue;
    }
    if (options.json) shell.out(`${JSON.stringify({ ...data, from: 1, checked })}\n`);
    else if (data.first_break === null)
      shell.out(
        `${paint(shell, 'green', 'ok')}: ${checked} rows, head ${data.to}:${data.head_hash}\n`,
      );
    else {
      const { kind, sequence, detail } = data.first_break;
      const what = paint(shell, 'red', `${kind} at row ${sequence}`);
      shell.out(`${what}: ${detail} The ${checked} rows before it are whole.\n`);
    }
    return data.ok ? EXIT.completed : EXIT.failed;
  }
}

async function download(
  shell: Shell,
  client: Client,
  options: { filter: object; format: string; output: string | undefined },
): Promise<number> {
  if (options.format !== 'ndjson' && options.format !== 'csv')
    throw new UsageError('--format is ndjson or csv.');
  const query = { ...options.filter, format: options.format } as const;
  const { data } = await exportAudit({ client, query, parseAs: 'stream' });
  const body = Readable.fromWeb(data as unknown as Parameters<typeof Readable.fromWeb>[0]);
  if (options.output !== undefined) {
    await pipeline(body, createWriteStream(resolve(shell.cwd, options.output)));
    shell.err(`${options.output} written\n`);
    return EXIT.completed;
  }
  for await (const text of body.setEncoding('utf8')) shell.out(text as string);
  return EXIT.completed;
}

/** One line to be kept where nobody of this server can change it. */
async function anchor(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await getAuditAnchor({ client });
  shell.out(json ? `${JSON.stringify(data)}\n` : `${data.sequence}:${data.hash}\n`);
  return EXIT.completed;
}
