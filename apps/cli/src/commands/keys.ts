import { parseArgs } from 'node:util';
import {
  createApiKey,
  deleteApiKey,
  listApiKeys,
  listSessions,
  revokeOtherSessions,
  revokeSession,
  rotateApiKey,
} from '@automatos/sdk';
import type { Client, CreateApiKeyData } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { UsageError } from '../exit-codes.ts';
import { day, minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';
import { allOf } from '../workspace-target.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  kind: { type: 'string' },
  role: { type: 'string' },
  scope: { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  limit: { type: 'string' },
  days: { type: 'string' },
  'grace-hours': { type: 'string' },
} as const;
const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

/** `automatos keys list | create <name> | rotate <id> | revoke <id>`; a key's secret is shown once. */
export async function keysCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [action = 'list', subject] = positionals;
  if (!['list', 'create', 'rotate', 'revoke'].includes(action))
    throw new UsageError(`keys knows list, create, rotate and revoke, not "${action}".`);
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (subject === undefined)
    throw new UsageError(`automatos keys ${action} <${action === 'create' ? 'name' : 'id'}>`);
  if (action === 'create') {
    const { data } = await createApiKey({ client, body: toBody(subject, values) });
    return print(
      { shell, json: values.json },
      data,
      `${data.key}\nThis is shown only now. Id: ${data.id}\n`,
    );
  }
  const path = { key_id: subject };
  if (action === 'rotate') {
    const hours = values['grace-hours'];
    const body = hours === undefined ? {} : { grace_hours: Number(hours) };
    const { data } = await rotateApiKey({ client, path, body });
    const old =
      data.previous_until === null
        ? 'The old one counts no more.'
        : `The old one counts until ${minute(data.previous_until)} UTC.`;
    return print(
      { shell, json: values.json },
      data,
      `${data.key}\nThis is shown only now. ${old}\n`,
    );
  }
  await deleteApiKey({ client, path });
  return print({ shell, json: values.json }, { revoked: subject }, 'revoked\n');
}

/** The server says what is wrong with a value; only what was given is sent. */
function toBody(name: string, values: Values): CreateApiKeyData['body'] {
  const given = {
    name,
    kind: values.kind,
    role: values.role,
    scopes: values.scope,
    origins: values.origin,
    rate_limit_per_minute: values.limit === undefined ? undefined : Number(values.limit),
    expires_in_days: values.days === undefined ? undefined : Number(values.days),
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as CreateApiKeyData['body'];
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const items = await allOf((cursor) => listApiKeys({ client, query: { limit: 100, ...cursor } }));
  const rows = items.map((key) => [
    key.id,
    `${key.start}…`,
    key.kind,
    key.role,
    key.scopes === null ? 'all' : key.scopes.join(','),
    key.rate_limit_per_minute === null ? '–' : String(key.rate_limit_per_minute),
    day(key.expires_at),
    minute(key.last_used_at),
    key.name,
  ]);
  const head = ['ID', 'KEY', 'KIND', 'ROLE', 'SCOPES', 'LIMIT', 'EXPIRES', 'USED', 'NAME'];
  return print({ shell, json }, { items }, tableOf(head, rows, 'No API keys.'));
}

/** `automatos sessions list | revoke <id> | revoke --others`: where the person who signed in is signed in. */
export async function sessionsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const options = { ...COMMON_OPTIONS, others: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [action = 'list', subject] = positionals;
  if (action !== 'list' && action !== 'revoke')
    throw new UsageError(`sessions knows list and revoke, not "${action}".`);
  const { client } = connect(shell, values);
  if (action === 'list') {
    const { data } = await listSessions({ client });
    const rows = data.items.map((one) => [
      one.current ? `${one.id} *` : one.id,
      one.method,
      one.mfa ? 'yes' : 'no',
      minute(one.last_used_at),
      one.ip_address ?? '–',
      one.user_agent ?? '–',
    ]);
    const head = ['ID', 'BY', 'MFA', 'USED', 'ADDRESS', 'PROGRAM'];
    return print({ shell, json: values.json }, data, tableOf(head, rows, 'No sessions.'));
  }
  if (values.others) {
    const { data } = await revokeOtherSessions({ client });
    return print({ shell, json: values.json }, data, `${data.revoked} ended\n`);
  }
  if (subject === undefined) throw new UsageError('automatos sessions revoke <id>, or --others');
  await revokeSession({ client, path: { session_id: subject } });
  return print({ shell, json: values.json }, { revoked: subject }, 'ended\n');
}
