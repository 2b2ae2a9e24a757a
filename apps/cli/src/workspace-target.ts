import { getSession, listMembers, listWorkspaces } from '@automatos/sdk';
import type { Client } from '@automatos/sdk';
import { connect } from './connection.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { UsageError } from './exit-codes.ts';
import type { Shell } from './shell.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A connection that works in one workspace: the named one by id or short name, else that of `--workspace`, of
 * `automatos workspaces use`, or the one that the server picks.
 */
export async function openWorkspace(
  shell: Shell,
  options: ConnectionOptions,
  named?: string,
): Promise<Connection & { workspace: string }> {
  const connection = connect(shell, options);
  const wanted = named ?? connection.workspace;
  const workspace =
    wanted === undefined
      ? (await getSession({ client: connection.client })).data.workspace.id
      : await findWorkspaceId(connection.client, wanted);
  return { ...connect(shell, { ...options, workspace }), workspace };
}

/** Id of a workspace that is named by its id or short name. */
export async function findWorkspaceId(client: Client, named: string): Promise<string> {
  if (UUID.test(named)) return named;
  const found = await findPaged(
    (cursor) => listWorkspaces({ client, query: { limit: 100, ...cursor } }),
    (workspace) => workspace.slug === named,
  );
  if (found === undefined)
    throw new UsageError(`You are in no workspace "${named}"; automatos workspaces list`);
  return found.id;
}

/** Id of a member who is named by id or e-mail. */
export async function findMemberId(
  connection: { client: Client; workspace: string },
  named: string,
): Promise<string> {
  if (!named.includes('@')) return named;
  const { client, workspace } = connection;
  const email = named.toLowerCase();
  const path = { workspace_id: workspace };
  const found = await findPaged(
    (cursor) => listMembers({ client, path, query: { limit: 100, search: email, ...cursor } }),
    (member) => member.email.toLowerCase() === email,
  );
  if (found === undefined)
    throw new UsageError(`Nobody in the workspace has the address ${named}.`);
  return found.user_id;
}

interface Page<Item> {
  data: { items: Item[]; next_cursor: string | null };
}

/** The first on any page of a list that fits. */
export async function findPaged<Item>(
  read: (cursor: { cursor?: string }) => Promise<Page<Item>>,
  fits: (item: Item) => boolean,
): Promise<Item | undefined> {
  for await (const item of eachOf(read)) if (fits(item)) return item;
  return undefined;
}

/** Everything of a list, page by page. */
export async function allOf<Item>(
  read: (cursor: { cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of eachOf(read)) items.push(item);
  return items;
}

async function* eachOf<Item>(read: (cursor: { cursor?: string }) => Promise<Page<Item>>) {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { data }: Page<Item> = await read(cursor === undefined ? {} : { cursor });
    yield* data.items;
    cursor = data.next_cursor;
  }
}
