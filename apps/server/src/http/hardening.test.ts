import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { allRoutes } from '@automatos/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEdge, testRoute, type EdgeFixture } from '../testing/edge-fixture.ts';
import { clientAddress, createTrustTest, networkOf } from './client-address.ts';
import { parseJsonBody } from './json-body.ts';
import { ungatedObjects } from './strict-bodies.fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

type Routes = Parameters<typeof startEdge>[0];

async function serve(routes: Routes, options: Parameters<typeof startEdge>[1] = {}) {
  fixture = await startEdge(routes, options);
  return fixture.edge;
}

const ok = testRoute({ operationId: 'ok', path: '/ok' }, () => Promise.resolve({}));
const echo = testRoute(
  {
    operationId: 'echo',
    path: '/echo',
    method: 'POST',
    body: z.strictObject({ text: z.string() }),
  },
  () => Promise.resolve({}),
);
const secret = testRoute(
  { operationId: 'secret', path: '/secret', tag: 'credentials', permission: 'authenticated' },
  () => Promise.resolve({}),
);

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

describe('limits of requests', () => {
  test('sixty-one forged addresses are one caller', async () => {
    const edge = await serve([ok]);
    const statuses = [];
    for (let count = 1; count <= 61; count += 1) {
      const headers = {
        'x-forwarded-for': `198.51.${count}.7, 2001:db8:${count}::1`,
        'x-real-ip': `198.51.100.${count}`,
        forwarded: `for=198.51.100.${count}`,
        'cf-connecting-ip': `198.51.100.${count}`,
      };
      statuses.push(
        (await edge.inject({ url: '/ok', headers, remoteAddress: '9.9.9.9' })).statusCode,
      );
    }
    expect(statuses.slice(0, 60).every((status) => status === 200)).toBe(true);
    expect(statuses[60]).toBe(429);
  });

  test('one IPv6 network is one caller, whatever its last half says', async () => {
    const edge = await serve([ok], { settings: { rateLimitPerMinute: 2 } });
    const from = async (remoteAddress: string) =>
      (await edge.inject({ url: '/ok', remoteAddress })).statusCode;
    expect(await from('2001:db8:1:2::1')).toBe(200);
    expect(await from('2001:db8:1:2:ffff::9')).toBe(200);
    expect(await from('2001:db8:1:2:3:4:5:6')).toBe(429);
    expect(await from('2001:db8:1:3::1')).toBe(200);
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:0DB8:0001::', '2001:db8:1:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4::/64'],
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
  ])('the network of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('a chain of trusted proxies is read from its end; the first that is not ours is the caller', () => {
    const isTrusted = createTrustTest(['10.0.0.0/8', 'fd00::/8', '::ffff:0:0/112']);
    const of = (peer: string, forwarded?: string) => clientAddress(peer, forwarded, isTrusted);
    expect(of('10.0.0.1', '1.1.1.1, 2.2.2.2, 10.0.0.3')).toBe('2.2.2.2');
    expect(of('10.0.0.1', '10.0.0.2, 10.0.0.3')).toBe('10.0.0.2');
    expect(of('::ffff:10.0.0.1', '2.2.2.2')).toBe('2.2.2.2');
    expect(of('fd00::1', '::ffff:3.3.3.3')).toBe('3.3.3.3');
    expect(of('9.9.9.9', '1.1.1.1')).toBe('9.9.9.9');
    // What is no address cannot be passed over in favour of what an attacker wrote before it.
    expect(of('10.0.0.1', '1.1.1.1, unknown')).toBe('10.0.0.1');
    expect(of('10.0.0.1', '1.1.1.1, 2.2.2.2:443')).toBe('10.0.0.1');
    expect(of('10.0.0.1', undefined)).toBe('10.0.0.1');
  });

  test('the callers of a workspace share its limit; the tightest limit is told', async () => {
    const edge = await serve([secret], {
      settings: { rateLimitPrincipalPerMinute: 10, rateLimitWorkspacePerMinute: 3 },
    });
    const as = (role: string) =>
      edge.inject({ url: '/secret', headers: { authorization: `Bearer ${role}` } });
    expect((await as('owner')).headers['ratelimit-limit']).toBe('3');
    expect((await as('admin')).statusCode).toBe(200);
    expect((await as('viewer')).headers['ratelimit-remaining']).toBe('0');
    const refused = await as('owner');
    expect([refused.statusCode, refused.headers['ratelimit-limit']]).toEqual([429, '3']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await as('owner@other')).statusCode).toBe(200);
  });

  test('a key with a limit of its own has that one', async () => {
    const principal = {
      kind: 'api_key' as const,
      id: 'k',
      name: 'k',
      role: 'viewer' as const,
      permissions: new Set<never>(),
    };
    const found = {
      principal,
      workspaceId: '00000000-0000-7000-8000-00000000000a' as never,
      viaCookie: false,
      rateLimitPerMinute: 2,
    };
    const authenticator = {
      authenticate: () => Promise.resolve(found),
      redeemTicket: () => Promise.resolve(null),
      stillHolds: () => Promise.resolve(true),
    };
    const edge = await serve([secret], { authenticator });
    const statuses = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await edge.inject({ url: '/secret' })).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('headers', () => {
  test.each([
    ['an answer', { url: '/ok' }, 200],
    ['an unknown path', { url: '/nowhere' }, 404],
    ['another method', { url: '/ok', method: 'DELETE' as const }, 405],
    ['a refusal', { url: '/secret' }, 401],
    ['a broken body', { url: '/echo', method: 'POST' as const, payload: '{' }, 400],
    ['a URL that cannot be decoded', { url: '/%zz' }, 400],
    ['a path that is too long', { url: `/echo/${'a'.repeat(400)}` }, 404],
    ['the document', { url: '/openapi.json' }, 200],
    ['the page of errors', { url: '/docs/errors' }, 200],
    ['a preflight', { url: '/ok', method: 'OPTIONS' as const }, 204],
  ])('%s has them all', async (_name, request, status) => {
    const edge = await serve([ok, echo, secret], {
      settings: { corsAllowOrigins: ['https://app.example'] },
    });
    const headers = { origin: 'https://app.example', 'content-type': 'application/json' };
    const answer = await edge.inject({ ...request, headers });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject(EVERYWHERE);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    expect(answer.headers['cache-control']).toMatch(/no-cache|no-store/);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
  });

  test('what is no HTTP is answered with them too', async () => {
    const edge = await serve([ok]);
    const { port } = await edge.listen({ host: '127.0.0.1', port: 0 });
    const text = (await talk(port, 'NONSENSE\r\n\r\n')).toLowerCase();
    for (const [name, value] of Object.entries(EVERYWHERE))
      expect(text).toContain(`${name}: ${value}`.toLowerCase());
    expect(text).toContain(`content-security-policy: ${API_POLICY}`);
  });

  test('answers with secrets and sessions are kept nowhere', async () => {
    const sign = testRoute({ operationId: 'sign', path: '/sign' }, () =>
      Promise.resolve({ cookies: [{ name: 'session', value: 'a', maxAge: 60 }] }),
    );
    const shown = testRoute({ operationId: 'shown', path: '/shown', secretAnswer: true }, () =>
      Promise.resolve({}),
    );
    const edge = await serve([ok, sign, shown, secret]);
    const kept = async (url: string) =>
      (await edge.inject({ url, headers: { authorization: 'Bearer owner' } })).headers[
        'cache-control'
      ];
    expect(await kept('/ok')).toBe('private, no-cache');
    for (const url of ['/sign', '/shown', '/secret']) expect(await kept(url)).toBe('no-store');
  });

  test('pages of a browser key may read, cookies stay out', async () => {
    const edge = await serve([secret], {
      isKeyOrigin: (origin) => Promise.resolve(origin === 'https://widget.example'),
    });
    const from = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') =>
      edge.inject({ method, url: '/secret', headers: { origin, authorization: 'Bearer owner' } });
    const allowed = await from('https://widget.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://widget.example');
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
    expect(allowed.headers['access-control-expose-headers']).toContain('X-Automatos-Model');
    expect((await from('https://widget.example', 'OPTIONS')).statusCode).toBe(204);
    expect(
      (await from('https://evil.example')).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });

  test('a key in a header may write from another site, a cookie may not', async () => {
    const write = testRoute(
      { operationId: 'write', path: '/write', method: 'POST', permission: 'authenticated' },
      () => Promise.resolve({}),
    );
    const edge = await serve([write]);
    const send = async (proof: Record<string, string>) => {
      const headers = {
        origin: 'https://widget.example',
        'sec-fetch-site': 'cross-site',
        ...proof,
      };
      return (await edge.inject({ method: 'POST', url: '/write', headers })).statusCode;
    };
    expect(await send({ authorization: 'Bearer owner' })).toBe(200);
    expect(await send({ cookie: 'session=owner' })).toBe(403);
    expect(await send({})).toBe(403);
  });
});

describe('bodies', () => {
  const post = (payload: string | Buffer, headers: Record<string, string> = {}) => ({
    method: 'POST' as const,
    url: '/echo',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const code = async (request: ReturnType<typeof post>) => {
    const answer = await fixture.edge.inject(request);
    return [
      answer.statusCode,
      answer.statusCode === 200 ? null : answer.json<{ code: string }>().code,
    ];
  };

  test('texts, values, levels and bytes are bounded; each bound lets the last one through', async () => {
    await serve([echo]);
    const text = (length: number) => JSON.stringify({ text: 'a'.repeat(length) });
    expect(await code(post(text(1024 * 1024)))).toEqual([200, null]);
    expect(await code(post(text(1024 * 1024 + 1)))).toEqual([413, 'http.body.text_too_long']);
    expect(await code(post(`["${'a'.repeat(1024 * 1024 + 1)}"]`))).toEqual([
      413,
      'http.body.text_too_long',
    ]);
    expect(await code(post(`{"${'a'.repeat(1024 * 1024 + 1)}":1}`))).toEqual([
      413,
      'http.body.text_too_long',
    ]);
    expect(await code(post(`[${'0,'.repeat(100_000)}0]`))).toEqual([
      413,
      'http.body.too_many_values',
    ]);
    expect((await code(post(`[${'0,'.repeat(99_999)}0]`)))[0]).toBe(400);
    expect(await code(post('['.repeat(33) + ']'.repeat(33)))).toEqual([400, 'http.body.too_deep']);
    expect(await code(post('['.repeat(500_000)))).toEqual([400, 'http.body.malformed']);
    expect(await code(post(text(5 * 1024 * 1024)))).toEqual([413, 'http.body.too_large']);
  });

  test('where a contract allows larger bodies, texts may be as long', () => {
    const text = JSON.stringify({ image: 'a'.repeat(3_000_000) });
    expect(() => parseJsonBody(text)).toThrow('/image is longer than 1048576 characters');
    expect(parseJsonBody(text, 24 * 1024 * 1024)).toHaveProperty('image.length', 3_000_000);
  });

  test('packed bodies are refused', async () => {
    await serve([echo]);
    const packed = gzipSync(JSON.stringify({ text: 'a' }));
    for (const coding of ['gzip', 'br', 'deflate, gzip', 'GZIP', 'identity, gzip']) {
      expect(await code(post(packed, { 'content-encoding': coding }))).toEqual([
        415,
        'http.content_encoding.unsupported',
      ]);
    }
    expect(await code(post('{"text":"a"}', { 'content-encoding': 'identity' }))).toEqual([
      200,
      null,
    ]);
  });

  test('every write of every contract names the fields that it takes', () => {
    const open = allRoutes().flatMap((spec) =>
      spec.body === undefined || spec.errors === 'openai'
        ? []
        : ungatedObjects(spec.body).map((place) => `${spec.operationId} ${place}`),
    );
    expect(open).toEqual([]);
    const loose = z.strictObject({ a: z.array(z.union([z.object({}), z.null()])).optional() });
    expect(ungatedObjects(loose)).toEqual(['/a']);
  });
});

describe('clients that send slowly', () => {
  const arrival = { headersMs: 150, requestMs: 400, checkMs: 25 };

  test.each([
    ['headers', 'POST /echo HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    [
      'a body',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"te',
    ],
    ['nothing after the first letter', 'P'],
  ])('%s that do not come end with 408', async (_name, begin) => {
    const edge = await serve([echo], { settings: { arrival } });
    const { port } = await edge.listen({ host: '127.0.0.1', port: 0 });
    const text = await talk(port, begin);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"code":"http.request.timeout"');
  });
});

/** Everything that a server says to these bytes until it closes. */
async function talk(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
