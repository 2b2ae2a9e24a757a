import { DEFAULT_WORKSPACE_ID, PlatformError } from '@automatos/kernel';
import { expect, test } from 'vitest';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';
import { cacheKeys } from './cached-authenticator.ts';

function fixture() {
  let now = 0;
  const asked: AuthenticationRequest[] = [];
  const revoked = new Set<string>();
  const inner: Authenticator = {
    async authenticate(request) {
      asked.push(request);
      const key = request.headers['authorization'] ?? '';
      if (revoked.has(key)) {
        throw new PlatformError({
          code: 'identity.key.rejected',
          kind: 'unauthenticated',
          message: 'no',
        });
      }
      return {
        principal: { id: key },
        workspaceId: DEFAULT_WORKSPACE_ID,
        viaCookie: false,
      } as unknown as Authentication;
    },
    redeemTicket: async () => null,
    stillHolds: async () => true,
  };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const cached = cacheKeys(inner, { clock });
  const request = (headers: Record<string, string>): AuthenticationRequest => ({
    method: 'GET',
    path: '/',
    headers,
    cookies: {},
    query: {},
    remoteAddress: '',
  });
  return { asked, revoked, cached, request, pass: (ms: number) => (now += ms) };
}
const KEY = { authorization: 'Bearer a' };

test('a key is asked for once a second, whoever comes meanwhile', async () => {
  const { cached, request, asked, pass } = fixture();
  await Promise.all([1, 2, 3].map(() => cached.authenticate(request(KEY))));
  pass(999);
  await cached.authenticate(request(KEY));
  expect(asked).toHaveLength(1);
  pass(1);
  await cached.authenticate(request(KEY));
  expect(asked).toHaveLength(2);
});

test('a revoked key is refused at once where it was revoked, and after a second elsewhere', async () => {
  const { cached, request, revoked, pass } = fixture();
  await cached.authenticate(request(KEY));
  revoked.add(KEY.authorization);
  await expect(cached.authenticate(request(KEY))).resolves.not.toBeNull();
  pass(1_000);
  await expect(cached.authenticate(request(KEY))).rejects.toMatchObject({
    code: 'identity.key.rejected',
  });
  revoked.clear();
  await cached.authenticate(request(KEY));
  revoked.add(KEY.authorization);
  cached.forget();
  await expect(cached.authenticate(request(KEY))).rejects.toThrow('no');
});

test('other keys, other workspaces and cookies are asked for themselves', async () => {
  const { cached, request, asked } = fixture();
  await cached.authenticate(request(KEY));
  await cached.authenticate(request({ authorization: 'Bearer b' }));
  await cached.authenticate(request({ ...KEY, 'x-workspace-id': 'w' }));
  await cached.authenticate(request({ cookie: 'session=1' }));
  await cached.authenticate(request({ cookie: 'session=1' }));
  expect(asked).toHaveLength(5);
});

test('a key that proved itself for one path is asked for itself for another', async () => {
  const { cached, request, asked } = fixture();
  for (const pathWorkspace of ['a', 'b', 'a', undefined])
    await cached.authenticate({ ...request(KEY), pathWorkspace });
  expect(asked.map(({ pathWorkspace }) => pathWorkspace)).toEqual(['a', 'b', undefined]);
});

test('access tokens are asked for each time, so that they end everywhere at once', async () => {
  const { cached, request, asked, revoked } = fixture();
  const header = Buffer.from('{"alg":"EdDSA"}').toString('base64url');
  const token = { authorization: `Bearer ${header}.e30.c2ln` };
  await cached.authenticate(request(token));
  await cached.authenticate(request({ ...token, 'x-api-key': 'k' }));
  expect(asked).toHaveLength(2);
  revoked.add(token.authorization);
  await expect(cached.authenticate(request(token))).rejects.toThrow('no');
});
