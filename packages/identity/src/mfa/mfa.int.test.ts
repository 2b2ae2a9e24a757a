import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { base32 } from '@better-auth/utils/base32';
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import { invoke, openIdentity, openSite, PASSWORD, tokenOf } from '../accounts/accounts.fixture.ts';
import type { SignedInPerson, Site } from '../accounts/accounts.fixture.ts';
import { createEncryption } from '../credentials/encryption.ts';
import { createFixedKeyRing } from '../credentials/key-ring.ts';
import { createSecretVault } from '../credentials/secret-vault.ts';
import { createDatabaseSecretStore } from '../credentials/database-secret-store.ts';
import { pruneSecrets } from '../credentials/credential-store.ts';
import { findMfa } from './mfa-store.ts';
import { hotp, stepOf } from './totp.ts';

const MINUTE_MS = 60_000;

let site: Site;
let ada: SignedInPerson;
let other: SignedInPerson;
let secret: Uint8Array;
let backupCodes: string[];

const codeNow = (aside = 0) => hotp(secret, stepOf(site.clock.now()) + aside);
const query = (text: string, values: unknown[] = []) =>
  site.base.database.pool.query<Record<string, unknown>>(text, values);

async function enrol(person: SignedInPerson): Promise<Uint8Array> {
  const { body } = await site.invoke<{ secret: string }>('enrolMfa', {
    as: person,
    body: { password: PASSWORD },
  });
  return base32.decode(body?.secret ?? '');
}

async function challengeOf(email: string): Promise<string> {
  const { body, cookies } = await site.invoke<{ mfa_required?: boolean; challenge: string }>(
    'signIn',
    { body: { email, password: PASSWORD } },
  );
  if (body?.mfa_required !== true || cookies !== undefined) throw new Error('no second step');
  return body.challenge;
}

const verify = (challenge: string, code: string) => ({ body: { challenge, code } });

beforeAll(async () => {
  site = await openSite();
  ada = await site.signUp('ada@example.com');
  secret = await enrol(ada);
  other = await site.signIn(ada.email);
  const confirmed = await site.invoke<{ backup_codes: string[] }>('confirmMfa', {
    as: ada,
    body: { code: codeNow() },
  });
  backupCodes = confirmed.body?.backup_codes ?? [];
});
afterAll(() => site.close());
beforeEach(async () => {
  // A step of its own for each test, and no failures of the one before.
  site.clock.move(2 * MINUTE_MS);
  await query('DELETE FROM sign_in_tries');
});

describe('setting one up', () => {
  test('ends the other sessions', async () =>
    expect([await site.isAlive(other), await site.isAlive(ada)]).toEqual([false, true]));

  test('needs the password, and counts only after a code of it within ten minutes', async () => {
    const bob = await site.signUp('bob@example.com');
    expect(
      await site.refusal('enrolMfa', { as: bob, body: { password: 'not the password' } }),
    ).toBe('identity.password.wrong');
    expect(await site.refusal('enrolMfa', { as: bob, body: {} })).toBe('identity.password.missing');
    const first = await enrol(bob);
    const codeOf = (of: Uint8Array) => hotp(of, stepOf(site.clock.now()));
    expect(await site.isAlive(await site.signIn(bob.email))).toBe(true);
    site.clock.move(10 * MINUTE_MS);
    expect(await site.refusal('confirmMfa', { as: bob, body: { code: codeOf(first) } })).toBe(
      'identity.mfa.not_pending',
    );
    const second = await enrol(bob);
    expect(await site.refusal('confirmMfa', { as: bob, body: { code: codeOf(first) } })).toBe(
      'identity.mfa.code_wrong',
    );
    await site.invoke('confirmMfa', { as: bob, body: { code: codeOf(second) } });
    expect(await site.refusal('enrolMfa', { as: bob, body: { password: PASSWORD } })).toBe(
      'identity.mfa.enabled',
    );
    const disable = { as: bob, body: { password: PASSWORD, code: codeOf(second) } };
    expect(await site.refusal('disableMfa', disable)).toBe('identity.mfa.code_used');
    site.clock.move(MINUTE_MS);
    disable.body.code = codeOf(second);
    await site.invoke('disableMfa', disable);
    expect(await site.isAlive(await site.signIn(bob.email))).toBe(true);
    const { rows } = await query('SELECT count(*)::int AS n FROM credential_secrets');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('people without a password need a sign-in of the last ten minutes', async () => {
    const eve = await site.signUp('eve@example.com');
    await query('DELETE FROM accounts WHERE user_id = $1', [eve.id]);
    site.clock.move(11 * MINUTE_MS);
    expect(await site.refusal('enrolMfa', { as: eve, body: {} })).toBe('identity.proof.too_old');
    await query('UPDATE sessions SET verified_at = $2 WHERE user_id = $1', [
      eve.id,
      new Date(site.clock.now() - MINUTE_MS),
    ]);
    expect(await site.refusal('enrolMfa', { as: eve, body: {} })).toBe('nothing');
    expect(await site.refusal('stepUp', { as: eve, body: {} })).toBe('identity.proof.too_old');
  });

  test('keys and the operator have no second factor', async () => {
    const operator = await site.identity.authenticator.authenticate({
      headers: { 'x-api-key': 'operator-key-of-this-test' },
      cookies: {},
      query: {},
    });
    for (const operation of ['getMfa', 'listSessions', 'revokeOtherSessions'])
      expect(await site.refusal(operation, { principal: operator?.principal ?? null })).toBe(
        'auth.person.required',
      );
  });

  test('neither secret, codes nor challenge stand in the database in clear', async () => {
    const challenge = await challengeOf(ada.email);
    const tables = ['user_mfa', 'mfa_backup_codes', 'mfa_challenges', 'credential_secrets'];
    let all = '';
    for (const table of [...tables, 'sessions', 'sign_in_tries', 'audit_log', 'users'])
      all += JSON.stringify((await query(`SELECT t::text AS row FROM ${table} t`)).rows);
    expect(all.length).toBeGreaterThan(1_000);
    for (const clear of [challenge, ...backupCodes, ada.token, Buffer.from(secret).toString('hex')])
      expect(all).not.toContain(clear);
    expect(all).not.toContain(base32.encode(secret, { padding: false }));
    expect(all).not.toContain(backupCodes[0]?.replace('-', ''));
  });
});

describe('signing in', () => {
  test('takes two steps and says in the session that a factor was shown', async () => {
    const challenge = await challengeOf(ada.email);
    const reply = await site.invoke('verifyMfa', verify(challenge, codeNow()));
    const again = await site.asPerson(tokenOf(reply));
    const { body } = await site.invoke<{ items: { current: boolean; mfa: boolean }[] }>(
      'listSessions',
      { as: again },
    );
    expect(body?.items.find((item) => item.current)?.mfa).toBe(true);
  });

  test('refuses a code that was used, and those before it', async () => {
    const older = codeNow(-1);
    const code = codeNow();
    await site.invoke('verifyMfa', verify(await challengeOf(ada.email), code));
    const replayed = verify(await challengeOf(ada.email), code);
    expect(await site.refusal('verifyMfa', replayed)).toBe('identity.mfa.code_used');
    replayed.body.code = older;
    expect(await site.refusal('verifyMfa', replayed)).toBe('identity.mfa.code_used');
    replayed.body.code = codeNow(1);
    expect(await site.refusal('verifyMfa', replayed)).toBe('nothing');
  });

  test('of two processes with the same code at once exactly one wins', async () => {
    const { url } = site.base;
    const second =
      url === undefined
        ? site.base.database
        : await openDatabase({ url, poolSize: 5, logger: silentLogger });
    const elsewhere = openIdentity(second, site.clock);
    const challenges = await Promise.all(Array.from({ length: 6 }, () => challengeOf(ada.email)));
    const code = codeNow();
    const settled = await Promise.allSettled(
      challenges.map((challenge, n) =>
        invoke(n % 2 === 0 ? site.identity : elsewhere, 'verifyMfa', verify(challenge, code)),
      ),
    );
    if (second !== site.base.database) await second.close();
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('takes each backup code once, also when it is shown twice at once', async () => {
    const [first = '', second = ''] = backupCodes;
    expect(backupCodes).toHaveLength(10);
    const misread = first.toUpperCase().replaceAll('0', 'O').replaceAll('1', 'I');
    await site.invoke('verifyMfa', verify(await challengeOf(ada.email), misread));
    const replayed = verify(await challengeOf(ada.email), first);
    expect(await site.refusal('verifyMfa', replayed)).toBe('identity.mfa.code_wrong');
    const challenges = [await challengeOf(ada.email), await challengeOf(ada.email)];
    const settled = await Promise.allSettled(
      challenges.map((challenge) => site.invoke('verifyMfa', verify(challenge, second))),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { body } = await site.invoke<{ backup_codes_left: number }>('getMfa', { as: ada });
    expect(body?.backup_codes_left).toBe(8);
  });

  test('uses a challenge once, for five minutes and five tries', async () => {
    const used = await challengeOf(ada.email);
    await site.invoke('verifyMfa', verify(used, codeNow()));
    expect(await site.refusal('verifyMfa', verify(used, codeNow(1)))).toBe(
      'identity.challenge.ended',
    );
    const late = await challengeOf(ada.email);
    site.clock.move(5 * MINUTE_MS);
    expect(await site.refusal('verifyMfa', verify(late, codeNow()))).toBe(
      'identity.challenge.ended',
    );
    const tried = await challengeOf(ada.email);
    const wrong = codeNow() === '000000' ? '000001' : '000000';
    for (let n = 0; n < 5; n += 1)
      expect(await site.refusal('verifyMfa', verify(tried, wrong))).toBe('identity.mfa.code_wrong');
    expect(await site.refusal('verifyMfa', verify(tried, codeNow()))).toBe(
      'identity.challenge.ended',
    );
  });

  test('ends where the account was locked between the steps', async () => {
    const challenge = await challengeOf(ada.email);
    await query('UPDATE users SET disabled_at = now() WHERE id = $1', [ada.id]);
    const answer = verify(challenge, codeNow());
    expect(await site.refusal('verifyMfa', answer)).toBe('identity.sign_in.rejected');
    await query('UPDATE users SET disabled_at = NULL WHERE id = $1', [ada.id]);
    expect(await site.refusal('verifyMfa', answer)).toBe('nothing');
  });

  test('wrong codes count over all challenges: after ten the person waits, and the log says so', async () => {
    const wrong = codeNow() === '000000' ? '000001' : '000000';
    for (let n = 0; n < 2; n += 1) {
      const challenge = await challengeOf(ada.email);
      for (let tries = 0; tries < 5; tries += 1)
        await site.refusal('verifyMfa', verify(challenge, wrong));
    }
    const challenge = await challengeOf(ada.email);
    await expect(site.invoke('verifyMfa', verify(challenge, codeNow()))).rejects.toMatchObject({
      code: 'identity.tries.too_many',
      kind: 'rate-limited',
      retryAfterMs: 5 * MINUTE_MS,
    });
    const { rows } = await query("SELECT target_id FROM audit_log WHERE action = 'mfa.lock'");
    expect(rows).toEqual([{ target_id: ada.id }]);
    site.clock.move(5 * MINUTE_MS + 1);
    await site.invoke('verifyMfa', verify(await challengeOf(ada.email), codeNow()));
    expect((await query('SELECT 1 FROM sign_in_tries')).rowCount).toBe(0);
  });
});

describe('while signed in', () => {
  test('a step up takes a code, once, and lasts ten minutes', async () => {
    expect(await site.refusal('stepUp', { as: ada, body: { password: PASSWORD } })).toBe(
      'identity.mfa.code_missing',
    );
    const code = codeNow();
    const { body } = await site.invoke<{ verified_until: string }>('stepUp', {
      as: ada,
      body: { code },
    });
    expect(body?.verified_until).toBe(new Date(site.clock.now() + 10 * MINUTE_MS).toISOString());
    const known = await site.asPerson(ada.token);
    expect(known.known.verifiedAt).toBe(site.clock.now());
    expect(await site.refusal('stepUp', { as: ada, body: { code } })).toBe(
      'identity.mfa.code_used',
    );
  });

  test('without a second factor the password does it, and wrong ones are counted', async () => {
    const fay = await site.signUp('fay@example.com');
    site.clock.move(MINUTE_MS);
    expect(await site.refusal('stepUp', { as: fay, body: {} })).toBe('identity.password.missing');
    expect(await site.refusal('stepUp', { as: fay, body: { password: 'wrong' } })).toBe(
      'identity.password.wrong',
    );
    await site.invoke('stepUp', { as: fay, body: { password: PASSWORD } });
    expect((await site.asPerson(fay.token)).known.verifiedAt).toBe(site.clock.now());
    // A right one forgot the wrong one before; these are ten more.
    await site.refusal('stepUp', { as: fay, body: { password: 'wrong' } });
    await query('UPDATE sign_in_tries SET failures = 9 WHERE failures = 1');
    await site.refusal('stepUp', { as: fay, body: { password: 'wrong' } });
    expect(await site.refusal('stepUp', { as: fay, body: { password: PASSWORD } })).toBe(
      'identity.tries.too_many',
    );
  });

  test('fresh backup codes end the old ones', async () => {
    const { body } = await site.invoke<{ backup_codes: string[] }>('renewBackupCodes', {
      as: ada,
      body: { code: codeNow() },
    });
    const old = verify(await challengeOf(ada.email), backupCodes[5] ?? '');
    expect(await site.refusal('verifyMfa', old)).toBe('identity.mfa.code_wrong');
    backupCodes = body?.backup_codes ?? [];
    await site.invoke('verifyMfa', verify(await challengeOf(ada.email), backupCodes[5] ?? ''));
  });
});

test('a change of the master key takes the secret along, and upkeep leaves it', async () => {
  const { database } = site.base;
  const { clock } = site;
  const ring = createFixedKeyRing(['04'.repeat(32), '03'.repeat(32)]);
  const encryption = createEncryption({ database, ring, clock });
  const before = await encryption.status();
  const done = await encryption.rotate(1_000);
  expect(done).toMatchObject({ pending: 0, records: before.records });
  expect(done.current_key).not.toBe(before.current_key);
  await database.system((tx) => pruneSecrets(tx, new Date(clock.now() + 60 * MINUTE_MS)));
  const only = createEncryption({ database, ring: createFixedKeyRing(['04'.repeat(32)]), clock });
  const vault = createSecretVault(
    createDatabaseSecretStore({ database, encryption: only, clock }),
    [],
  );
  const row = await database.system((tx) => findMfa(tx, ada.id));
  const content = await vault.get({
    id: row?.secret_id ?? '',
    workspaceId: null,
    type: 'second_factor',
    store: 'database',
    revision: row?.revision ?? '',
  });
  expect(content.secret['totp']).toBe(Buffer.from(secret).toString('hex'));
});
