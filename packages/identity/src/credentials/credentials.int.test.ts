import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Credential, EncryptionStatus } from '@automatos/contracts';
import { assertTablesMatch, createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import type { WorkspaceId } from '@automatos/kernel';
import { principalOf } from '../authentication/types.ts';
import { credentialSecrets, credentials, encryptionKeys } from './credential-tables.ts';
import { createFixedKeyRing } from './key-ring.ts';
import { NO_ACCESS, invoke, masterKey, openRoom, principal } from './room.fixture.ts';
import type { Room } from './room.fixture.ts';

const KEY = 'sk-test-0123456789-abcd';
const OPERATOR = principal('operator');

let base: TestDatabase;
let room: Room;
let own: { workspaceId: WorkspaceId };
let foreign: { workspaceId: WorkspaceId };

beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.close());
beforeEach(async () => {
  await query('TRUNCATE credentials, credential_secrets, encryption_keys');
  room = openRoom(base);
  own = { workspaceId: base.workspaceId };
  foreign = { workspaceId: base.otherWorkspaceId };
});

async function create(
  body: object = { type: 'openai', name: 'main', fields: { api_key: KEY } },
  who: { workspaceId: WorkspaceId; principal?: typeof OPERATOR } = own,
): Promise<Credential> {
  return (await invoke<Credential>(room, 'createCredential', { ...who, body })).body;
}
const at = ({ id }: Credential, who = own) => ({ ...who, params: { credential_id: id } });
const query = (text: string, values: unknown[] = []) => base.database.pool.query(text, values);

test('the tables of the room are those of the migrations', async () => {
  const tables = [credentials, credentialSecrets, encryptionKeys];
  await expect(assertTablesMatch(base.database, tables)).resolves.toBeUndefined();
});

describe('what people see', () => {
  test('a stored credential is shown with its open fields and the last four characters, never with the secret', async () => {
    const made = await create({
      type: 'http_auth',
      name: 'billing',
      fields: { base_url: 'https://b.test', scheme: 'bearer', secret: KEY, username: 'u' },
    });
    expect(made).toMatchObject({
      scope: 'workspace',
      fields: { base_url: 'https://b.test', scheme: 'bearer', username: 'u' },
      secrets: { secret: { last_four: 'abcd' } },
      version: 1,
      created_by: 'Ada',
    });
    const listed = await invoke<{ items: Credential[] }>(room, 'listCredentials', own);
    expect(listed.body.items).toEqual([made]);
    expect(JSON.stringify([made, listed])).not.toContain(KEY);
  });

  test('secrets under twelve characters, key files and URLs give no hint away', async () => {
    const short = await create({
      type: 'custom',
      name: 'short',
      fields: {
        pin: '12345678901',
        pem: '-----BEGIN\nabcdef\n-----END',
        dsn: 'x://u:pass@host/abcd',
      },
    });
    expect(Object.values(short.secrets)).toEqual([
      { last_four: null },
      { last_four: null },
      { last_four: null },
    ]);
  });

  test('fields that do not fit are named by pointers and no message repeats a value', async () => {
    const wrong = create({
      type: 'smtp',
      name: 'mail',
      fields: {
        host: 'm.test',
        port: 70_000,
        tls: 'none',
        username: 'u',
        password: KEY,
        extra: KEY,
      },
    });
    const error: unknown = await wrong.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'credentials.fields.invalid', kind: 'invalid-input' });
    const { errors, message } = error as { errors: { pointer: string }[]; message: string };
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/fields/extra',
      '/fields/from',
      '/fields/port',
      '/fields/tls',
    ]);
    expect(JSON.stringify([errors, message])).not.toContain(KEY);
  });

  test('an unknown vendor, an unknown type and a taken name are refused', async () => {
    const fields = { provider: 'nobody', api_key: KEY };
    await expect(create({ type: 'llm_api_key', name: 'x', fields })).rejects.toMatchObject({
      errors: [
        { pointer: '/fields/provider', message: 'must be one of groq, mistral, alephalpha' },
      ],
    });
    await expect(create({ type: 'nothing', name: 'x', fields: {} })).rejects.toMatchObject({
      code: 'credentials.type.unknown',
    });
    await create();
    await expect(create()).rejects.toMatchObject({ code: 'credentials.name.taken' });
    const { rows } = await query('SELECT count(*)::int AS n FROM credential_secrets');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('an update keeps what it does not name, takes away null, and needs the version last read', async () => {
    const made = await create({
      type: 'openai',
      name: 'main',
      fields: { api_key: KEY, organization: 'org' },
    });
    const change = { body: { name: 'renamed', fields: { organization: null } } };
    const stale = { ...at(made), ...change, headers: { 'if-match': '"7"' } };
    await expect(invoke(room, 'updateCredential', stale)).rejects.toMatchObject({
      code: 'credentials.credential.version_mismatch',
      kind: 'conflict',
    });
    const good = { ...at(made), ...change, headers: { 'if-match': '"1"' } };
    const { body, etag } = await invoke<Credential>(room, 'updateCredential', good);
    expect(body).toMatchObject({ name: 'renamed', fields: {}, version: 2 });
    expect(etag).toBe('2');
    expect((await room.use(base.workspaceId, made.id, 'test')).secrets).toEqual({ api_key: KEY });
    const { rows } = await query('SELECT count(*)::int AS n FROM credential_secrets');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('a stored secret is not led to another address: it has to be entered again', async () => {
    const made = await create({
      type: 'github_token',
      name: 'gh',
      fields: { token: KEY, base_url: 'https://ghe.test/api/v3' },
    });
    const headers = { 'if-match': '*' };
    const moved = { base_url: 'https://evil.test' };
    await expect(
      invoke(room, 'updateCredential', { ...at(made), headers, body: { fields: moved } }),
    ).rejects.toMatchObject({
      code: 'credentials.fields.invalid',
      errors: [{ pointer: '/fields/base_url', message: expect.stringContaining('token again') }],
    });
    const again = { ...moved, token: 'another-token-0001' };
    await invoke(room, 'updateCredential', { ...at(made), headers, body: { fields: again } });
    const used = await room.use(base.workspaceId, 'github_token', 'test');
    expect([used.fields, used.secrets]).toEqual([moved, { token: 'another-token-0001' }]);
  });

  test('a deleted credential is gone with its secrets; one that is needed stays and names its users', async () => {
    const made = await create();
    const needed = openRoom(base, { users: () => Promise.resolve(['recipe nightly']) });
    await expect(invoke(needed, 'deleteCredential', at(made))).rejects.toMatchObject({
      code: 'credentials.credential.in_use',
      details: { users: ['recipe nightly'] },
    });
    await invoke(room, 'deleteCredential', at(made));
    await expect(room.use(base.workspaceId, made.id, 'test')).rejects.toMatchObject({
      code: 'credentials.credential.not_found',
    });
    const { rows } = await query('SELECT count(*)::int AS n FROM credential_secrets');
    expect(rows).toEqual([{ n: 0 }]);
  });
});

describe('rotation of a secret', () => {
  test('one that checks signatures counts beside the new one for 24 h, then it is cleared away', async () => {
    const fields = {
      base_url: 'https://n8n.test',
      api_key: KEY,
      webhook_secret: 'old-webhook-secret',
    };
    const made = await create({ type: 'n8n', name: 'n8n', fields });
    const body = { fields: { webhook_secret: 'new-webhook-secret' } };
    const rotated = await invoke<Credential>(room, 'rotateCredential', { ...at(made), body });
    expect(rotated.body.previous_until).toBe('2026-11-22T10:00:00.000Z');
    const used = await room.use(base.workspaceId, 'n8n', 'webhook');
    expect(used.secrets).toEqual({ api_key: KEY, webhook_secret: 'new-webhook-secret' });
    expect(used.previous).toEqual({ webhook_secret: 'old-webhook-secret' });
    room.move(86_400_000);
    expect((await room.use(base.workspaceId, 'n8n', 'webhook')).previous).toEqual({});
    await room.start();
    await expect
      .poll(async () => (await query('SELECT revision FROM credential_secrets')).rows.length)
      .toBe(1);
    await room.stop();
    expect((await room.use(base.workspaceId, 'n8n', 'webhook')).secrets['api_key']).toBe(KEY);
  });

  test('the key of a vendor has no grace: the old one is gone at once', async () => {
    const made = await create();
    const body = { fields: { api_key: 'sk-the-new-one-9999' } };
    const rotated = await invoke<Credential>(room, 'rotateCredential', { ...at(made), body });
    expect(rotated.body).toMatchObject({
      previous_until: null,
      secrets: { api_key: { last_four: '9999' } },
    });
    const { rows } = await query('SELECT count(*)::int AS n FROM credential_secrets');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('a rotation takes secrets only', async () => {
    const made = await create();
    const body = { fields: { base_url: 'https://evil.test', api_key: 'x' } };
    await expect(invoke(room, 'rotateCredential', { ...at(made), body })).rejects.toMatchObject({
      errors: [{ pointer: '/fields/base_url' }],
    });
  });
});

describe('walls', () => {
  test('another workspace gets 404 for each operation and nothing in its list', async () => {
    const made = await create();
    const headers = { 'if-match': '*' };
    const body = { fields: { api_key: 'stolen-key-000000' } };
    for (const operation of ['getCredential', 'deleteCredential', 'testCredential'])
      await expect(invoke(room, operation, at(made, foreign))).rejects.toMatchObject({
        kind: 'not-found',
      });
    for (const operation of ['updateCredential', 'rotateCredential'])
      await expect(
        invoke(room, operation, { ...at(made, foreign), headers, body }),
      ).rejects.toMatchObject({ kind: 'not-found' });
    expect((await invoke<{ items: [] }>(room, 'listCredentials', foreign)).body.items).toEqual([]);
    await expect(room.use(base.otherWorkspaceId, made.id, 'x')).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await room.vendorKey('openai', base.otherWorkspaceId)).toBeNull();
  });

  test('the database alone keeps rows of others and of the platform from a workspace', async () => {
    await create();
    await create(
      { type: 'anthropic', name: 'p', scope: 'platform', fields: { api_key: KEY } },
      { ...own, principal: OPERATOR },
    );
    const seen = await base.database.workspace(base.otherWorkspaceId, async (tx) => [
      ...(await tx.select().from(credentials)),
      ...(await tx.select().from(credentialSecrets)),
    ]);
    expect(seen).toEqual([]);
  });

  test('only the operator and platform administrators see and make credentials of the platform', async () => {
    const body = { type: 'openai', name: 'p', scope: 'platform', fields: { api_key: KEY } };
    await expect(create(body)).rejects.toMatchObject({ code: 'credentials.scope.forbidden' });
    const made = await create(body, { ...own, principal: OPERATOR });
    expect(made.scope).toBe('platform');
    const list = { ...own, query: { scope: 'platform' } };
    await expect(invoke(room, 'listCredentials', list)).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(invoke(room, 'getCredential', at(made))).rejects.toMatchObject({
      kind: 'not-found',
    });
    const shown = await invoke(room, 'getCredential', { ...at(made), principal: OPERATOR });
    expect(shown.body).toEqual(made);
    const administrator = principalOf({
      kind: 'user',
      id: 'u',
      name: 'Ada',
      role: 'viewer',
      platformAdmin: true,
    });
    const seen = await invoke(room, 'getCredential', { ...at(made), principal: administrator });
    expect(seen.body).toEqual(made);
  });
});

describe('tampering is noticed', () => {
  test('secrets moved to another row, to another workspace, or back to an older revision do not open', async () => {
    const first = await create();
    const second = await create({
      type: 'openai',
      name: 'other',
      fields: { api_key: 'sk-other-00001' },
    });
    await query(
      'UPDATE credential_secrets s SET ciphertext = o.ciphertext, wrapped_key = o.wrapped_key FROM credential_secrets o WHERE s.credential_id = $1 AND o.credential_id = $2',
      [first.id, second.id],
    );
    await expect(room.use(base.workspaceId, first.id, 'x')).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
    await query('UPDATE credentials SET workspace_id = $1 WHERE id = $2', [
      base.otherWorkspaceId,
      second.id,
    ]);
    await query('UPDATE credential_secrets SET workspace_id = $1 WHERE credential_id = $2', [
      base.otherWorkspaceId,
      second.id,
    ]);
    await expect(room.use(base.otherWorkspaceId, second.id, 'x')).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
  });

  test.each(['ciphertext', 'wrapped_key'])('a flipped bit of %s', async (column) => {
    const made = await create();
    await query(
      `UPDATE credential_secrets SET ${column} = set_byte(${column}, 20, get_byte(${column}, 20) # 1)`,
    );
    await expect(room.use(base.workspaceId, made.id, 'x')).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
  });

  test('an address changed in the row leads no key elsewhere: what is used comes from the encrypted part', async () => {
    const made = await create({
      type: 'n8n',
      name: 'n',
      fields: { base_url: 'https://n8n.test', api_key: KEY, webhook_secret: 'abcdefghijkl' },
    });
    await query(`UPDATE credentials SET fields = '{"base_url":"https://evil.test"}'`);
    expect((await room.use(base.workspaceId, made.id, 'x')).fields).toEqual({
      base_url: 'https://n8n.test',
    });
  });
});

describe('keys of model vendors', () => {
  test('workspace before platform, the newest of several, each whole', async () => {
    expect(await room.vendorKey('openai', base.workspaceId)).toBeNull();
    const platform = { type: 'openai', name: 'p', scope: 'platform' };
    const fields = { api_key: 'sk-platform-00001', organization: 'org' };
    await create({ ...platform, fields }, { ...own, principal: OPERATOR });
    expect(await room.vendorKey('openai', base.workspaceId)).toEqual({
      apiKey: 'sk-platform-00001',
      headers: { 'openai-organization': 'org' },
    });
    await create();
    expect(await room.vendorKey('openai', base.workspaceId)).toEqual({ apiKey: KEY });
    room.move(5);
    await create({
      type: 'openai',
      name: 'newer',
      fields: { api_key: 'sk-newer-000001', base_url: 'https://proxy.test/v1' },
    });
    expect(await room.vendorKey('openai', base.workspaceId)).toEqual({
      apiKey: 'sk-newer-000001',
      baseUrl: 'https://proxy.test/v1',
    });
    expect((await room.vendorKey('openai', base.otherWorkspaceId))?.apiKey).toBe(
      'sk-platform-00001',
    );
  });

  test('a second look-up costs no query; a revocation counts at once here, and soon in other processes', async () => {
    const other = openRoom(base);
    await other.start();
    const made = await create();
    expect((await room.vendorKey('openai', base.workspaceId))?.apiKey).toBe(KEY);
    expect((await other.vendorKey('openai', base.workspaceId))?.apiKey).toBe(KEY);
    // Uses are noted beside the call, once a minute.
    await expect.poll(() => [room.uses.length, other.uses.length]).toEqual([1, 1]);
    await query('ALTER TABLE credentials RENAME TO away');
    expect((await room.vendorKey('openai', base.workspaceId))?.apiKey).toBe(KEY);
    await query('ALTER TABLE away RENAME TO credentials');
    await invoke(room, 'deleteCredential', at(made));
    expect(await room.vendorKey('openai', base.workspaceId)).toBeNull();
    await expect
      .poll(() => other.vendorKey('openai', base.workspaceId), { timeout: 1_000 })
      .toBeNull();
    await other.stop();
  });

  test('one that cannot be opened is an error and is not passed over for that of the platform', async () => {
    const body = { type: 'openai', name: 'p', scope: 'platform', fields: { api_key: KEY } };
    await create(body, { ...own, principal: OPERATOR });
    await create();
    await create({ type: 'anthropic', name: 'a', fields: { api_key: KEY } });
    await query(
      `UPDATE credential_secrets SET ciphertext = 'x' WHERE type = 'openai' AND workspace_id IS NOT NULL`,
    );
    const fresh = openRoom(base);
    await expect(fresh.vendorKey('openai', base.workspaceId)).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
    expect((await fresh.vendorKey('anthropic', base.workspaceId))?.apiKey).toBe(KEY);
  });
});

test('a use is told to the audit log and noted on the row, once a minute for the same purpose', async () => {
  const made = await create();
  await room.use(base.workspaceId, 'openai', 'tool a');
  await room.use(base.workspaceId, 'openai', 'tool a');
  await room.use(base.workspaceId, 'openai', 'tool b');
  const workspaceId = base.workspaceId;
  expect(room.uses).toEqual([
    { credential: 'main', purpose: 'tool a', workspaceId },
    { credential: 'main', purpose: 'tool b', workspaceId },
  ]);
  const shown = await invoke<Credential>(room, 'getCredential', at(made));
  expect(shown.body.last_used_at).toBe('2026-11-21T10:00:00.000Z');
});

describe('master keys', () => {
  const status = (of: Room) =>
    invoke<EncryptionStatus>(of, 'getEncryption', own).then(({ body }) => body);

  test('without the key everything that needs it says so, and the start tells of it', async () => {
    const made = await create();
    const lost = openRoom(base, { ring: createFixedKeyRing([masterKey('z')]) });
    await lost.start();
    await lost.stop();
    expect(await lost.findings()).toEqual([expect.stringContaining('is missing, and 1 stored')]);
    await expect(lost.use(base.workspaceId, made.id, 'x')).rejects.toMatchObject({
      code: 'encryption.key.missing',
    });
    const body = { type: 'openai', name: 'second', fields: { api_key: KEY } };
    await expect(invoke(lost, 'createCredential', { ...own, body })).rejects.toMatchObject({
      code: 'encryption.key.missing',
    });
    expect((await status(lost)).keys).toMatchObject([{ state: 'current', available: false }]);
  });

  test('a change of the key goes batch by batch, may stop anywhere, and the old key is needed until its end', async () => {
    for (let n = 0; n < 250; n += 1)
      await create({ type: 'openai', name: `c${n}`, fields: { api_key: `sk-number-${n}-000` } });
    const rotate = (of: Room, max: number) =>
      invoke<EncryptionStatus>(of, 'rotateEncryptionKey', { ...own, body: { records_max: max } });
    await expect(rotate(room, 10)).rejects.toMatchObject({ code: 'encryption.key.unchanged' });
    const both = () =>
      openRoom(base, { ring: createFixedKeyRing([masterKey('b'), masterKey('a')]) });
    expect((await status(both())).findings).toEqual([expect.stringContaining('rotate-key')]);
    const first = await rotate(both(), 120);
    expect(first.body).toMatchObject({ records: 250, pending: 130, rotating: true });
    // Another process goes on; what is written meanwhile is under the new key.
    const successor = both();
    const named = { type: 'openai', name: 'during', fields: { api_key: KEY } };
    await invoke(successor, 'createCredential', { ...own, body: named });
    const onlyNew = openRoom(base, { ring: createFixedKeyRing([masterKey('b')]) });
    await expect(rotate(onlyNew, 10)).rejects.toMatchObject({ code: 'encryption.key.missing' });
    const second = await rotate(successor, 1_000);
    expect(second.body).toMatchObject({ records: 251, pending: 0, rotating: false });
    expect(new Map(second.body.keys.map(({ state, records }) => [state, records]))).toEqual(
      new Map([
        ['current', 251],
        ['retired', 0],
      ]),
    );
    const values = await Promise.all(
      [0, 137, 249].map(async (n) => {
        const { rows } = await query('SELECT id FROM credentials WHERE name = $1', [`c${n}`]);
        return (await onlyNew.use(base.workspaceId, rows[0].id, 'x')).secrets['api_key'];
      }),
    );
    expect(values).toEqual(['sk-number-0-000', 'sk-number-137-000', 'sk-number-249-000']);
    expect(await onlyNew.findings()).toEqual([]);
  });

  test('a damaged record does not hold up the others; its key stays needed', async () => {
    await create();
    await create({ type: 'openai', name: 'broken', fields: { api_key: KEY } });
    await query(
      `UPDATE credential_secrets SET wrapped_key = 'x' WHERE credential_id = (SELECT id FROM credentials WHERE name = 'broken')`,
    );
    const both = openRoom(base, { ring: createFixedKeyRing([masterKey('b'), masterKey('a')]) });
    const { body } = await invoke<EncryptionStatus>(both, 'rotateEncryptionKey', own);
    expect(body).toMatchObject({ records: 2, pending: 1, rotating: true });
  });
});

test('the test of a database credential logs in at a real server', async ({ skip }) => {
  if (base.url === undefined) return skip('the embedded database has no address');
  const url = new URL(base.url);
  const access = { ...NO_ACCESS, resolve: () => Promise.resolve(url.hostname) };
  const tested = openRoom(base, { access });
  const made = await create({
    type: 'postgresql',
    name: 'db',
    fields: { url: base.url, read_only: true },
  });
  const { body } = await invoke(tested, 'testCredential', at(made));
  expect(body).toMatchObject({ ok: true, message: 'The database answers.' });
  expect(made.secrets).toEqual({ url: { last_four: null } });
  return undefined;
});
