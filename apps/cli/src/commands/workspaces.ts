import { parseArgs } from 'node:util';
import { createWorkspace, deleteWorkspace, listWorkspaces, updateWorkspace } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { UsageError } from '../exit-codes.ts';
import { day, print, tableOf } from '../print.ts';
import { readProfile, updateProfile } from '../profile.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';
import { allOf, findWorkspaceId, openWorkspace } from '../workspace-target.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  slug: { type: 'string' },
  confirm: { type: 'string' },
} as const;
const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

/** `automatos workspaces list | create <name> | rename <workspace> [name] | delete <workspace> --confirm <short name> | use <workspace>`. */
export async function workspacesCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [action = 'list', subject, name] = positionals;
  if (action === 'list') return list(shell, values);
  if (subject === undefined)
    throw new UsageError(
      `automatos workspaces ${action} <${action === 'create' ? 'name' : 'workspace'}>`,
    );
  if (action === 'create') {
    const { client } = connect(shell, values);
    const { data } = await createWorkspace({
      client,
      body: { name: subject, ...(values.slug === undefined ? {} : { slug: values.slug }) },
    });
    return print({ shell, json: values.json }, data, `${data.id}\n${data.slug}\n`);
  }
  if (action === 'rename') return rename(shell, values, { subject, name });
  if (action === 'delete') return remove(shell, values, subject);
  if (action === 'use') return use(shell, values, subject);
  throw new UsageError(`workspaces knows list, create, rename, delete and use, not "${action}".`);
}

async function list(shell: Shell, values: Values): Promise<number> {
  const { client, workspace } = connect(shell, values);
  const items = await allOf((cursor) =>
    listWorkspaces({ client, query: { limit: 100, ...cursor } }),
  );
  const rows = items.map((one) => [
    one.id === workspace ? `${one.id} *` : one.id,
    one.slug,
    one.role,
    day(one.created_at),
    one.name,
  ]);
  const text = tableOf(['ID', 'SHORT NAME', 'ROLE', 'SINCE', 'NAME'], rows, 'No workspaces.');
  return print({ shell, json: values.json }, { items }, text);
}

async function rename(
  shell: Shell,
  values: Values,
  { subject, name }: { subject: string; name: string | undefined },
): Promise<number> {
  if (name === undefined && values.slug === undefined)
    throw new UsageError('automatos workspaces rename <workspace> [<name>] [--slug <short name>]');
  const { client, workspace } = await openWorkspace(shell, values, subject);
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(values.slug === undefined ? {} : { slug: values.slug }),
  };
  const { data } = await updateWorkspace({ client, path: { workspace_id: workspace }, body });
  return print({ shell, json: values.json }, data, `${data.slug}: ${data.name}\n`);
}

async function remove(shell: Shell, values: Values, subject: string): Promise<number> {
  if (values.confirm === undefined)
    throw new UsageError(
      'Everything in the workspace goes for good; repeat its short name: --confirm <short name>',
    );
  const { client, workspace, url } = await openWorkspace(shell, values, subject);
  await deleteWorkspace({
    client,
    path: { workspace_id: workspace },
    query: { confirm: values.confirm },
  });
  if (readProfile(shell, url).workspace === workspace)
    updateProfile(shell, url, { workspace: undefined });
  return print({ shell, json: values.json }, { deleted: workspace }, 'deleted\n');
}

/** Commands that name no workspace work in this one; `-` lets the server pick again. */
async function use(shell: Shell, values: Values, subject: string): Promise<number> {
  const { client, url } = connect(shell, values);
  if (subject === '-') {
    updateProfile(shell, url, { workspace: undefined });
    return print(
      { shell, json: values.json },
      { workspace: null },
      'The server picks the workspace again.\n',
    );
  }
  const workspace = await findWorkspaceId(client, subject);
  updateProfile(shell, url, { workspace });
  return print(
    { shell, json: values.json },
    { workspace },
    `Commands at ${url} work in ${workspace} now.\n`,
  );
}
