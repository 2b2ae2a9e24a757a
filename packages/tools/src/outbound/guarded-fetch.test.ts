import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startDnsServer, type DnsServer } from './dns-server.fixture.ts';
import { createGuardedFetch, redirectTarget, type ClosableFetch } from './guarded-fetch.ts';

/** What must not be reached: it listens on loopback and counts who comes. */
let inner: Server;
let innerPort: number;
let innerCalls = 0;
/** Stands for a public server: `127.0.0.2` is allowed as a network, and has the port of the inner one. */
let outer: Server;
let dns: DnsServer;
let guarded: ClosableFetch;
let closed: ClosableFetch;

const ZEROS = Buffer.alloc(64 * 1024);

function* endless(): Generator<Buffer> {
  for (;;) yield ZEROS;
}

function answer(path: string, response: ServerResponse): void {
  const redirect = /^\/to\/(.+)$/.exec(path)?.[1];
  if (redirect !== undefined) {
    const location = decodeURIComponent(redirect).replace('PORT', String(innerPort));
    response.writeHead(302, { location }).end();
  } else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
  else if (path === '/endless') Readable.from(endless()).pipe(response);
  else if (path === '/bomb') {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    Readable.from(endless())
      .pipe(createGzip({ level: 1 }))
      .pipe(response);
  } else if (path === '/nested') {
    const body = [1, 2, 3, 4, 5, 6, 7, 8].reduce((inside) => gzipSync(inside), Buffer.from('x'));
    response
      .writeHead(200, { 'content-encoding': Array.from({ length: 8 }, () => 'gzip').join(', ') })
      .end(body);
  } else if (path === '/headers') response.writeHead(200, { 'x-much': 'a'.repeat(100_000) }).end();
  else if (path === '/slow-head') return;
  else if (path === '/slow-body') response.writeHead(200).write('first');
  else response.writeHead(200, { connection: 'close' }).end('outer');
}

beforeAll(async () => {
  inner = createServer((_request, response) => {
    innerCalls += 1;
    response.end('inner');
  });
  await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
  innerPort = (inner.address() as AddressInfo).port;
  outer = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => outer.listen(innerPort, '127.0.0.2', resolve));
  dns = await startDnsServer();
  guarded = createGuardedFetch({ allow: ['127.0.0.2/32'], lookup: dns.lookup });
  closed = createGuardedFetch({ allow: [] });
});
afterAll(async () => {
  await Promise.all([guarded.close(), closed.close(), dns.close()]);
  for (const each of [inner, outer]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
});
beforeEach(() => {
  innerCalls = 0;
  dns.asked.length = 0;
});

const at = (path: string) => `http://127.0.0.2:${innerPort}${path}`;
const text = (body: Uint8Array) => Buffer.from(body).toString();

describe('forms of an address that leads inside', () => {
  test.each([
    ['dotted', '127.0.0.1'],
    ['another of the loopback network', '127.8.8.8'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['octal, whole', '017700000001'],
    ['hex', '0x7f.0.0.1'],
    ['hex, whole', '0x7f000001'],
    ['short', '127.1'],
    ['short, three parts', '127.0.1'],
    ['all zeros', '0.0.0.0'],
    ['one zero', '0'],
    ['a dot at the end', '127.0.0.1.'],
    ['fullwidth digits', '１２７.０.０.１'],
    ['circled digits', '①②⑦.⓪.⓪.①'],
    ['an ideographic full stop', '127。0。0。1'],
    ['percent-encoded', '%31%32%37.0.0.1'],
    ['localhost', 'localhost'],
    ['localhost in capitals', 'LOCALHOST'],
    ['fullwidth localhost', 'ｌｏｃａｌｈｏｓｔ'],
    ['loopback of version 6', '[::1]'],
    ['written out', '[0:0:0:0:0:0:0:1]'],
    ['unspecified', '[::]'],
    ['hidden in version 6', '[::ffff:127.0.0.1]'],
    ['hidden, in hex', '[::ffff:7f00:1]'],
    ['an old form', '[::127.0.0.1]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
    ['6to4', '[2002:7f00:1::]'],
    ['Teredo', '[2001:0:7f00:1::]'],
    ['unique local', '[fd00::1]'],
    ['link-local', '[fe80::1]'],
    ['metadata', '169.254.169.254'],
    ['metadata, decimal', '2852039166'],
    ['metadata, hex', '0xa9fea9fe'],
    ['private', '10.0.0.1'],
    ['broadcast', '255.255.255.255'],
  ])('%s is refused before anything is sent', async (_name, host) => {
    await expect(closed.fetch(`http://${host}:${innerPort}/`)).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
    expect(innerCalls).toBe(0);
  });

  test('localhost with a dot at the end, where systems know it, leads nowhere', async () => {
    await expect(closed.fetch(`http://localhost.:${innerPort}/`)).rejects.toThrow(/localhost/);
    await expect(closed.resolve('localhost.', innerPort)).rejects.toThrow(/localhost/);
    expect(innerCalls).toBe(0);
  });

  // Mail and database logins take hosts that no URL parser has made plain.
  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '127.1',
    '0',
    'localhost',
    '::1',
    '[::1]',
    'fe80::1%lo',
  ])('no address is given for the host %s', async (host) => {
    await expect(closed.resolve(host, 5432)).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
  });

  test.each([
    ['http://user@example.com/', 'tools.network.url_invalid'],
    ['http://127.0.0.1:80@example.com/', 'tools.network.url_invalid'],
    ['http://example.com:pw@127.0.0.1/', 'tools.network.url_invalid'],
    ['http://', 'tools.network.url_invalid'],
    ['//example.com/', 'tools.network.url_invalid'],
    ['http://256.256.256.256/', 'tools.network.url_invalid'],
    ['http://[fe80::1%25eth0]/', 'tools.network.url_invalid'],
    ['http://a b/', 'tools.network.url_invalid'],
    ['file:///etc/passwd', 'tools.network.scheme_denied'],
    ['gopher://example.com/_x', 'tools.network.scheme_denied'],
    ['ftp://example.com/', 'tools.network.scheme_denied'],
    ['data:text/plain,x', 'tools.network.scheme_denied'],
    ['javascript:alert(1)', 'tools.network.scheme_denied'],
    ['blob:http://example.com/1', 'tools.network.scheme_denied'],
    ['ws://example.com/', 'tools.network.scheme_denied'],
  ])('%s is refused', async (url, code) => {
    await expect(closed.fetch(url)).rejects.toMatchObject({ code });
  });

  test.each([22, 25, 6667])('port %i, which speaks no HTTP, is refused', async (port) => {
    await expect(closed.fetch(`http://1.1.1.1:${port}/`)).rejects.toMatchObject({
      code: 'tools.network.failed',
    });
  });
});

describe('names, asked of a name server', () => {
  const url = () => `http://rebind.example:${innerPort}/`;

  test('the connection goes to the address that was checked: one question for each', async () => {
    dns.answers.set('rebind.example', [['127.0.0.2'], ['127.0.0.1']]);
    expect(text((await guarded.fetch(url())).body)).toBe('outer');
    expect(dns.asked).toEqual(['rebind.example']);
    expect(innerCalls).toBe(0);
  });

  test('a name that means loopback at the next connection is refused then', async () => {
    dns.answers.set('rebind.example', [['127.0.0.2'], ['127.0.0.1']]);
    await guarded.fetch(url());
    await expect(guarded.fetch(url())).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
    expect([dns.asked.length, innerCalls]).toEqual([2, 0]);
  });

  test('one private address among others is enough', async () => {
    for (const found of [
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '10.0.0.1'],
      ['169.254.169.254'],
    ]) {
      dns.answers.set('mixed.example', [found]);
      await expect(guarded.fetch(`http://mixed.example:${innerPort}/`)).rejects.toMatchObject({
        code: 'tools.network.address_denied',
      });
    }
    expect(innerCalls).toBe(0);
  });

  test('a name without addresses fails in words', async () => {
    dns.answers.set('nobody.example', [[]]);
    await expect(guarded.fetch(`http://nobody.example:${innerPort}/`)).rejects.toMatchObject({
      code: 'tools.network.failed',
    });
  });

  test('an address for another protocol is the checked one', async () => {
    dns.answers.set('db.example', [['127.0.0.2'], ['127.0.0.1']]);
    expect(await guarded.resolve('db.example', 5432)).toBe('127.0.0.2');
    await expect(guarded.resolve('db.example', 5432)).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
  });
});

describe('redirects', () => {
  test.each([
    ['an address inside', 'http://127.0.0.1:PORT/'],
    ['decimal', 'http://2130706433:PORT/'],
    ['without a scheme', '//127.0.0.1:PORT/'],
    ['version 6', 'http://[::ffff:7f00:1]:PORT/'],
  ])('to %s are not followed', async (_name, location) => {
    await expect(guarded.fetch(at(`/to/${encodeURIComponent(location)}`))).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
    expect(innerCalls).toBe(0);
  });

  test('to a name are judged by what the name means', async () => {
    dns.answers.set('inside.example', [['127.0.0.1']]);
    const location = encodeURIComponent('http://inside.example:PORT/');
    await expect(guarded.fetch(at(`/to/${location}`))).rejects.toMatchObject({
      code: 'tools.network.address_denied',
    });
    expect([dns.asked, innerCalls]).toEqual([['inside.example'], 0]);
  });

  test.each([
    ['file:///etc/passwd', 'tools.network.scheme_denied'],
    ['http://user:pw@127.0.0.2/', 'tools.network.url_invalid'],
  ])('to %s are refused', async (location, code) => {
    await expect(guarded.fetch(at(`/to/${encodeURIComponent(location)}`))).rejects.toMatchObject({
      code,
    });
  });

  test('from https to http are refused, others resolved', () => {
    const from = new URL('https://a.example/x/y');
    expect(() => redirectTarget(from, 'http://a.example/')).toThrow(/from https to http/);
    expect(redirectTarget(from, '../z').href).toBe('https://a.example/z');
    expect(redirectTarget(new URL('http://a.example/'), 'https://a.example/').protocol).toBe(
      'https:',
    );
  });

  test('end after the limit', async () => {
    await expect(guarded.fetch(at('/loop'), { redirectsMax: 3 })).rejects.toMatchObject({
      code: 'tools.network.redirects_exceeded',
    });
  });
});

describe('answers that would not end', () => {
  const bytesMax = 100_000;

  test.each(['/endless', '/bomb'])('%s is cut', async (path) => {
    const before = process.memoryUsage().rss;
    const { body, truncated } = await guarded.fetch(at(path), { bytesMax });
    expect([body.length, truncated]).toEqual([bytesMax, true]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test.each(['/nested', '/headers'])('%s is refused', async (path) => {
    await expect(guarded.fetch(at(path), { bytesMax })).rejects.toMatchObject({
      code: 'tools.network.failed',
    });
  });

  test.each(['/slow-head', '/slow-body'])('%s ends with the time', async (path) => {
    await expect(guarded.fetch(at(path), { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'tools.network.timeout',
    });
  });
});
