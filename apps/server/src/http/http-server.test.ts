import { once } from 'node:events';
import { connect } from 'node:net';
import type { BoundRoute, Call } from '@automatos/contracts';
import { deferred, notFound, PlatformError } from '@automatos/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEdge, testRoute, type EdgeFixture } from '../testing/edge-fixture.ts';
import { currentRequest } from './request-context.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

async function serve(routes: BoundRoute[], overrides: Parameters<typeof startEdge>[1] = {}) {
  fixture = await startEdge(routes, overrides);
  return fixture.edge;
}

const owner = { authorization: 'Bearer owner' };
const viewer = { authorization: 'Bearer viewer' };
const ok = testRoute(
  { operationId: 'ok', path: '/ok', response: z.object({ ok: z.boolean() }) },
  () => Promise.resolve({ body: { ok: true } }),
);
const thing = z.strictObject({
  name: z.string().min(1).max(5),
  size: z.int().optional(),
  parts: z.array(z.strictObject({ id: z.string() })).optional(),
});
const createThing = (handle: (call: Call) => unknown = (call) => call.body) =>
  testRoute(
    {
      operationId: 'createThing',
      method: 'POST',
      path: '/things',
      permission: 'agents:write',
      body: thing,
      response: thing,
      status: 201,
    },
    async (call) => ({ body: await handle(call) }),
  );

async function problem(edge: EdgeFixture['edge'], options: Parameters<typeof edge.inject>[0]) {
  const answer = await edge.inject(options);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const body = answer.json<{
    status: number;
    code: string;
    detail: string;
    request_id: string;
    errors?: { pointer: string }[];
  }>();
  expect(body.status).toBe(answer.statusCode);
  expect(body.request_id).toBe(answer.headers['x-request-id']);
  return { ...body, headers: answer.headers, pointers: body.errors?.map((error) => error.pointer) };
}

describe('routes', () => {
  test.each([
    ['without a permission', { permission: undefined as never }, /declares no known permission/],
    [
      'with an unknown permission',
      { permission: 'moon:walk' as never },
      /declares no known permission/,
    ],
    ['whose path has parameters that the schema lacks', { path: '/a/:id' }, /path names \[id\]/],
  ])('a route %s refuses to start', async (_name, change, expected) => {
    fixture = await startEdge([]);
    await expect(startEdge([{ ...ok, spec: { ...ok.spec, ...change } }])).rejects.toThrow(expected);
  });

  test('the same operation or path twice refuses to start', async () => {
    fixture = await startEdge([]);
    await expect(startEdge([ok, ok])).rejects.toThrow(
      /operation ok is bound twice; GET \/ok is bound twice/,
    );
  });

  test('an unknown path is 404, a known one with another method 405 with Allow', async () => {
    const edge = await serve([ok]);
    expect(await problem(edge, { method: 'GET', url: '/nowhere' })).toMatchObject({
      status: 404,
      code: 'http.route.not_found',
    });
    const answer = await problem(edge, { method: 'DELETE', url: '/ok' });
    expect(answer).toMatchObject({ status: 405, code: 'http.method.not_allowed' });
    expect(answer.headers['allow']).toBe('GET');
  });

  test('fields that the contract does not name never leave', async () => {
    const leaky = testRoute(
      { operationId: 'leaky', path: '/leaky', response: z.object({ a: z.number() }) },
      () => Promise.resolve({ body: { a: 1, secret: 'x' } }),
    );
    const edge = await serve([leaky]);
    expect((await edge.inject({ url: '/leaky' })).json()).toEqual({ a: 1 });
  });

  test('an answer that misses a field is an error of the server, said so', async () => {
    const wrong = testRoute(
      { operationId: 'wrong', path: '/wrong', response: z.object({ a: z.number() }) },
      () => Promise.resolve({ body: {} }),
    );
    const edge = await serve([wrong]);
    expect(await problem(edge, { url: '/wrong' })).toMatchObject({
      status: 500,
      code: 'http.response.invalid',
    });
  });

  test('what breaks inside shows no driver text', async () => {
    const broken = testRoute({ operationId: 'broken', path: '/broken' }, () =>
      Promise.reject(new Error('password=hunter2')),
    );
    const edge = await serve([broken]);
    const answer = await problem(edge, { url: '/broken' });
    expect(answer).toMatchObject({ status: 500, code: 'internal.error.unexpected' });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});

describe('validation', () => {
  test('each wrong field has a JSON pointer, unknown fields too', async () => {
    const edge = await serve([createThing()]);
    const answer = await problem(edge, {
      method: 'POST',
      url: '/things',
      headers: owner,
      payload: {
        name: 'too long',
        size: 'x',
        parts: [{ id: 'a' }, { id: 1, 'a/b~c': 2 }],
        extra: true,
      },
    });
    expect(answer).toMatchObject({ status: 400, code: 'request.input.invalid' });
    expect(answer.pointers).toEqual([
      '/name',
      '/size',
      '/parts/1/id',
      '/parts/1/a~1b~0c',
      '/extra',
    ]);
  });

  test('path and query have their own pointers; workspace_id is allowed everywhere', async () => {
    const seen: unknown[] = [];
    const list = testRoute(
      {
        operationId: 'list',
        path: '/list/:id',
        params: z.strictObject({ id: z.uuid() }),
        query: z.strictObject({ limit: z.coerce.number().int().max(100).default(20) }),
      },
      (call) => {
        seen.push(call.query);
        return Promise.resolve({});
      },
    );
    const edge = await serve([list]);
    expect((await problem(edge, { url: '/list/x?limit=1' })).pointers).toEqual(['/params/id']);
    const id = '00000000-0000-7000-8000-000000000001';
    expect((await problem(edge, { url: `/list/${id}?limit=1000` })).pointers).toEqual([
      '/query/limit',
    ]);
    expect((await problem(edge, { url: `/list/${id}?page=2` })).pointers).toEqual(['/query/page']);
    expect((await problem(edge, { url: `/list/${id}?limit=1&limit=2` })).pointers).toEqual([
      '/query/limit',
    ]);
    expect((await edge.inject({ url: `/list/${id}?workspace_id=${id}` })).statusCode).toBe(200);
    expect(seen).toEqual([{ limit: 20 }]);
  });

  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  test.each([
    { name: 'broken JSON', payload: '{"name": ', status: 400, code: 'http.body.malformed' },
    { name: '33 levels', payload: nested(33), status: 400, code: 'http.body.too_deep' },
    {
      name: '32 levels, read but of the wrong shape',
      payload: nested(32),
      status: 400,
      code: 'request.input.invalid',
    },
    {
      name: '100,000 levels',
      payload: '['.repeat(100_000) + ']'.repeat(100_000),
      status: 400,
      code: 'http.body.too_deep',
    },
    {
      name: '__proto__',
      payload: '{"name":"a","__proto__":{"admin":true}}',
      status: 400,
      code: 'http.body.forbidden_key',
    },
    {
      name: 'an escaped __proto__',
      payload: String.raw`{"name":"a","\u005f_proto__":{"admin":true}}`,
      status: 400,
      code: 'http.body.forbidden_key',
    },
    {
      name: 'constructor.prototype',
      payload: '{"constructor":{"prototype":{}}}',
      status: 400,
      code: 'http.body.forbidden_key',
    },
    {
      name: 'a body over the limit',
      payload: JSON.stringify({ name: 'x'.repeat(5_000_000) }),
      status: 413,
      code: 'http.body.too_large',
    },
  ])('$name', async ({ payload, status, code }) => {
    const edge = await serve([createThing()]);
    const headers = { ...owner, 'content-type': 'application/json' };
    expect(await problem(edge, { method: 'POST', url: '/things', headers, payload })).toMatchObject(
      { status, code },
    );
  });

  test('another media type is 415, a body where none belongs 400', async () => {
    const bare = testRoute(
      { operationId: 'bare', method: 'POST', path: '/bare', status: 204 },
      () => Promise.resolve({}),
    );
    const edge = await serve([createThing(), bare]);
    const form = { ...owner, 'content-type': 'application/x-www-form-urlencoded' };
    expect(
      await problem(edge, { method: 'POST', url: '/things', headers: form, payload: 'name=a' }),
    ).toMatchObject({
      status: 415,
      code: 'http.media_type.unsupported',
    });
    expect(await problem(edge, { method: 'POST', url: '/bare', payload: { a: 1 } })).toMatchObject({
      code: 'http.body.unexpected',
    });
    const empty = await edge.inject({
      method: 'POST',
      url: '/bare',
      headers: { 'content-type': 'application/json' },
    });
    expect([empty.statusCode, empty.body]).toEqual([204, '']);
  });

  test('what is no HTTP and what is no URL is answered, not hung up on', async () => {
    const edge = await serve([ok]);
    expect((await edge.inject({ url: '/%E0%A4%A' })).json()).toMatchObject({
      code: 'http.request.malformed',
      status: 400,
    });
    const { port } = await edge.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(port, '127.0.0.1');
    socket.write('this is not http\r\n\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('"code":"http.request.malformed"');
    socket.destroy();
  });
});

describe('identity', () => {
  test('no credentials 401 with WWW-Authenticate, too little permission 403, both counted', async () => {
    const edge = await serve([createThing()]);
    const payload = { name: 'a' };
    const nobody = await problem(edge, { method: 'POST', url: '/things', payload });
    expect(nobody).toMatchObject({ status: 401, code: 'auth.credentials.missing' });
    expect(nobody.headers['www-authenticate']).toBe('Bearer');
    expect(
      await problem(edge, { method: 'POST', url: '/things', headers: viewer, payload }),
    ).toMatchObject({
      status: 403,
      code: 'auth.permission.missing',
    });
    const foreign = { ...owner, 'x-workspace-id': 'foreign' };
    expect(
      await problem(edge, { method: 'POST', url: '/things', headers: foreign, payload }),
    ).toMatchObject({ status: 403 });
    const text = await fixture.telemetry.exposition();
    for (const reason of ['unauthenticated', 'forbidden', 'cross_tenant']) {
      expect(text).toContain(`amas_auth_denied_total{reason="${reason}"} 1`);
    }
  });

  test('who may not come in cannot make the server read a body', async () => {
    const edge = await serve([createThing()]);
    const headers = { 'content-type': 'application/json' };
    expect(
      await problem(edge, { method: 'POST', url: '/things', headers, payload: '{' }),
    ).toMatchObject({ status: 401 });
  });

  test('wrong credentials on a public route are no credentials', async () => {
    const edge = await serve([ok]);
    expect(
      (await edge.inject({ url: '/ok', headers: { cookie: 'session=stale' } })).statusCode,
    ).toBe(200);
  });

  test.each([
    ['no statement of the browser', {}, 403],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['a sibling site', { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost' }, 403],
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    ['the opaque origin', { origin: 'null' }, 403],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 201],
    ['our own origin', { origin: 'http://localhost' }, 201],
    ['an allowed origin', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, 201],
  ])('a cookie write from %s', async (_name, headers, status) => {
    const edge = await serve([createThing()], {
      settings: { corsAllowOrigins: ['https://app.example'] },
    });
    const answer = await edge.inject({
      method: 'POST',
      url: '/things',
      headers: { cookie: 'session=owner', host: 'localhost', ...headers } as Record<string, string>,
      payload: { name: 'a' },
    });
    expect(answer.statusCode).toBe(status);
  });
});

describe('request limits', () => {
  const get = (
    edge: EdgeFixture['edge'],
    headers: Record<string, string> = {},
    remoteAddress = '10.1.1.1',
  ) => edge.inject({ url: '/ok', headers, remoteAddress });

  test('the 60th request of an address passes, the 61st is 429 and says when to come back', async () => {
    const edge = await serve([ok]);
    for (let count = 1; count <= 60; count += 1) {
      const answer = await get(edge);
      expect([answer.statusCode, answer.headers['ratelimit-remaining']]).toEqual([
        200,
        String(60 - count),
      ]);
    }
    const refused = await get(edge);
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'http.rate.limited', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await get(edge, {}, '10.1.1.2')).statusCode).toBe(200);
  });

  test('a forged X-Forwarded-For does not make a new caller', async () => {
    const edge = await serve([ok], { settings: { rateLimitPerMinute: 3 } });
    const statuses = [];
    for (let count = 1; count <= 4; count += 1) {
      statuses.push((await get(edge, { 'x-forwarded-for': `9.9.9.${count}` })).statusCode);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test('a trusted proxy names the caller; what the caller put before is not believed', async () => {
    const edge = await serve([ok], {
      settings: { rateLimitPerMinute: 1, trustProxy: ['10.0.0.0/8'] },
    });
    const via = (forwarded: string) => get(edge, { 'x-forwarded-for': forwarded });
    expect((await via('1.1.1.1')).statusCode).toBe(200);
    expect((await via('2.2.2.2, 10.3.3.3')).statusCode).toBe(200);
    expect((await via('3.3.3.3, 1.1.1.1')).statusCode).toBe(429);
  });

  test('a signed-in caller counts apart from the address', async () => {
    const edge = await serve([ok], {
      settings: { rateLimitPerMinute: 1, rateLimitPrincipalPerMinute: 2 },
    });
    expect((await get(edge)).statusCode).toBe(200);
    expect((await get(edge)).statusCode).toBe(429);
    expect((await get(edge, owner)).statusCode).toBe(200);
    expect((await get(edge, owner)).statusCode).toBe(200);
    expect((await get(edge, owner, '10.1.1.9')).statusCode).toBe(429);
    expect((await get(edge, viewer)).statusCode).toBe(200);
  });

  test('a route may be stricter than the rest', async () => {
    const strict = testRoute(
      { operationId: 'strict', path: '/strict', rateLimitPerMinute: 1 },
      () => Promise.resolve({}),
    );
    const edge = await serve([ok, strict]);
    expect((await edge.inject({ url: '/strict' })).statusCode).toBe(200);
    expect((await edge.inject({ url: '/strict' })).statusCode).toBe(429);
    expect((await edge.inject({ url: '/ok' })).statusCode).toBe(200);
  });
});

describe('answers', () => {
  test('security headers stand on every answer, HSTS only over TLS', async () => {
    const edge = await serve([ok], { settings: { trustProxy: ['127.0.0.1'] } });
    for (const url of ['/ok', '/nowhere']) {
      expect((await edge.inject({ url })).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'permissions-policy': 'camera=(), microphone=(), geolocation=()',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
    }
    expect(
      (await edge.inject({ url: '/ok' })).headers['strict-transport-security'],
    ).toBeUndefined();
    const overTls = await edge.inject({ url: '/ok', headers: { 'x-forwarded-proto': 'https' } });
    expect(overTls.headers['strict-transport-security']).toBe(
      'max-age=63072000; includeSubDomains; preload',
    );
  });

  test('a valid request id is kept and known inside, a harmful one replaced', async () => {
    const seen: unknown[] = [];
    const echo = testRoute({ operationId: 'echo', path: '/echo' }, (call) => {
      seen.push(call.requestId, currentRequest()?.request_id);
      return Promise.resolve({});
    });
    const edge = await serve([echo]);
    const kept = await edge.inject({ url: '/echo', headers: { 'x-request-id': 'trace-12345678' } });
    expect(kept.headers['x-request-id']).toBe('trace-12345678');
    expect(seen).toEqual(['trace-12345678', 'trace-12345678']);
    const replaced = await edge.inject({
      url: '/echo',
      headers: { 'x-request-id': 'a b\tc<script>' },
    });
    expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('cross-origin pages see answers only from allowed origins', async () => {
    const edge = await serve([ok], { settings: { corsAllowOrigins: ['https://app.example'] } });
    const from = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') =>
      edge.inject({ method, url: '/ok', headers: { origin } });
    const allowed = await from('https://app.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(allowed.headers['access-control-expose-headers']).toContain('X-Request-ID');
    expect(
      (await from('https://evil.example')).headers['access-control-allow-origin'],
    ).toBeUndefined();
    const preflight = await from('https://app.example', 'OPTIONS');
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Idempotency-Key');
  });

  test('ETag is quoted, If-None-Match saves the body, If-Match is demanded, a stale one is 412', async () => {
    const read = testRoute({ operationId: 'read', path: '/v', response: z.object({}) }, () =>
      Promise.resolve({ body: {}, etag: '7' }),
    );
    const update = testRoute(
      { operationId: 'update', path: '/v', method: 'PUT', ifMatch: true, body: z.strictObject({}) },
      (call) =>
        call.headers['if-match'] === '"7"'
          ? Promise.resolve({})
          : Promise.reject(
              new PlatformError({
                code: 'thing.version.stale',
                kind: 'conflict',
                message: 'Version 7 is newer.',
              }),
            ),
    );
    const edge = await serve([read, update]);
    expect((await edge.inject({ url: '/v' })).headers['etag']).toBe('"7"');
    const unchanged = await edge.inject({ url: '/v', headers: { 'if-none-match': 'W/"7"' } });
    expect([unchanged.statusCode, unchanged.body]).toEqual([304, '']);
    const put = (headers: Record<string, string>) => ({
      method: 'PUT' as const,
      url: '/v',
      headers,
      payload: {},
    });
    expect(await problem(edge, put({}))).toMatchObject({
      status: 428,
      code: 'http.precondition.required',
    });
    expect(await problem(edge, put({ 'if-match': '"6"' }))).toMatchObject({
      status: 412,
      code: 'thing.version.stale',
    });
    expect((await edge.inject(put({ 'if-match': '"7"' }))).statusCode).toBe(200);
  });

  test('cookies are HttpOnly, Lax and, over TLS, Secure; 0 seconds deletes', async () => {
    const sign = testRoute({ operationId: 'sign', path: '/sign' }, () =>
      Promise.resolve({
        cookies: [
          { name: 'session', value: 'a b', maxAge: 60 },
          { name: 'old', value: '', maxAge: 0 },
        ],
      }),
    );
    const edge = await serve([sign], { settings: { trustProxy: ['127.0.0.1'] } });
    const answer = await edge.inject({ url: '/sign', headers: { 'x-forwarded-proto': 'https' } });
    expect(answer.headers['set-cookie']).toEqual([
      'session=a%20b; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
      'old=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  test('bytes keep their type and offer their name', async () => {
    const file = testRoute({ operationId: 'file', path: '/file', kind: 'bytes' }, () =>
      Promise.resolve({
        bytes: {
          content: '<b>ü</b>',
          contentType: 'text/html; charset=utf-8',
          filename: 'Bericht ü.html',
        },
      }),
    );
    const edge = await serve([file]);
    const answer = await edge.inject({ url: '/file' });
    expect(answer.body).toBe('<b>ü</b>');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="Bericht_.html"; filename*=UTF-8''Bericht%20%C3%BC.html`,
    );
  });

  test('the OpenAPI document and its page are served without outside resources', async () => {
    const edge = await serve([ok]);
    expect((await edge.inject({ url: '/openapi.json' })).json()).toEqual({ openapi: '3.1.0' });
    const page = await edge.inject({ url: '/docs' });
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(path).toMatch(/^\/docs\//);
      expect((await edge.inject({ url: path ?? '' })).statusCode).toBe(200);
    }
  });

  test('the type of a problem leads to the words about its code', async () => {
    const edge = await serve([ok]);
    const problem = (await edge.inject({ url: '/nowhere' })).json<{ type: string; code: string }>();
    const [path, anchor] = problem.type.split('#');
    expect(anchor).toBe('http.route.not_found');
    const page = await edge.inject({ url: path ?? '' });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(`<dt id="${problem.code}">`);
  });

  test('each request is counted once under its template, with its latency', async () => {
    const item = testRoute(
      { operationId: 'item', path: '/items/:id', params: z.strictObject({ id: z.string() }) },
      (call) => (call.params ? Promise.reject(notFound('item', 'x')) : Promise.resolve({})),
    );
    const edge = await serve([ok, item]);
    await edge.inject({ url: '/items/1' });
    await edge.inject({ url: '/items/2' });
    await edge.inject({ url: '/secret/path' });
    const text = await fixture.telemetry.exposition();
    expect(text).toContain(
      'amas_http_requests_total{method="GET",endpoint="/items/:id",status_code="404"} 2',
    );
    expect(text).toContain(
      'amas_http_request_duration_seconds_count{method="GET",endpoint="/items/:id"} 2',
    );
    expect(text).toContain('endpoint="unmatched",status_code="404"} 1');
    expect(text).not.toContain('secret');
    expect(fixture.telemetry.endpointStats.list()[0]).toMatchObject({
      endpoint: '/items/:id',
      calls: 2,
      errors: 0,
    });
  });

  test('a taken port is told in words', async () => {
    const edge = await serve([ok]);
    const { port } = await edge.listen({ host: '127.0.0.1', port: 0 });
    const second = await startEdge([ok]);
    await expect(second.edge.listen({ host: '127.0.0.1', port })).rejects.toThrow(
      /is taken by another program.*--api-port/,
    );
    await second.close();
  });
});

describe('idempotency', () => {
  const post = (key: string, payload: object, authorization = 'Bearer owner') => ({
    method: 'POST' as const,
    url: '/things',
    headers: { authorization, 'idempotency-key': key },
    payload,
  });

  test('the same key and body replays the first answer; the work is done once', async () => {
    let calls = 0;
    const edge = await serve([
      createThing((call) => ({ ...(call.body as unknown as object), size: ++calls })),
    ]);
    const first = await edge.inject(post('k1', { name: 'a' }));
    const second = await edge.inject(post('k1', { name: 'a' }));
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json()).toEqual(first.json());
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual(
      [undefined, 'true'],
    );
    expect(second.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(calls).toBe(1);
    await edge.inject(post('k1', { name: 'a' }, 'Bearer owner@other'));
    expect(calls).toBe(2);
  });

  test('the same key with another body or by another caller is 409', async () => {
    const edge = await serve([createThing()]);
    await edge.inject(post('k1', { name: 'a' }));
    for (const again of [post('k1', { name: 'b' }), post('k1', { name: 'a' }, 'Bearer admin')]) {
      expect(await problem(edge, again)).toMatchObject({
        status: 409,
        code: 'http.idempotency_key.reused',
      });
    }
  });

  test('while the first one works its double is 409 with Retry-After', async () => {
    const gate = deferred<void>();
    const started = deferred<void>();
    const edge = await serve([
      createThing(async (call) => {
        started.resolve();
        await gate.promise;
        return call.body;
      }),
    ]);
    const first = edge.inject(post('k1', { name: 'a' }));
    void first.then(() => undefined);
    await started.promise;
    const double = await problem(edge, post('k1', { name: 'a' }));
    expect(double).toMatchObject({ status: 409, code: 'http.idempotency_key.in_progress' });
    expect(double.headers['retry-after']).toBe('1');
    gate.resolve();
    expect((await first).statusCode).toBe(201);
  });

  test('a failure frees the key, so that the client may try again', async () => {
    let calls = 0;
    const edge = await serve([
      createThing((call) => {
        if (++calls === 1)
          throw new PlatformError({ code: 'x.y.away', kind: 'unavailable', message: 'away' });
        return call.body;
      }),
    ]);
    expect((await edge.inject(post('k1', { name: 'a' }))).statusCode).toBe(503);
    expect((await edge.inject(post('k1', { name: 'a' }))).statusCode).toBe(201);
  });

  test('a key with blanks or too long is refused', async () => {
    const edge = await serve([createThing()]);
    for (const key of ['a b', 'x'.repeat(201)]) {
      expect(await problem(edge, post(key, { name: 'a' }))).toMatchObject({
        status: 400,
        code: 'http.idempotency_key.invalid',
      });
    }
  });
});
