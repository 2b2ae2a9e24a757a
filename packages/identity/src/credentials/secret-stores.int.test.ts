import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { createDatabaseSecretStore } from './database-secret-store.ts';
import { createEncryption } from './encryption.ts';
import { toMasterKey } from './envelope.ts';
import { createFixedKeyRing } from './key-ring.ts';
import { startKv2Server } from './kv2-server.fixture.ts';
import type { Kv2Server } from './kv2-server.fixture.ts';
import { invoke, masterKey, openRoom, standingClock } from './room.fixture.ts';
import { secretStoreSuite } from './secret-store.suite.ts';
import { createVaultSecretStore } from './vault-secret-store.ts';

let base: TestDatabase;
let kv: Kv2Server;
let strict: Kv2Server;
beforeAll(async () => {
  base = await createTestDatabase();
  kv = await startKv2Server();
  strict = await startKv2Server({ casRequired: true });
});
afterAll(async () => {
  await kv.close();
  await strict.close();
  await base.close();
});

const vaultOf = ({ address, token }: Kv2Server) => ({
  address,
  token,
  mount: 'kv',
  prefix: 'automatos',
});

describe('the database', () => {
  secretStoreSuite(() => {
    const { clock } = standingClock();
    const { database, workspaceId } = base;
    const ring = createFixedKeyRing([masterKey('a')]);
    const encryption = createEncryption({ database, ring, clock });
    return { store: createDatabaseSecretStore({ database, encryption, clock }), workspaceId };
  });
});

test('a write that chose its key before a rotation began does not land under the old one', async () => {
  const { clock } = standingClock();
  const { database, workspaceId } = base;
  const ring = createFixedKeyRing([masterKey('a')]);
  const encryption = createEncryption({ database, ring, clock });
  const current = await encryption.current();
  const outdated = toMasterKey(Buffer.alloc(32, 'o'));
  const answers = [outdated, current];
  const store = createDatabaseSecretStore({
    database,
    clock,
    encryption: { ...encryption, current: () => Promise.resolve(answers.shift() ?? current) },
  });
  const owner = { workspaceId, credentialId: newId(), type: 'custom' };
  const revision = await store.put(owner, 'one');
  expect(answers).toEqual([]);
  expect(await store.get(owner, revision)).toBe('one');
  const stuck = createDatabaseSecretStore({
    database,
    clock,
    encryption: { ...encryption, current: () => Promise.resolve(outdated) },
  });
  await expect(stuck.put(owner, 'two')).rejects.toMatchObject({ code: 'encryption.key.changing' });
});

describe('Vault', () => {
  secretStoreSuite(() => ({
    store: createVaultSecretStore(vaultOf(kv)),
    workspaceId: base.workspaceId,
  }));
});

describe('Vault that demands check-and-set', () => {
  secretStoreSuite(() => ({
    store: createVaultSecretStore(vaultOf(strict)),
    workspaceId: base.workspaceId,
  }));
});

describe('when Vault does not do it', () => {
  const owner = { workspaceId: null, credentialId: newId(), type: 'custom' };

  test('a wrong token says what to check, and is not in the message', async () => {
    const store = createVaultSecretStore({ ...vaultOf(kv), token: 'hvs.wrong-token' });
    const error = await store.put(owner, 'x').catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'credentials.vault.forbidden', retryable: false });
    expect((error as Error).message).not.toContain('hvs.wrong');
  });

  test('sealed, not there, another mount, another server: each says so', async () => {
    kv.setSealed(true);
    const store = createVaultSecretStore(vaultOf(kv));
    await expect(store.put(owner, 'x')).rejects.toThrow('because it is sealed');
    kv.setSealed(false);
    const gone = createVaultSecretStore({ ...vaultOf(kv), address: 'http://127.0.0.1:9' });
    await expect(gone.get(owner, '1')).rejects.toThrow('cannot be reached');
    const elsewhere = createVaultSecretStore({ ...vaultOf(kv), mount: 'nowhere' });
    await expect(elsewhere.put(owner, 'x')).rejects.toThrow('check VAULT_MOUNT');
  });

  test('content exchanged inside of Vault does not open', async () => {
    const store = createVaultSecretStore(vaultOf(kv));
    const owners = [owner, { ...owner, credentialId: newId() }] as const;
    const revision = await store.put(owners[0], 'one');
    await store.put(owners[1], 'two');
    const path = ({ credentialId }: typeof owner) => `automatos/platform/${credentialId}`;
    kv.swap(path(owners[0]), path(owners[1]));
    await expect(store.get(owners[0], revision)).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
  });
});

test('with Vault no secret is in the database, one from before is still read, and goes over with its next change', async () => {
  const own = { workspaceId: base.workspaceId };
  const before = openRoom(base);
  const body = { type: 'openai', name: 'moves', fields: { api_key: 'sk-from-before-0001' } };
  const made = (await invoke<Credential>(before, 'createCredential', { ...own, body })).body;
  const room = openRoom(base, { vault: vaultOf(kv) });
  expect((await room.vendorKey('openai', base.workspaceId))?.apiKey).toBe('sk-from-before-0001');
  const params = { credential_id: made.id };
  const fields = { api_key: 'sk-in-vault-000002' };
  await invoke(room, 'rotateCredential', { ...own, params, body: { fields } });
  expect((await room.vendorKey('openai', base.workspaceId))?.apiKey).toBe('sk-in-vault-000002');
  const { rows } = await base.database.pool.query(
    'SELECT count(*)::int AS n FROM credential_secrets WHERE credential_id = $1',
    [made.id],
  );
  expect(rows).toEqual([{ n: 0 }]);
  expect(kv.dump()).toContain('sk-in-vault-000002');
  await expect(before.use(base.workspaceId, made.id, 'x')).rejects.toMatchObject({
    code: 'credentials.store.unavailable',
  });
  await invoke(room, 'deleteCredential', { ...own, params });
  expect(kv.paths().filter((path) => path.includes(made.id))).toEqual([]);
});
