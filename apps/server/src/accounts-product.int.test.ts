import type { Session } from '@automatos/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';
import { totp } from './testing/totp.ts';

/** Second factors and API keys through the whole product, over HTTP. */

const ADA = { email: 'ada@example.com', password: 'a long enough canary 5d0b' };
const PAGE = 'https://app.example.com';

let place: ProductPlace;
let product: Product;
let cookie: string;

beforeAll(async () => {
  place = await createPlace();
  product = await startProduct(place, { env: { RATE_LIMIT_PER_MINUTE: '100000' } });
  cookie = cookieOf(await post('/api/auth/sign-up', { ...ADA, name: 'Ada' }));
});
afterAll(async () => {
  await product.stop();
  await place.remove();
});

const send = (
  path: string,
  { headers, ...request }: { method: string; headers: Record<string, string>; body?: string },
) =>
  fetch(`${product.url}${path}`, {
    ...request,
    headers: { 'content-type': 'application/json', ...headers },
  });
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  send(path, { method: 'POST', headers, body: JSON.stringify(body) });
const asAda = () => ({ cookie, 'sec-fetch-site': 'same-origin' });
const cookieOf = (answer: Response) => (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
const read = (path: string, headers: Record<string, string>) =>
  send(path, { method: 'GET', headers });

async function makeKey(body: object): Promise<string> {
  const answer = await post('/api/auth/api-keys', { name: 'k', ...body }, asAda());
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { key: string }).key;
}

describe('a key', () => {
  test('with a limit of its own is refused at the request after the last, and no other with it', async () => {
    const key = await makeKey({ role: 'viewer', rate_limit_per_minute: 3 });
    const other = await makeKey({ role: 'viewer' });
    const statuses: number[] = [];
    let last = new Response();
    for (let n = 0; n < 4; n += 1) {
      last = await read('/api/auth/session', { 'x-api-key': key });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await read('/api/auth/session', { 'x-api-key': other })).status).toBe(200);
  });

  test('of a page reads and writes from there, without cookies and without CORS settings', async () => {
    const preflight = (origin: string) =>
      send('/api/auth/session', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'x-api-key',
        },
      });
    const before = await preflight(PAGE);
    expect(before.headers.get('access-control-allow-origin')).toBeNull();
    const key = await makeKey({ kind: 'browser', role: 'member', origins: [PAGE] });
    await expect
      .poll(async () => (await preflight(PAGE)).headers.get('access-control-allow-origin'))
      .toBe(PAGE);
    const allowed = await preflight(PAGE);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const elsewhere = await preflight('https://evil.example');
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
    const page = { origin: PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect((await read('/api/agents', { ...page, 'x-api-key': key })).status).toBe(200);
    const ticket = await post('/api/auth/ticket', {}, { ...page, 'x-api-key': key });
    expect(ticket.status).toBe(201);
    for (const headers of [{}, { origin: 'https://evil.example' }]) {
      const refused = await read('/api/agents', { ...headers, 'x-api-key': key });
      expect([refused.status, await codeOf(refused)]).toEqual([403, 'identity.key.origin_refused']);
    }
    // The page of a key is no page of ours: the cookie of whoever looks at it does nothing there.
    const forged = await post('/api/auth/ticket', {}, { ...page, cookie });
    expect([forged.status, await codeOf(forged)]).toEqual([403, 'http.origin.forbidden']);
  });

  test('of a server is refused in a page, also right after it was used outside of one', async () => {
    const key = await makeKey({ role: 'viewer' });
    expect((await read('/api/agents', { 'x-api-key': key, origin: PAGE })).status).toBe(200);
    const page = { origin: PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    const refused = await read('/api/agents', { ...page, 'x-api-key': key });
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'identity.key.in_page']);
  });
});

test('too many wrong passwords are answered with the time to wait, by the person’s name or a stranger’s', async () => {
  const body = { email: 'nobody@example.com', password: 'not the password' };
  const statuses: number[] = [];
  let last = new Response();
  for (let n = 0; n < 11; n += 1) {
    last = await post('/api/auth/sign-in', body);
    statuses.push(last.status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(20);
  expect(await codeOf(last)).toBe('identity.tries.too_many');
});

test('a second factor from its QR code to the sign-in with it, and out again', async () => {
  const enrolled = await post('/api/auth/mfa/enrol', { password: ADA.password }, asAda());
  const { secret } = (await enrolled.json()) as { secret: string };
  const code = totp(secret);
  const confirmed = await post('/api/auth/mfa/confirm', { code }, asAda());
  const { backup_codes: codes } = (await confirmed.json()) as { backup_codes: string[] };
  const backup = codes[0] ?? '';
  const first = await post('/api/auth/sign-in', ADA);
  expect(first.headers.getSetCookie()).toEqual([]);
  const { challenge } = (await first.json()) as { challenge: string };
  const replayed = await post('/api/auth/mfa/verify', { challenge, code });
  expect([replayed.status, await codeOf(replayed)]).toEqual([401, 'identity.mfa.code_used']);
  const second = await post('/api/auth/mfa/verify', { challenge, code: backup });
  expect(second.status).toBe(200);
  const session = (await second.json()) as Session;
  expect(session.user?.email).toBe(ADA.email);
  const own = { cookie: cookieOf(second), 'sec-fetch-site': 'same-origin' };
  expect((await read('/api/auth/sessions', own)).status).toBe(200);
  expect((await post('/api/auth/sign-out', {}, own)).status).toBe(204);
  expect((await read('/api/auth/session', own)).status).toBe(401);
  const { items } = (await (await read('/api/audit?limit=50', asAda())).json()) as {
    items: { action: string; outcome: string; target: { id: string } }[];
  };
  const entries = items.map(({ action, outcome }) => `${action} ${outcome}`);
  for (const entry of ['mfa.enrol success', 'mfa.confirm success', 'mfa.verify denied'])
    expect(entries).toContain(entry);
  expect(JSON.stringify(items)).not.toContain(backup);
});
