import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, silentLogger } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { base32 } from '@better-auth/utils/base32';
import { handClock } from '../../accounts/accounts.fixture.ts';
import { createSignInGuard } from '../../accounts/sign-in-guard.ts';
import { createAuditLog } from '../../audit/index.ts';
import { startKv2Server } from '../../credentials/kv2-server.fixture.ts';
import type { Kv2Server } from '../../credentials/kv2-server.fixture.ts';
import { createSecretVault } from '../../credentials/secret-vault.ts';
import { createVaultSecretStore } from '../../credentials/vault-secret-store.ts';
import { createSecondFactors } from '../../mfa/second-factors.ts';
import { hotp, stepOf } from '../../mfa/totp.ts';
import { identityPersonalData } from '../holders/identity-holders.ts';
import { erasePerson } from './erase-person.ts';

const ATTEMPT = { remoteAddress: '10.0.0.1', requestId: 'one', headers: {} };

let base: TestDatabase;
let kv: Kv2Server;
beforeAll(async () => {
  base = await createTestDatabase();
  kv = await startKv2Server();
});
afterAll(async () => {
  await kv.close();
  await base.close();
});

async function addPerson(email: string): Promise<string> {
  const id = newId();
  await base.database.pool.query('INSERT INTO users (id, name, email) VALUES ($1, $2, $3)', [
    id,
    `Person ${email}`,
    email,
  ]);
  await base.database.pool.query(
    "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')",
    [base.workspaceId, id],
  );
  return id;
}

test('the second factor of a person goes with the account, and its secret out of Vault', async () => {
  const { database, workspaceId } = base;
  const clock = handClock();
  const audit = createAuditLog({ database, clock, logger: silentLogger });
  const store = createVaultSecretStore({ ...kv, mount: 'kv', prefix: 'automatos' });
  const guard = createSignInGuard({ database, clock });
  const secrets = createSecretVault(store, []);
  const factors = createSecondFactors({ database, clock, audit, guard, secrets });
  const enable = async (userId: string, email: string) => {
    const { secret } = await factors.enrol({ id: userId, email });
    const code = hotp(base32.decode(secret), stepOf(clock.now()));
    await factors.confirm(userId, { code, attempt: ATTEMPT }, () => Promise.resolve());
  };
  const [ada, ben] = [await addPerson('ada@example.com'), await addPerson('ben@example.com')];
  await enable(ada, 'ada@example.com');
  const [ofAda] = kv.paths();
  await enable(ben, 'ben@example.com');
  expect(kv.paths()).toHaveLength(2);
  const rowsOf = async (table: string) => {
    const { rows } = await database.pool.query<{ user_id: string }>(
      `SELECT DISTINCT user_id FROM ${table} ORDER BY user_id`,
    );
    return rows.map((row) => row.user_id);
  };
  expect(await rowsOf('mfa_backup_codes')).toEqual([ada, ben].toSorted());

  const { room, account, privacy } = identityPersonalData();
  const nothing = () => Promise.resolve();
  const done = await erasePerson(
    {
      database,
      audit,
      holders: [room],
      account,
      privacy,
      contents: { openRuns: () => Promise.resolve(0), outside: () => Promise.resolve(nothing) },
      secondFactors: factors,
      keptWorkspaces: new Set(),
      afterDeletion: nothing,
      settle: nothing,
      forgetCallers: () => undefined,
    },
    {
      userId: ada,
      emails: ['ada@example.com'],
      names: ['Person ada@example.com'],
      workspaces: [workspaceId],
      account: true,
    },
  );
  expect(done).toMatchObject({ account: 'erased' });
  expect([await rowsOf('user_mfa'), await rowsOf('mfa_backup_codes')]).toEqual([[ben], [ben]]);
  // That of the other person is still there.
  expect(kv.paths()).toHaveLength(1);
  expect(kv.paths()).not.toContain(ofAda);
});
