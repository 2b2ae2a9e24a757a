import { parseArgs } from 'node:util';
import { listUsers, updateUser } from '@automatos/sdk';
import type { Client, UpdateUserData } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { UsageError } from '../exit-codes.ts';
import { minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';
import { allOf, findPaged } from '../workspace-target.ts';

const OPTIONS = { ...COMMON_OPTIONS, search: { type: 'string' } } as const;

const CHANGES: Readonly<Record<string, UpdateUserData['body']>> = {
  disable: { disabled: true },
  enable: { disabled: false },
  'make-admin': { platform_admin: true },
  'unmake-admin': { platform_admin: false },
  'reset-mfa': { reset_mfa: true },
};

/** `automatos users list | disable | enable | make-admin | unmake-admin | reset-mfa <e-mail or id>`: all people of the installation. */
export async function usersCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', person] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values);
  const change = Object.hasOwn(CHANGES, action) ? CHANGES[action] : undefined;
  if (change === undefined)
    throw new UsageError(`users knows list, ${Object.keys(CHANGES).join(', ')}, not "${action}".`);
  if (person === undefined) throw new UsageError(`automatos users ${action} <e-mail>`);
  const { data } = await updateUser({
    client,
    path: { user_id: await findUserId(client, person) },
    body: change,
  });
  return print({ shell, json: values.json }, data, `${data.email}: ${stateOf(data)}\n`);
}

interface User {
  disabled: boolean;
  platform_admin: boolean;
  mfa: boolean;
}

function stateOf(user: User): string {
  const words = [
    user.disabled ? 'locked' : 'active',
    ...(user.platform_admin ? ['administrator'] : []),
    user.mfa ? 'second factor' : 'no second factor',
  ];
  return words.join(', ');
}

async function list(
  shell: Shell,
  client: Client,
  { search, json }: { search?: string | undefined; json: boolean },
): Promise<number> {
  const query = { limit: 100, ...(search === undefined ? {} : { search }) };
  const items = await allOf((cursor) => listUsers({ client, query: { ...query, ...cursor } }));
  const rows = items.map((one) => [
    one.id,
    stateOf(one),
    String(one.workspaces),
    minute(one.last_seen_at),
    one.email,
    one.name,
  ]);
  const head = ['ID', 'STATE', 'WORKSPACES', 'SEEN', 'E-MAIL', 'NAME'];
  return print({ shell, json }, { items }, tableOf(head, rows, 'Nobody.'));
}

async function findUserId(client: Client, named: string): Promise<string> {
  if (!named.includes('@')) return named;
  const email = named.toLowerCase();
  const found = await findPaged(
    (cursor) => listUsers({ client, query: { limit: 100, search: email, ...cursor } }),
    (user) => user.email.toLowerCase() === email,
  );
  if (found === undefined) throw new UsageError(`Nobody has the address ${named}.`);
  return found.id;
}
