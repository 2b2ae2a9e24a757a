import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  diffAgentVersions,
  exportAgent as exportOf,
  getAgent,
  importAgents,
  isApiProblem,
  listAgentVersions,
  restoreAgentVersion,
  type Client,
} from '@automatos/sdk';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readSource } from '../inputs.ts';
import { minute, print, tableOf } from '../print.ts';
import { paint, type Shell } from '../shell.ts';
import { formatProblem } from './recipes.ts';
import { diffLine } from './run-again.ts';

interface At {
  shell: Shell;
  client: Client;
  json: boolean;
}

/** `agents versions <agent>`. */
export async function versions(at: At, agent: string): Promise<number> {
  const { data } = await listAgentVersions({
    client: at.client,
    path: { agent_id: agent },
    query: { limit: 100 },
  });
  const rows = data.items.map((one) => [
    `v${one.version}`,
    minute(one.created_at),
    one.created_by,
    one.note ?? '',
  ]);
  return print(at, data, tableOf(['VERSION', 'SAVED (UTC)', 'BY', ''], rows, 'No versions.'));
}

/** `agents diff <agent> <version> [<version>]`: to the newest when only one is named. */
export async function diff(at: At, agent: string, given: number[]): Promise<number> {
  const [from, to] = given;
  if (from === undefined)
    throw new UsageError('automatos agents diff <agent> <version> [<version>]');
  const { data } = await diffAgentVersions({
    client: at.client,
    path: { agent_id: agent, version: from },
    query: to === undefined ? {} : { to },
  });
  const changed = data.lines.filter(({ kind }) => kind !== 'same');
  const text =
    changed.length === 0
      ? `v${data.from} and v${data.to} are the same.\n`
      : paint(at.shell, 'bold', `v${data.from} → v${data.to}\n`) +
        changed.map((line) => diffLine(at.shell, line)).join('');
  return print(at, data, text);
}

/** `agents restore <agent> <version>`: saves an older version as the newest. */
export async function restore(at: At, agent: string, given: number[]): Promise<number> {
  const [version] = given;
  if (version === undefined) throw new UsageError('automatos agents restore <agent> <version>');
  const { response } = await getAgent({ client: at.client, path: { agent_id: agent } });
  const { data } = await restoreAgentVersion({
    client: at.client,
    path: { agent_id: agent, version },
    headers: { 'If-Match': response.headers.get('etag') ?? '' },
  });
  return print(at, data, `${data.slug} version ${data.version} saved\n`);
}

/** `agents export <agent> [-o file]`: YAML unless the file or `--format` says JSON. */
export async function exportAgent(
  { shell, client }: At,
  agent: string,
  given: { format: string | undefined; output: string | undefined; version: number | undefined },
): Promise<number> {
  const { output, version } = given;
  const format = given.format ?? (output?.endsWith('.json') === true ? 'json' : 'yaml');
  if (format !== 'yaml' && format !== 'json')
    throw new UsageError(`An agent is written as yaml or json, not "${format}".`);
  const { data } = await exportOf({
    client,
    path: { agent_id: agent },
    query: { format, ...(version === undefined ? {} : { version }) },
    parseAs: 'text',
  });
  const content = data as unknown as string;
  if (output === undefined) shell.out(content);
  else {
    writeFileSync(resolve(shell.cwd, output), content);
    shell.err(`${agent} written to ${output}\n`);
  }
  return EXIT.completed;
}

const CONFLICTS = ['new_slug', 'new_version', 'skip', 'fail'] as const;

/** `agents import <file|-> [--on-conflict …]`: all agents of the file, or none. */
export async function importFile(
  at: At,
  file: string,
  onConflict: string | undefined,
): Promise<number> {
  const mode = CONFLICTS.find((name) => name === onConflict?.replaceAll('-', '_'));
  if (onConflict !== undefined && mode === undefined)
    throw new UsageError(`--on-conflict is ${CONFLICTS.join(', ')}.`);
  const document = await readSource(at.shell, file);
  try {
    const { data } = await importAgents({
      client: at.client,
      body: { document, ...(mode === undefined ? {} : { on_conflict: mode }) },
    });
    const lines = data.items.map((one) => `${one.slug} version ${one.version} ${one.outcome}\n`);
    return print(at, data, lines.join(''));
  } catch (error) {
    if (!isApiProblem(error)) throw error;
    for (const problem of error.errors) at.shell.err(`${formatProblem(file, problem)}\n`);
    throw error;
  }
}
