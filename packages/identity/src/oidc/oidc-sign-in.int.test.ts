import type { Reply } from '@automatos/contracts';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_COOKIE } from '../authentication/session-cookie.ts';
import type { Identity } from '../identity-service.ts';
import {
  ISSUER,
  createTestIdentity,
  invoke,
  invokeAs,
  withCookie,
} from '../tokens/identity.fixture.ts';
import type { Person, TestIdentity } from '../tokens/identity.fixture.ts';
import { createInvitations } from '../workspaces/invitations.ts';
import { OIDC_COOKIE } from './oidc-handlers.ts';
import { plainFetch, startProvider, visit } from './openid-provider.fixture.ts';
import type { ProviderAccount, TestProvider } from './openid-provider.fixture.ts';

const CALLBACK = `${ISSUER}/api/auth/oidc/oidc/callback`;
const params = { provider_id: 'oidc' };

let room: TestIdentity;
let provider: TestProvider;
let identity: Identity;
let change: (url: string, body: string) => string;
const filled: WorkspaceId[] = [];

beforeAll(async () => {
  room = await createTestIdentity();
  provider = await startProvider(CALLBACK);
});
afterAll(async () => {
  await provider.close();
  await room.close();
});
beforeEach(() => {
  filled.length = 0;
  change = (_, body) => body;
  identity = open();
});
afterEach(() => room.query('DELETE FROM users'));

function open(signUpOpen = false): Identity {
  const { issuer, clientId, clientSecret } = provider;
  return room.open({
    signUpOpen,
    issuers: {
      oidc: { issuer, name: 'Acme', clientId, clientSecret, audiences: [clientId] },
      fetch: plainFetch((url, body) => change(url, body)),
    },
    onWorkspaceCreated: (workspaceId) => Promise.resolve(void filled.push(workspaceId)),
  });
}

const account = (more: Partial<ProviderAccount> = {}): ProviderAccount => ({
  sub: newId(),
  email: `${newId()}@acme.example`,
  email_verified: true,
  name: 'Grace',
  ...more,
});
const cookieIn = (reply: Reply<unknown>, name: string) =>
  reply.cookies?.find((cookie) => cookie.name === name);
const locationOf = (reply: Reply<unknown>) => reply.headers?.['location'] ?? '';

interface Begun {
  url: string;
  /** Of the browser. */
  cookie: string;
}

async function begin(query: Record<string, string> = {}): Promise<Begun> {
  const reply = await invoke(identity, 'startOidc', { params, query });
  return { url: locationOf(reply), cookie: cookieIn(reply, OIDC_COOKIE)?.value ?? '' };
}

function finish(
  back: URL,
  cookie: string | null,
  more: { who?: Person; headers?: Record<string, string> } = {},
): Promise<Reply<never>> {
  const cookies = [
    ...(cookie === null ? [] : [`${OIDC_COOKIE}=${encodeURIComponent(cookie)}`]),
    ...(more.who === undefined ? [] : [`${SESSION_COOKIE}=${more.who.session.token}`]),
  ];
  return invoke(identity, 'finishOidc', {
    params,
    query: Object.fromEntries(back.searchParams),
    headers: { cookie: cookies.join('; '), 'user-agent': 'a browser', ...more.headers },
    ...(more.who === undefined
      ? {}
      : { principal: { kind: 'user', id: more.who.userId }, sessionId: more.who.session.id }),
  });
}

/** The whole way there and back. */
async function signIn(who: ProviderAccount | null, query: Record<string, string> = {}) {
  provider.account = who;
  const { url, cookie } = await begin(query);
  return finish(await visit(url, CALLBACK), cookie);
}

/** Why the sign-in page opens instead of a session. */
const refusal = (reply: Reply<unknown>): string | undefined =>
  cookieIn(reply, SESSION_COOKIE) === undefined
    ? /^\/sign-in\?error=(.+)$/.exec(locationOf(reply))?.[1]
    : undefined;
const sessionIn = async (reply: Reply<unknown>) => {
  const token = cookieIn(reply, SESSION_COOKIE)?.value ?? '';
  return identity.authenticator.authenticate(withCookie(token));
};

test('the first person owns the installation, in a session that says by which provider it began', async () => {
  const grace = account();
  const reply = await signIn(grace, { next: '/runs?tab=all' });
  expect(locationOf(reply)).toBe('/runs?tab=all');
  expect(cookieIn(reply, OIDC_COOKIE)).toMatchObject({ value: '', maxAge: 0 });
  const found = await sessionIn(reply);
  expect(found).toMatchObject({
    principal: { kind: 'user', name: 'Grace', role: 'owner', platformAdmin: true },
    workspaceId: DEFAULT_WORKSPACE_ID,
    viaCookie: true,
  });
  expect(await room.query('SELECT method, user_agent, mfa_at FROM sessions')).toEqual([
    { method: 'oidc', user_agent: 'a browser', mfa_at: null },
  ]);
  expect(await room.query('SELECT email, email_verified FROM users')).toEqual([
    { email: grace.email, email_verified: true },
  ]);
  const audit = await room.query('SELECT action FROM audit_log ORDER BY id DESC LIMIT 2');
  expect(audit.map(({ action }) => action)).toEqual(['auth.sign_in', 'auth.sign_up']);
  const status = await invoke(identity, 'getAuthStatus');
  expect(status.body).toMatchObject({ providers: [{ id: 'oidc', name: 'Acme' }] });
});

test('who is known signs in again by issuer and subject, also under another address', async () => {
  const grace = account();
  const first = await sessionIn(await signIn(grace));
  const again = await sessionIn(await signIn({ ...grace, email: 'new@acme.example' }));
  expect(again?.principal.id).toBe(first?.principal.id);
  expect(again?.sessionId).not.toBe(first?.sessionId);
});

test('what goes to the provider is bound by PKCE, state and nonce, and asks for a code', async () => {
  const { url, cookie } = await begin();
  const sent = new URL(url).searchParams;
  expect(Object.fromEntries(sent)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
  });
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(sent.get(name)).toMatch(/^[\w-]{43}$/);
    expect(cookie).not.toContain(sent.get(name));
  }
  const kept = JSON.stringify(await room.query('SELECT * FROM oidc_sign_ins'));
  expect(kept).not.toContain(cookie);
  expect(kept).not.toContain(sent.get('state'));
});

test.each(['//evil.example', 'https://evil.example/x', '/\\evil.example', '/..//evil.example'])(
  'the way back leads never to another site: %s',
  async (next) => expect(locationOf(await signIn(account(), { next }))).toBe('/'),
);

describe('an answer does not count', () => {
  test('in another browser than the one that began, nor with another state', async () => {
    provider.account = account();
    const [mine, other] = [await begin(), await begin()];
    const back = await visit(mine.url, CALLBACK);
    for (const cookie of [null, other.cookie, 'x', `${mine.cookie.slice(0, -1)}_`])
      expect(refusal(await finish(back, cookie))).toBe('identity.oidc.state_mismatch');
    const forged = new URL(back);
    forged.searchParams.set('state', 'A'.repeat(43));
    expect(refusal(await finish(forged, mine.cookie))).toBe('identity.oidc.state_mismatch');
    forged.searchParams.delete('state');
    expect(refusal(await finish(forged, mine.cookie))).toBe('identity.oidc.state_mismatch');
    expect(locationOf(await finish(back, mine.cookie))).toBe('/');
  });

  test('a second time, nor after ten minutes', async () => {
    provider.account = account();
    const { url, cookie } = await begin();
    const back = await visit(url, CALLBACK);
    expect(locationOf(await finish(back, cookie))).toBe('/');
    expect(refusal(await finish(back, cookie))).toBe('identity.oidc.state_mismatch');
    const late = await begin();
    const later = await visit(late.url, CALLBACK);
    room.pass(601_000);
    expect(refusal(await finish(later, late.cookie))).toBe('identity.oidc.state_mismatch');
  });

  test('with a code that was made for another browser', async () => {
    provider.account = account();
    const [mine, other] = [await begin(), await begin()];
    const stolen = (await visit(other.url, CALLBACK)).searchParams.get('code') ?? '';
    const back = await visit(mine.url, CALLBACK);
    back.searchParams.set('code', stolen);
    expect(refusal(await finish(back, mine.cookie))).toBe('identity.oidc.rejected');
  });

  test.each([
    ['nonce', 'another nonce'],
    ['code_challenge', 'A'.repeat(43)],
  ])('when its %s is another one', async (name, value) => {
    provider.account = account();
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set(name, value);
    expect(refusal(await finish(await visit(changed.href, CALLBACK), cookie))).toBe(
      'identity.oidc.rejected',
    );
  });

  test('from another issuer, or from none', async () => {
    provider.account = account();
    for (const issuer of ['https://other.example', null]) {
      const { url, cookie } = await begin();
      const back = await visit(url, CALLBACK);
      if (issuer === null) back.searchParams.delete('iss');
      else back.searchParams.set('iss', issuer);
      expect(refusal(await finish(back, cookie))).toBe('identity.oidc.rejected');
    }
  });

  test('when its ID token was changed on the way', async () => {
    provider.account = account();
    change = (_, body) =>
      body.replace(
        /"id_token":"([^".]+)\.([^".]+)\./,
        (_whole, header: string, payload: string) => {
          const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
          const changed = Buffer.from(
            JSON.stringify({ ...claims, sub: 'x', email: 'x@x.example' }),
          ).toString('base64url');
          return `"id_token":"${header}.${changed}.`;
        },
      );
    const { url, cookie } = await begin();
    expect(refusal(await finish(await visit(url, CALLBACK), cookie))).toBe(
      'identity.oidc.rejected',
    );
  });

  test('when the person refused there, or the provider is away', async () => {
    expect(refusal(await signIn(null))).toBe('identity.oidc.denied');
    change = () => 'gateway time-out';
    identity = open();
    const reply = await invoke(identity, 'startOidc', { params, query: {} });
    expect(refusal(reply)).toBe('identity.issuer.unavailable');
    identity = open();
    change = (_, body) => body;
    provider.account = account();
    const begun = await begin();
    const back = await visit(begun.url, CALLBACK);
    change = () => {
      throw new Error('no route to host');
    };
    expect(refusal(await finish(back, begun.cookie))).toBe('identity.issuer.unavailable');
    const nobody = await invoke(identity, 'startOidc', { params: { provider_id: 'x' }, query: {} });
    expect(refusal(nobody)).toBe('identity.oidc.provider_unknown');
  });
});

describe('a stranger', () => {
  let owner: Person;
  beforeEach(async () => {
    owner = await room.person();
  });

  const invite = async (email: string) => {
    const invitations = createInvitations({ database: room.base.database, clock: room.clock });
    const wanted = {
      workspaceId: room.base.workspaceId,
      email,
      role: 'member' as const,
      expiresInDays: 7,
      invitedBy: { id: owner.userId, name: 'Ada' },
    };
    return room.base.database.workspace(room.base.workspaceId, (tx) =>
      invitations.make(tx, wanted),
    );
  };

  test('is refused while sign-up is closed, and leaves nothing', async () => {
    expect(refusal(await signIn(account()))).toBe('identity.issuer.not_invited');
    expect(await room.query('SELECT 1 FROM users')).toHaveLength(1);
    expect(
      await room.query('SELECT 1 FROM accounts WHERE provider_id <> $1', ['credential']),
    ).toEqual([]);
  });

  test('joins by an invitation for an address that the provider has verified, and by no other', async () => {
    const grace = account();
    const { token } = await invite(grace.email ?? '');
    const unverified = { ...account(), email: grace.email as string, email_verified: false };
    expect(refusal(await signIn(unverified, { invitation_token: token }))).toBe(
      'identity.issuer.not_invited',
    );
    expect(refusal(await signIn(account(), { invitation_token: token }))).toBe(
      'identity.invitation.other_person',
    );
    const found = await sessionIn(await signIn(grace));
    expect(found).toMatchObject({
      principal: { role: 'member' },
      workspaceId: room.base.workspaceId,
    });
    expect(
      await room.query('SELECT accepted_by FROM invitations WHERE accepted_at IS NOT NULL'),
    ).toEqual([{ accepted_by: found?.principal.id }]);
  });

  test('comes with the invitation that they opened, known or not', async () => {
    const grace = account();
    const { token } = await invite(grace.email ?? '');
    expect(locationOf(await signIn(grace, { invitation_token: token }))).toBe('/');
    await room.query('DELETE FROM members WHERE workspace_id = $1', [room.base.workspaceId]);
    const second = await invite(grace.email ?? '');
    expect(locationOf(await signIn(grace, { invitation_token: second.token }))).toBe('/');
    expect(
      await room.query('SELECT 1 FROM members WHERE workspace_id = $1', [room.base.workspaceId]),
    ).toHaveLength(1);
  });

  test('gets a filled workspace of their own where sign-up is open', async () => {
    identity = open(true);
    const found = await sessionIn(await signIn(account()));
    expect(found?.principal.role).toBe('owner');
    expect(filled).toEqual([found?.workspaceId]);
  });

  test('gets never into an account that has the same address, even a verified one', async () => {
    identity = open(true);
    const twin = account({ email: owner.email.toUpperCase() });
    expect(refusal(await signIn(twin))).toBe('identity.issuer.email_taken');
    expect(refusal(await signIn({ ...twin, email_verified: false }))).toBe(
      'identity.issuer.email_taken',
    );
    identity = open();
    expect(refusal(await signIn({ ...twin, email_verified: false }))).toBe(
      'identity.issuer.not_invited',
    );
    expect(
      await room.query('SELECT 1 FROM accounts WHERE user_id = $1', [owner.userId]),
    ).toHaveLength(1);
  });

  test('needs an address', async () => {
    identity = open(true);
    expect(refusal(await signIn({ sub: newId(), name: 'Grace' }))).toBe(
      'identity.issuer.email_missing',
    );
  });

  test('who is locked stays out', async () => {
    identity = open(true);
    const grace = account();
    const id = (await sessionIn(await signIn(grace)))?.principal.id;
    await room.query('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
    expect(refusal(await signIn(grace))).toBe('identity.account.disabled');
  });

  test('who has a second factor here is asked for it, and not signed in before', async () => {
    identity = open(true);
    const grace = account();
    const id = (await sessionIn(await signIn(grace)))?.principal.id;
    await room.query(
      `INSERT INTO user_mfa (user_id, secret_id, store, revision, enabled_at) VALUES ($1, $2, 'database', 'r', now())`,
      [id, newId()],
    );
    const before = await room.query('SELECT 1 FROM sessions WHERE user_id = $1', [id]);
    const reply = await signIn(grace, { next: '/runs' });
    expect(cookieIn(reply, SESSION_COOKIE)).toBeUndefined();
    const asked = new URL(locationOf(reply), 'http://page.test');
    expect([asked.pathname, asked.search]).toEqual(['/sign-in', '?next=%2Fruns']);
    expect(new URLSearchParams(asked.hash.slice(1)).get('challenge')).toMatch(/^[\w-]{43}$/);
    expect(await room.query('SELECT 1 FROM sessions WHERE user_id = $1', [id])).toHaveLength(
      before.length,
    );
    expect(
      await room.query('SELECT method FROM mfa_challenges WHERE user_id = $1', [id]),
    ).toMatchObject([{ method: 'oidc' }]);
  });
});

describe('connecting a provider with an account', () => {
  async function link(who: Person, grace: ProviderAccount) {
    provider.account = grace;
    const found = await identity.authenticator.authenticate(withCookie(who.session.token));
    const reply = await invokeAs(identity, found, ['linkOidc', { params }]);
    const { url } = reply.body as unknown as { url: string };
    return { back: await visit(url, CALLBACK), cookie: cookieIn(reply, OIDC_COOKIE)?.value ?? '' };
  }
  const identitiesOf = async (who: Person) => {
    const found = await identity.authenticator.authenticate(withCookie(who.session.token));
    const { body } = await invokeAs(identity, found, ['listIdentities']);
    return (body as unknown as { items: { id: string; provider: string; name: string }[] }).items;
  };
  const disconnect = async (who: Person, id: string) => {
    const found = await identity.authenticator.authenticate(withCookie(who.session.token));
    return invokeAs(identity, found, ['deleteIdentity', { params: { identity_id: id } }]);
  };

  test('lets the person in by it, until it is disconnected', async () => {
    const ada = await room.person();
    const grace = account({ email: ada.email });
    const { back, cookie } = await link(ada, grace);
    expect(locationOf(await finish(back, cookie, { who: ada }))).toBe('/settings');
    const ways = await identitiesOf(ada);
    expect(ways).toMatchObject([
      { provider: 'password', name: 'Password' },
      { provider: 'oidc', name: 'Acme' },
    ]);
    expect((await sessionIn(await signIn(grace)))?.principal.id).toBe(ada.userId);
    await disconnect(ada, ways[1]?.id ?? '');
    expect(refusal(await signIn(grace))).toBe('identity.issuer.email_taken');
    await expect(disconnect(ada, ways[1]?.id ?? '')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(disconnect(ada, ways[0]?.id ?? '')).rejects.toMatchObject({
      code: 'identity.oidc.password_stays',
    });
  });

  test('counts only in the session that began it', async () => {
    const [ada, bob] = [await room.person(), await room.person({ name: 'Bob' })];
    const elsewhere = { ...ada, session: await room.session(ada.userId) };
    for (const who of [bob, elsewhere, undefined]) {
      const { back, cookie } = await link(ada, account());
      const reply = await finish(back, cookie, who === undefined ? {} : { who });
      expect(locationOf(reply)).toBe('/settings?error=identity.oidc.state_mismatch');
    }
    expect(await identitiesOf(ada)).toHaveLength(1);
    expect(await identitiesOf(bob)).toHaveLength(1);
  });

  test('takes an account of the provider from nobody', async () => {
    const [ada, bob] = [await room.person(), await room.person({ name: 'Bob' })];
    const grace = account();
    const first = await link(ada, grace);
    await finish(first.back, first.cookie, { who: ada });
    const second = await link(bob, grace);
    const reply = await finish(second.back, second.cookie, { who: bob });
    expect(locationOf(reply)).toBe('/settings?error=identity.oidc.linked_elsewhere');
    expect(await identitiesOf(bob)).toHaveLength(1);
  });

  test('needs a sign-in of the last minutes', async () => {
    const ada = await room.person();
    room.pass(11 * 60_000);
    await expect(link(ada, account())).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('the last way in stays, and so does one of somebody else', async () => {
    const grace = account();
    const reply = await signIn(grace);
    const token = cookieIn(reply, SESSION_COOKIE)?.value ?? '';
    const userId = (await sessionIn(reply))?.principal.id ?? '';
    const person = { userId, email: '', session: { ...(await room.session(userId)), token } };
    const [only] = await identitiesOf(person);
    await expect(disconnect(person, only?.id ?? '')).rejects.toMatchObject({
      code: 'identity.oidc.last_way_in',
    });
    const bob = await room.person({ name: 'Bob' });
    await expect(disconnect(bob, only?.id ?? '')).rejects.toMatchObject({ kind: 'not-found' });
    await room.query(
      'INSERT INTO accounts (id, account_id, provider_id, user_id) VALUES ($1, $2, $3, $4)',
      [newId(), 'x', 'https://gone.example', userId],
    );
    await expect(disconnect(person, only?.id ?? '')).rejects.toMatchObject({
      code: 'identity.oidc.last_way_in',
    });
  });
});
