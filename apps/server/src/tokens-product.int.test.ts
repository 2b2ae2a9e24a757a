import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Session } from '@automatos/contracts';
import { databaseKind } from '@automatos/database/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** Access tokens and sign-in at a provider through the whole product, over HTTP, in one process and in two. */

const ADA = { email: 'ada@example.com', password: 'a long enough canary 7c1e' };

let place: ProductPlace;
let product: Product;
/** The same process, or on a server database another one. */
let other: Product;
let provider: Server;
let issuer: string;
let ada: Session & { tokens: { access_token: string; refresh_token: string } };

beforeAll(async () => {
  provider = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      }),
    ),
  );
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  place = await createPlace();
  const env = {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'automatos',
    OIDC_NAME: 'Acme',
    TRUST_PROXY: '127.0.0.1',
    RATE_LIMIT_PER_MINUTE: '100000',
  };
  const start = () => startProduct(place, { env });
  [product, other] =
    databaseKind() === 'server'
      ? await Promise.all([start(), start()])
      : await start().then((only) => [only, only] as const);
  ada = (await (
    await post('/api/auth/sign-up', { ...ADA, name: 'Ada', tokens: true })
  ).json()) as typeof ada;
});
afterAll(async () => {
  await product.stop();
  if (other !== product) await other.stop();
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
  await place.remove();
});

const postTo =
  (at: Product) =>
  (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${at.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
const post: ReturnType<typeof postTo> = (...given) => postTo(product)(...given);
const whoIs = (token: string, at = product) =>
  fetch(`${at.url}/api/auth/session`, { headers: { authorization: `Bearer ${token}` } });
const signIn = async (tokens: boolean) => post('/api/auth/sign-in', { ...ADA, tokens });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

test('tokens of one process open every other, which publish the same keys', async () => {
  for (const at of [product, other]) {
    const answer = await whoIs(ada.tokens.access_token, at);
    expect(await answer.json()).toMatchObject({ user: { email: ADA.email } });
  }
  const keys = await Promise.all(
    [product, other].flatMap((at) =>
      ['/.well-known/jwks.json', '/api/auth/jwks'].map(async (path) =>
        (await fetch(`${at.url}${path}`)).json(),
      ),
    ),
  );
  expect(keys[0]).toMatchObject({
    keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }],
  });
  for (const each of keys) expect(each).toEqual(keys[0]);
});

test('a token is dead in every process at the moment of the sign-out', async () => {
  const { tokens } = (await (await signIn(true)).json()) as typeof ada;
  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  for (const at of [product, other])
    expect((await whoIs(tokens.access_token, at)).status).toBe(200);
  expect((await post('/api/auth/sign-out', {}, bearer)).status).toBe(204);
  for (const at of [other, product]) {
    const answer = await whoIs(tokens.access_token, at);
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'identity.token.revoked']);
  }
  const refresh = await postTo(other)('/api/auth/token', { refresh_token: tokens.refresh_token });
  expect(refresh.status).toBe(401);
});

test('a cookie gives a token to pages of this site only; a refresh token does to anybody who has it', async () => {
  const answer = await signIn(false);
  const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';');
  const ask = (headers: Record<string, string>) =>
    post('/api/auth/token', {}, { cookie, ...headers });
  const own = await ask({ 'sec-fetch-site': 'same-origin' });
  expect(own.headers.get('cache-control')).toBe('no-store');
  const { access_token: token } = (await own.json()) as { access_token: string };
  expect((await whoIs(token)).status).toBe(200);
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    {},
  ])
    expect((await ask(headers)).status).toBe(403);
  const body = { refresh_token: ada.tokens.refresh_token };
  expect((await post('/api/auth/token', body)).status).toBe(200);
});

test('a WebSocket opens with a token, and with a dead one not', async () => {
  const open = (token: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`${product.url.replace('http', 'ws')}/ws`, ['automatos'], {
        headers: { authorization: `Bearer ${token}` },
      });
      socket.once('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.once('unexpected-response', (_, response) => {
        response.resume();
        resolve(`refused ${response.statusCode}`);
      });
    });
  const { tokens } = (await (await signIn(true)).json()) as typeof ada;
  expect(await open(tokens.access_token)).toBe('open');
  await post('/api/auth/token/revoke', { token: tokens.access_token });
  expect(await open(tokens.access_token)).toBe('refused 401');
});

test('sign-in at a provider leads the browser there and back, with a cookie that comes along', async () => {
  expect(await product.get('/api/auth/status')).toMatchObject({
    providers: [{ id: 'oidc', name: 'Acme' }],
  });
  const start = await fetch(`${product.url}/api/auth/oidc/oidc/start?next=/runs`, {
    redirect: 'manual',
    headers: { 'x-forwarded-proto': 'https' },
  });
  expect(start.status).toBe(302);
  expect(start.headers.get('cache-control')).toBe('no-store');
  const location = new URL(start.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe(`${issuer}/authorize`);
  expect(location.searchParams.get('redirect_uri')).toBe(
    `${product.url}/api/auth/oidc/oidc/callback`,
  );
  const [cookie = ''] = start.headers.getSetCookie();
  expect(cookie.split('; ').slice(1).toSorted()).toEqual([
    'HttpOnly',
    'Max-Age=600',
    'Path=/',
    'SameSite=Lax',
    'Secure',
  ]);
  const back = await fetch(`${product.url}/api/auth/oidc/oidc/callback?code=x&state=y`, {
    redirect: 'manual',
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  expect([back.status, back.headers.get('location')]).toEqual([
    302,
    '/sign-in?error=identity.oidc.state_mismatch',
  ]);
  expect(back.headers.getSetCookie()[0]).toMatch(/^automatos_oidc=; Max-Age=0;/);
});
