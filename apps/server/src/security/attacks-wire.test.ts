import { once } from 'node:events';
import { connect } from 'node:net';
import { allRoutes, buildOpenApiDocument } from '@automatos/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEdge, testRoute } from '../testing/edge-fixture.ts';
import type { EdgeFixture } from '../testing/edge-fixture.ts';
import { patternsWritten } from './patterns-written.fixture.ts';
import { slowPatterns } from './slow-patterns.fixture.ts';

/** What a hostile client does below the level of requests: raw bytes against a listening edge. */

/** Folders of the product whose patterns read what anybody sends. */
const HOSTILE_GROUND = [
  'apps/server/src/http',
  'apps/server/src/ws',
  'apps/server/src/v1',
  'packages/identity/src/authentication',
  'packages/identity/src/threats',
  'packages/identity/src/tokens',
  'packages/recipes/src/definition',
  'packages/recipes/src/references',
  'packages/recipes/src/triggers',
  'packages/contracts/src',
  'packages/database/src',
];

/** Patterns that would be slow on long text and never get one, with what bounds it. */
const BOUNDED: Readonly<Record<string, string>> = { '-+$': 'the 64 characters of a slug' };

let fixture: EdgeFixture;
let port: number;
/** What handlers have seen, so that a request that was split or repeated shows. */
const handled: string[] = [];

const echo = testRoute(
  {
    operationId: 'echo',
    method: 'POST',
    path: '/echo/:name',
    params: z.strictObject({ name: z.string().max(200) }),
    query: z.strictObject({ q: z.string().max(100).optional() }),
    body: z.strictObject({ text: z.string().optional(), tree: z.json().optional() }),
    response: z.object({ name: z.string(), method: z.string() }),
  },
  (call) => {
    const { name } = call.params as unknown as { name: string };
    handled.push(name);
    return Promise.resolve({ body: { name, method: 'POST' } });
  },
);
const file = testRoute(
  {
    operationId: 'file',
    path: '/file',
    kind: 'bytes',
    query: z.strictObject({ name: z.string() }),
  },
  (call) =>
    Promise.resolve({
      bytes: {
        content: 'x',
        contentType: 'text/plain',
        filename: (call.query as unknown as { name: string }).name,
      },
    }),
);
const remove = testRoute(
  {
    operationId: 'remove',
    method: 'DELETE',
    path: '/echo/:name',
    params: z.strictObject({ name: z.string() }),
    status: 204,
  },
  () => {
    handled.push('removed');
    return Promise.resolve({});
  },
);

beforeAll(async () => {
  fixture = await startEdge([echo, file, remove], {
    settings: {
      rateLimitPerMinute: 100_000,
      arrival: { headersMs: 150, requestMs: 300, checkMs: 25 },
    },
  });
  ({ port } = await fixture.edge.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => fixture.close());

/** Sends bytes and reads what comes until the server closes the connection. */
async function raw(bytes: string | readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const piece of [bytes].flat()) socket.write(piece);
  await once(socket, 'close');
  return answer;
}
const statuses = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
const request = (head: string, body = '') =>
  `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n${body}`;
const post = (extra: string, body: string) =>
  `POST /echo/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n${extra}\r\n${body}`;

describe('request smuggling', () => {
  const hidden = 'DELETE /echo/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
  test.each([
    ['both lengths', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${hidden}`],
    ['two lengths', `Content-Length: 2\r\nContent-Length: 60\r\n`, `{}${hidden}`],
    ['a length with a sign', `Content-Length: +2\r\n`, `{}${hidden}`],
    ['a hidden coding', `Transfer-Encoding: \vchunked\r\n`, `0\r\n\r\n${hidden}`],
    ['two codings', `Transfer-Encoding: chunked, identity\r\n`, `0\r\n\r\n${hidden}`],
    ['a blank before the colon', `Transfer-Encoding : chunked\r\n`, `0\r\n\r\n${hidden}`],
    ['a folded header', `X-Fold: a\r\n Transfer-Encoding: chunked\r\n`, `0\r\n\r\n${hidden}`],
    ['a chunk that lies', `Transfer-Encoding: chunked\r\n`, `2;\n{}\r\n0\r\n\r\n${hidden}`],
    ['a bare line feed', `X-A: a\nContent-Length: 2\r\n`, `{}${hidden}`],
    ['a zero byte', `X-A: a\0b\r\nContent-Length: 2\r\n`, `{}${hidden}`],
  ])('%s: refused, and nothing hidden is done', async (_name, extra, body) => {
    handled.length = 0;
    const answer = await raw(post(extra, body));
    expect(handled).not.toContain('removed');
    expect(handled).not.toContain('smuggled');
    expect(statuses(answer)[0]).toBe(400);
  });

  test('bytes after the end of a request that closes are nobody’s', async () => {
    handled.length = 0;
    await raw(post('Content-Length: 2\r\n', `{}${hidden}`));
    expect(handled).toEqual(['a']);
  });
});

describe('slow clients', () => {
  test.each([
    ['that never ends its headers', 'POST /echo/a HTTP/1.1\r\nHost: localhost\r\nX-Slow: a', 408],
    [
      'that never ends its body',
      'POST /echo/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"text":"',
      408,
    ],
  ])('one %s is cut by the server', async (_name, bytes, status) => {
    handled.length = 0;
    const answer = await raw(bytes);
    expect(statuses(answer)).toEqual([status]);
    expect(handled).toEqual([]);
  });

  test('fifty of them do not keep others out', async () => {
    const slow = Array.from({ length: 50 }, () => raw('GET /file?name=x HTTP/1.1\r\nHost: loc'));
    const answer = await raw(request('GET /file?name=x HTTP/1.1'));
    expect(statuses(answer)).toEqual([200]);
    await Promise.all(slow);
  });
});

describe('too much', () => {
  test('headers, and many of them', async () => {
    expect(
      statuses(await raw(request(`GET /file?name=x HTTP/1.1\r\nX-Big: ${'a'.repeat(20_000)}`))),
    ).toEqual([431]);
    const many = Array.from({ length: 5000 }, (_, n) => `X-${n}: a`).join('\r\n');
    expect(statuses(await raw(request(`GET /file?name=x HTTP/1.1\r\n${many}`)))[0]).toBe(431);
  });

  test('address, parameters, doubles and nested names of the query', async () => {
    expect(statuses(await raw(request(`GET /file?name=${'a'.repeat(20_000)} HTTP/1.1`)))).toEqual([
      431,
    ]);
    const many = Array.from({ length: 1500 }, (_, n) => `p${n}=1`).join('&');
    const inject = (url: string) => fixture.edge.inject({ method: 'GET', url });
    for (const query of [
      many,
      'name=a&name=b',
      'name[a]=b',
      '__proto__[x]=1&name=a',
      'name=a&constructor.prototype.x=1',
    ])
      expect([query.slice(0, 40), (await inject(`/file?${query}`)).statusCode]).toEqual([
        query.slice(0, 40),
        400,
      ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('body by one byte, also when it comes in chunks without saying so', async () => {
    const inject = (payload: string) =>
      fixture.edge.inject({
        method: 'POST',
        url: '/echo/big',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    const padded = (bytes: number) => `{${' '.repeat(bytes - 2)}}`;
    expect((await inject(padded(4 * 1024 * 1024))).statusCode).toBe(200);
    expect((await inject(padded(4 * 1024 * 1024 + 1))).statusCode).toBe(413);
    const piece = 'a'.repeat(64 * 1024);
    const chunks = Array.from({ length: 70 }, () => `10000\r\n${piece}\r\n`);
    const answer = await raw([post('Transfer-Encoding: chunked\r\n', ''), ...chunks, '0\r\n\r\n']);
    // Whoever goes on sending into a closed connection may not get to read why.
    expect([[413], []]).toContainEqual(statuses(answer));
  });

  test('levels of JSON, and keys that reach a prototype', async () => {
    const inject = async (payload: string) =>
      (
        await fixture.edge.inject({
          method: 'POST',
          url: '/echo/deep',
          headers: { 'content-type': 'application/json' },
          payload,
        })
      ).json<{ code?: string }>().code;
    const deep = (levels: number) => `{"tree":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(await inject(deep(32))).toBeUndefined();
    expect(await inject(deep(33))).toBe('http.body.too_deep');
    expect(await inject(deep(100_000))).toBe('http.body.too_deep');
    for (const text of [
      '{"__proto__":{"admin":true}}',
      '{"tree":{"__proto__":{"admin":true}}}',
      '{"tree":[{"constructor":{"prototype":{"admin":true}}}]}',
      '{"tree":{"\\u005f_proto__":{"admin":true}}}',
    ])
      expect([text, await inject(text)]).toEqual([text, 'http.body.forbidden_key']);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('methods and names', () => {
  test.each(['TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'PURGE'])(
    '%s is no method here',
    async (method) => {
      const answer = await raw(request(`${method} /echo/a HTTP/1.1\r\nX-Secret: told`));
      expect(answer).not.toContain('told');
      expect([[400], [404], [405], []]).toContainEqual(statuses(answer));
    },
  );

  test('a header does not change the method', async () => {
    handled.length = 0;
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override', '_method'])
      await fixture.edge.inject({
        method: 'POST',
        url: `/echo/a?_method=DELETE`,
        headers: { 'content-type': 'application/json', [name]: 'DELETE' },
        payload: '{}',
      });
    expect(handled).not.toContain('removed');
  });

  test('values that become headers stay one value', async () => {
    const name = 'a"\r\nSet-Cookie: stolen=1\r\n\r\n<script>é';
    const reply = await fixture.edge.inject({
      method: 'GET',
      url: `/file?name=${encodeURIComponent(name)}`,
    });
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(String(reply.headers['content-disposition'])).toMatch(
      /^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w%.~!*'()-]+$/,
    );
    const given = [
      'a\r\nX-Evil: 1',
      'a b c d e f g h',
      '../../../../etc/passwd',
      `${'a'.repeat(200)}`,
    ];
    for (const id of given) {
      const { headers } = await fixture.edge
        .inject({ method: 'GET', url: '/file?name=x', headers: { 'x-request-id': id } })
        .catch(() => ({ headers: {} as Record<string, string> }));
      expect(headers['x-request-id']).not.toBe(id);
      expect(headers['x-evil']).toBeUndefined();
    }
  });

  test.each([
    '/echo/..%2f..%2fetc%2fpasswd/../..',
    '/docs/../../../../etc/passwd',
    '/docs/..%2f..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/swagger-ui.css/../../package.json',
    '/docs/..\\..\\package.json',
    '/docs/%c0%ae%c0%ae/package.json',
    '/docs/%00swagger-ui.css',
    '//etc/passwd',
  ])('the path %s leads nowhere', async (path) => {
    const answer = await raw(request(`GET ${path} HTTP/1.1`));
    expect(answer).not.toMatch(/root:|"dependencies"/);
    expect([400, 404]).toContain(statuses(answer)[0]);
  });
});

describe('patterns', () => {
  const ofContracts = () => {
    const document = buildOpenApiDocument(allRoutes(), { title: 'x', version: '1' });
    const found = JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g);
    const sources = new Set([...found].map((match) => JSON.parse(match[1] ?? '""') as string));
    return [...sources].map((source) => ({ source, flags: 'u' }));
  };

  test('those of the API take a time that grows with the text', async () => {
    const patterns = ofContracts();
    expect(patterns.length).toBeGreaterThan(5);
    expect(await slowPatterns(patterns)).toEqual([]);
  });

  test('those of the code that strangers reach first do too', async () => {
    const patterns = await patternsWritten(HOSTILE_GROUND);
    expect(patterns.length).toBeGreaterThan(100);
    const slow = await slowPatterns(patterns.filter(({ source }) => !(source in BOUNDED)));
    expect(slow).toEqual([]);
  });

  test('the measure can tell', async () => {
    const bad = ['^(a+)+$', String.raw`^(?:\w|\d)*!$`];
    const all = ['^a$', ...bad, '^b$'].map((source) => ({ source, flags: '' }));
    expect(await slowPatterns(all)).toEqual(bad);
  });
});
