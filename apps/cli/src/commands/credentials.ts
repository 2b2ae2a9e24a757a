import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  createCredential,
  deleteCredential,
  getEncryption,
  listCredentialTypes,
  listCredentials,
  rotateEncryptionKey,
  testCredential,
  type Client,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, paint, type Shell } from '../shell.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  type: { type: 'string' },
  name: { type: 'string' },
  field: { type: 'string', multiple: true },
  platform: { type: 'boolean', default: false },
} as const;
type Values = ReturnType<typeof parse>['values'];

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });

/** Records per request of a change of the master key: short enough for any time-out. */
const BATCH = 1_000;

/** `automatos credentials list | types | create <type> | test <id> | delete <id> | key-status | rotate-key`. */
export async function credentialsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [action = 'list', subject] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values);
  if (action === 'types') return types(shell, client, values);
  if (action === 'key-status') return keyStatus(shell, client, values);
  if (action === 'rotate-key') return rotateKey(shell, client, values);
  if (subject === undefined)
    throw new UsageError(
      `automatos credentials ${action} <${action === 'create' ? 'type' : 'id'}>`,
    );
  if (action === 'create') return create(shell, client, { ...values, type: subject });
  const path = { credential_id: subject };
  if (action === 'test') {
    const { data } = await testCredential({ client, path });
    const mark = data.ok ? paint(shell, 'green', 'accepted') : paint(shell, 'red', 'refused');
    shell.out(values.json ? `${JSON.stringify(data)}\n` : `${mark}: ${data.message}\n`);
    return data.ok ? EXIT.completed : EXIT.failed;
  }
  if (action !== 'delete')
    throw new UsageError(
      `credentials knows list, types, create, test, delete, key-status and rotate-key, not "${action}".`,
    );
  await deleteCredential({ client, path });
  shell.out('deleted\n');
  return EXIT.completed;
}

async function list(shell: Shell, client: Client, values: Values): Promise<number> {
  const { data } = await listCredentials({
    client,
    query: {
      limit: 100,
      scope: values.platform ? 'platform' : 'workspace',
      ...(values.type === undefined ? {} : { type: values.type }),
    },
  });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.items.length === 0) shell.out('No credentials.\n');
  else {
    const rows = data.items.map((one) => [
      one.id,
      one.type,
      Object.values(one.secrets)
        .map(({ last_four: end }) => `…${end ?? ''}`)
        .join(' '),
      one.last_test === null ? '–' : one.last_test.ok ? 'accepted' : 'refused',
      one.last_used_at ?? 'never',
      one.name,
    ]);
    shell.out(formatTable([['ID', 'TYPE', 'SECRETS', 'TEST', 'USED', 'NAME'], ...rows]));
  }
  return EXIT.completed;
}

async function types(shell: Shell, client: Client, values: Values): Promise<number> {
  const { data } = await listCredentialTypes({ client });
  const field = (one: { name: string; required: boolean; secret: boolean }) =>
    `${one.secret ? '*' : ''}${one.name}${one.required ? '' : '?'}`;
  const rows = data.items.map((type) => [type.id, type.name, type.fields.map(field).join(' ')]);
  shell.out(
    values.json
      ? `${JSON.stringify(data)}\n`
      : formatTable([['TYPE', 'NAME', 'FIELDS (* secret, ? optional)'], ...rows]),
  );
  return EXIT.completed;
}

async function create(
  shell: Shell,
  client: Client,
  values: Values & { type: string },
): Promise<number> {
  const { data: known } = await listCredentialTypes({ client });
  const type = known.items.find(({ id }) => id === values.type);
  const fields: Record<string, string | number | boolean> = {};
  for (const pair of values.field ?? []) {
    const [name = '', ...rest] = pair.split('=');
    const format = type?.fields.find((field) => field.name === name)?.format;
    fields[name] = toValue(format, await readValue(shell, rest.join('=')));
  }
  const { data } = await createCredential({
    client,
    body: {
      type: values.type,
      name: values.name ?? type?.name ?? values.type,
      scope: values.platform ? 'platform' : 'workspace',
      fields,
    },
  });
  shell.out(values.json ? `${JSON.stringify(data)}\n` : `${data.id}\n`);
  return EXIT.completed;
}

/** Secrets on a command line are seen by everybody on the machine: `-` reads standard input, `@file` a file. */
async function readValue(shell: Shell, text: string): Promise<string> {
  if (text === '-') return (await shell.readStdin()).trim();
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(resolve(shell.cwd, text.slice(1)), 'utf8').trim();
  } catch (error) {
    throw new UsageError(`${text.slice(1)} cannot be read: ${(error as Error).message}.`);
  }
}

function toValue(format: string | undefined, text: string): string | number | boolean {
  if (format === 'number' && /^\d+$/.test(text)) return Number(text);
  if (format === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

async function keyStatus(shell: Shell, client: Client, values: Values): Promise<number> {
  const { data } = await getEncryption({ client });
  if (values.json) {
    shell.out(`${JSON.stringify(data)}\n`);
    return data.findings.length === 0 ? EXIT.completed : EXIT.failed;
  }
  const rows = data.keys.map((key) => [
    key.id,
    key.state,
    String(key.records),
    key.available ? 'yes' : paint(shell, 'red', 'missing'),
  ]);
  if (rows.length === 0) shell.out('Nothing is encrypted yet.\n');
  else shell.out(formatTable([['KEY', 'STATE', 'RECORDS', 'HERE'], ...rows]));
  for (const finding of data.findings) shell.out(`${paint(shell, 'yellow', 'note')}: ${finding}\n`);
  return data.findings.length === 0 ? EXIT.completed : EXIT.failed;
}

/** Goes on where an earlier one was interrupted; the old key is needed until it has ended. */
async function rotateKey(shell: Shell, client: Client, values: Values): Promise<number> {
  const step = async () =>
    (await rotateEncryptionKey({ client, body: { records_max: BATCH } })).data;
  let status = await step();
  for (let before = Infinity; status.pending > 0 && status.pending < before;) {
    before = status.pending;
    shell.err(`${status.records - status.pending} of ${status.records} records\n`);
    status = await step();
  }
  if (values.json) shell.out(`${JSON.stringify(status)}\n`);
  if (status.pending > 0) {
    shell.err(
      `${status.pending} records could not be opened and stay under the old key; keep it, and enter those credentials again.\n`,
    );
    return EXIT.failed;
  }
  if (!values.json)
    shell.out(`All ${status.records} records are under ${status.current_key ?? 'the new key'}.\n`);
  return EXIT.completed;
}
