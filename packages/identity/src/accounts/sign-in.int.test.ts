import { createHook } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountRoutes, apiKeyRoutes, authRoutes } from '@automatos/contracts';
import type { RouteSpec } from '@automatos/contracts';
import { sha256 } from '@automatos/kernel/hash';
import { openSite, PASSWORD, tokenOf } from './accounts.fixture.ts';
import type { SignedInPerson, Site } from './accounts.fixture.ts';
import { networkOf } from './sign-in-guard.ts';

const MINUTE_MS = 60_000;

let site: Site;
let ada: SignedInPerson;

const query = (text: string, values: unknown[] = []) =>
  site.base.database.pool.query<Record<string, unknown>>(text, values);
const attempt = (password: string, call: { remoteAddress?: string; email?: string } = {}) => ({
  remoteAddress: call.remoteAddress ?? '192.0.2.1',
  body: { email: call.email ?? ada.email, password },
});

beforeAll(async () => {
  site = await openSite();
  ada = await site.signUp('ada@example.com');
});
afterAll(() => site.close());
beforeEach(() => query('DELETE FROM sign_in_tries'));

describe('a session', () => {
  test('has a token of its own: an offered one is never taken over', async () => {
    const offered = 'a-token-that-somebody-planted';
    const reply = await site.invoke('signIn', {
      ...attempt(PASSWORD),
      headers: { cookie: `automatos_session=${offered}` },
    });
    const again = await site.invoke('signIn', {
      ...attempt(PASSWORD),
      headers: { cookie: `automatos_session=${tokenOf(reply)}` },
    });
    expect(new Set([offered, tokenOf(reply), tokenOf(again)]).size).toBe(3);
    await expect(site.asPerson(offered)).rejects.toMatchObject({ code: 'identity.session.ended' });
  });

  test('is kept as a hash, which opens nothing', async () => {
    const { rows } = await query('SELECT token, t::text AS row FROM sessions t');
    expect(JSON.stringify(rows)).not.toContain(ada.token);
    expect(rows.map((row) => row['token'])).toContain(sha256(ada.token));
    await expect(site.asPerson(sha256(ada.token))).rejects.toMatchObject({
      code: 'identity.session.ended',
    });
  });

  test('from before hashes stays signed in by what the migration does', async () => {
    const old = 'token-of-a-session-from-before';
    await query(
      `INSERT INTO sessions (id, token, user_id, expires_at) VALUES ('old', $1, $2, $3)`,
      [old, ada.id, new Date(site.clock.now() + MINUTE_MS)],
    );
    const migration = await readFile(
      new URL('../../../database/migrations/0024_mfa.sql', import.meta.url),
      'utf8',
    );
    const [conversion = ''] = /^UPDATE sessions SET token = .*(?=;)/m.exec(migration) ?? [];
    await query(`${conversion} WHERE id = 'old'`);
    expect((await site.asPerson(old)).id).toBe(ada.id);
    await query("DELETE FROM sessions WHERE id = 'old'");
  });

  test('notes its use at most once a minute', async () => {
    const lastUsed = async () =>
      (await query('SELECT last_used_at FROM sessions WHERE token = $1', [sha256(ada.token)]))
        .rows[0]?.['last_used_at'];
    await site.asPerson(ada.token);
    const first = await lastUsed();
    site.clock.move(MINUTE_MS / 2);
    await site.asPerson(ada.token);
    expect(await lastUsed()).toEqual(first);
    site.clock.move(MINUTE_MS);
    await site.asPerson(ada.token);
    expect(await lastUsed()).toEqual(new Date(site.clock.now()));
  });

  test('is listed, ended one by one or all but this, and only by its owner', async () => {
    const bob = await site.signUp('bob@example.com');
    const [one, two, three] = [
      await site.signIn(bob.email),
      await site.signIn(bob.email),
      await site.signIn(bob.email),
    ];
    const { body } = await site.invoke<{ items: { id: string; current: boolean }[] }>(
      'listSessions',
      { as: one },
    );
    expect(body?.items).toHaveLength(4);
    expect(body?.items.filter(({ current }) => current)).toHaveLength(1);
    const params = { session_id: two.known.sessionId };
    expect(await site.refusal('revokeSession', { as: ada, params })).toBe('session.item.not_found');
    await site.invoke('revokeSession', { as: one, params });
    expect([await site.isAlive(one), await site.isAlive(two), await site.isAlive(three)]).toEqual([
      true,
      false,
      true,
    ]);
    const { body: others } = await site.invoke('revokeOtherSessions', { as: one });
    expect(others).toEqual({ revoked: 2 });
    expect([await site.isAlive(one), await site.isAlive(three)]).toEqual([true, false]);
    expect(await site.isAlive(ada)).toBe(true);
  });

  test('begun with tokens sets no cookie; its access token dies with the sign-out by either', async () => {
    const reply = await site.invoke<{ tokens: { access_token: string; refresh_token: string } }>(
      'signIn',
      { body: { ...attempt(PASSWORD).body, tokens: true } },
    );
    expect(reply.cookies).toBeUndefined();
    const { access_token: access, refresh_token: refresh } = reply.body?.tokens ?? {
      access_token: '',
      refresh_token: '',
    };
    const bearer = { headers: { authorization: `Bearer ${access}` }, cookies: {}, query: {} };
    const known = await site.identity.authenticator.authenticate(bearer);
    expect(known?.principal.id).toBe(ada.id);
    await site.invoke('signOut', {
      principal: known?.principal ?? null,
      sessionId: known?.sessionId,
    });
    await expect(site.identity.authenticator.authenticate(bearer)).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
    await expect(site.asPerson(refresh)).rejects.toMatchObject({ code: 'identity.session.ended' });
  });
});

describe('tries', () => {
  test('wrong ones lock account and address for growing times, and a right one forgets them', async () => {
    for (let n = 0; n < 2; n += 1) {
      expect(await site.refusal('signIn', attempt('not the password'))).toBe(
        'identity.sign_in.rejected',
      );
      // Eight more, without what each costs.
      await query('UPDATE sign_in_tries SET failures = 9 WHERE failures = 1');
    }
    await expect(site.invoke('signIn', attempt(PASSWORD))).rejects.toMatchObject({
      code: 'identity.tries.too_many',
      kind: 'rate-limited',
      retryAfterMs: 30_000,
    });
    site.clock.move(30_001);
    expect(await site.refusal('signIn', attempt('not the password'))).toBe(
      'identity.sign_in.rejected',
    );
    await expect(site.invoke('signIn', attempt(PASSWORD))).rejects.toMatchObject({
      retryAfterMs: 60_000,
    });
    expect(await site.refusal('signIn', attempt(PASSWORD, { remoteAddress: '192.0.2.77' }))).toBe(
      'nothing',
    );
    site.clock.move(60_001);
    expect(await site.refusal('signIn', attempt(PASSWORD))).toBe('nothing');
    expect(await site.refusal('signIn', attempt('not the password'))).toBe(
      'identity.sign_in.rejected',
    );
    const { rows } = await query("SELECT target_id FROM audit_log WHERE action = 'auth.lock'");
    expect(rows.every((row) => row['target_id'] === ada.id)).toBe(true);
    expect(rows).toHaveLength(2);
  });

  test('many at once are no more than many in a row', async () => {
    const settled = await Promise.all(
      Array.from({ length: 16 }, () => site.refusal('signIn', attempt('not the password'))),
    );
    expect(settled.filter((code) => code === 'identity.sign_in.rejected')).toHaveLength(10);
    expect(settled.filter((code) => code === 'identity.tries.too_many')).toHaveLength(6);
  });

  test('from everywhere lock the account for strangers, and not where the person works', async () => {
    const subject = sha256(`account\n${ada.email}`);
    await query(
      'INSERT INTO sign_in_tries (subject, failures, last_at, locked_until) VALUES ($1, 50, $2, $3)',
      [subject, new Date(site.clock.now()), new Date(site.clock.now() + MINUTE_MS)],
    );
    const stranger = attempt(PASSWORD, { remoteAddress: '198.51.100.7' });
    expect(await site.refusal('signIn', stranger)).toBe('identity.tries.too_many');
    expect(await site.refusal('signIn', attempt(PASSWORD))).toBe('nothing');
    site.clock.move(MINUTE_MS + 1);
    expect(await site.refusal('signIn', stranger)).toBe('nothing');
  });

  test('at an unknown address answer, count and cost what a wrong password does', async () => {
    let scrypts = 0;
    const hook = createHook({
      init: (_id, type) => void (scrypts += type === 'SCRYPTREQUEST' ? 1 : 0),
    }).enable();
    const unknown = attempt('not the password', { email: 'nobody@example.com' });
    const failures: unknown[] = [];
    const costs: number[] = [];
    for (const call of [attempt('not the password'), unknown]) {
      scrypts = 0;
      failures.push(
        await site
          .invoke('signIn', call)
          .catch((error: Error & { code: string; kind: string }) => ({
            code: error.code,
            kind: error.kind,
            message: error.message,
          })),
      );
      costs.push(scrypts);
    }
    hook.disable();
    expect(failures[0]).toEqual(failures[1]);
    expect(costs).toEqual([1, 1]);
    await query('UPDATE sign_in_tries SET failures = 9');
    expect(await site.refusal('signIn', unknown)).toBe('identity.sign_in.rejected');
    expect(await site.refusal('signIn', unknown)).toBe('identity.tries.too_many');
    const { rows } = await query('SELECT t::text AS row FROM sign_in_tries t');
    expect(JSON.stringify(rows)).not.toContain('nobody');
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ])('of %s are of the network %s', (address, network) => expect(networkOf(address)).toBe(network));

  test('a disabled account is refused like a wrong password', async () => {
    const eve = await site.signUp('eve@example.com');
    await query('UPDATE users SET disabled_at = now() WHERE id = $1', [eve.id]);
    expect(await site.refusal('signIn', attempt(PASSWORD, { email: eve.email }))).toBe(
      'identity.sign_in.rejected',
    );
  });
});

describe('a profile', () => {
  test('changes its e-mail with the password only, ends other sessions, and takes nobody else’s', async () => {
    const cleo = await site.signUp('cleo@example.com');
    const other = await site.signIn(cleo.email);
    const change = (body: object) => ({ as: cleo, body });
    expect(await site.refusal('updateProfile', change({ email: 'new@example.com' }))).toBe(
      'identity.password.missing',
    );
    expect(
      await site.refusal('updateProfile', change({ email: 'new@example.com', password: 'wrong' })),
    ).toBe('identity.password.wrong');
    await expect(
      site.invoke('updateProfile', change({ email: 'ADA@example.com', password: PASSWORD })),
    ).rejects.toMatchObject({
      code: 'identity.email.taken',
      kind: 'conflict',
      errors: [{ pointer: '/email' }],
    });
    expect(await site.isAlive(other)).toBe(true);
    const { body } = await site.invoke('updateProfile', {
      ...change({ name: 'Cleo N.', email: 'New@Example.com', password: PASSWORD }),
    });
    expect(body).toMatchObject({ name: 'Cleo N.', email: 'new@example.com', id: cleo.id });
    expect([await site.isAlive(cleo), await site.isAlive(other)]).toEqual([true, false]);
  });

  test('changes its password, which ends other sessions; weak ones are refused', async () => {
    const dan = await site.signUp('daniel.miller@example.com');
    const other = await site.signIn(dan.email);
    const change = (next: string, current = PASSWORD) => ({
      as: dan,
      body: { current_password: current, new_password: next },
    });
    expect(await site.refusal('changePassword', change('a good new one', 'wrong'))).toBe(
      'identity.password.wrong',
    );
    for (const weak of [
      'password1234',
      'daniel.miller@example.com',
      'DanielMiller12!',
      'aaaaaaaaaaaa',
    ])
      expect(await site.refusal('changePassword', change(weak))).toBe('identity.password.weak');
    await site.invoke('changePassword', change('a good new one'));
    expect([await site.isAlive(dan), await site.isAlive(other)]).toEqual([true, false]);
    expect(await site.refusal('signIn', attempt(PASSWORD, { email: dan.email }))).toBe(
      'identity.sign_in.rejected',
    );
    expect(await site.refusal('signIn', attempt('a good new one', { email: dan.email }))).toBe(
      'nothing',
    );
    await site.refusal('changePassword', change('whatever it is', 'x'));
    await query('UPDATE sign_in_tries SET failures = 9 WHERE failures = 1');
    await site.refusal('changePassword', change('whatever it is', 'x'));
    expect(await site.refusal('changePassword', change('whatever it is', 'a good new one'))).toBe(
      'identity.tries.too_many',
    );
  });
});

describe('what nobody may set', () => {
  const writes = Object.values<RouteSpec>({ ...authRoutes, ...accountRoutes, ...apiKeyRoutes })
    .filter(({ body }) => body !== undefined)
    .map((spec) => [spec.operationId, spec] as const);

  test.each(writes)('%s takes no field that the contract does not name', (_id, spec) => {
    for (const name of ['id', 'user_id', 'platform_admin', 'workspace_id', 'created_by', 'hash']) {
      const result = spec.body?.safeParse({ [name]: true });
      const unknown = result?.error?.issues.find(({ code }) => code === 'unrecognized_keys');
      expect(unknown, name).toMatchObject({ keys: [name] });
    }
  });

  test('a role at sign-up, and ownership for a key', () => {
    const newcomer = { email: 'x@example.com', name: 'X', password: PASSWORD };
    expect(authRoutes.signUp.body.safeParse(newcomer).success).toBe(true);
    expect(authRoutes.signUp.body.safeParse({ ...newcomer, role: 'owner' }).success).toBe(false);
    expect(apiKeyRoutes.createKey.body.safeParse({ name: 'k', role: 'owner' }).success).toBe(false);
  });
});
