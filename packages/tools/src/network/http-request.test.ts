import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';

let server: Server;
let other: Server;
let origin: string;
let otherPort: number;
let bench: TestBench;
const seen: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[] = [];

async function listen(created: Server): Promise<number> {
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  return (created.address() as AddressInfo).port;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      if (request.url === '/big') response.end('x'.repeat(3_000_000));
      else if (request.url === '/never') return;
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (request.url === '/to-private')
        response.writeHead(302, { location: `http://127.0.0.1:${otherPort}/inner` }).end();
      else if (request.url === '/to-name')
        response.writeHead(302, { location: `http://localhost:${otherPort}/inner` }).end();
      else
        response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=abc' })
          .end(JSON.stringify({ hello: 'you' }));
    });
  });
  other = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: '' });
    response.end('inner');
  });
  otherPort = await listen(other);
  const port = await listen(server);
  origin = `http://127.0.0.1:${port}`;
  bench = await createTestBench({ outboundAllow: [`127.0.0.1:${port}`] });
});
afterAll(async () => {
  await bench.close();
  for (const each of [server, other]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
});

describe('addresses', () => {
  it.each([
    () => `http://127.0.0.1:${otherPort}/`,
    () => `http://localhost:${otherPort}/`,
    () => 'http://[::1]/',
    () => 'http://0.0.0.0/',
    () => 'http://127.1/',
    () => 'http://2130706433/',
    () => 'http://0x7f000001/',
    () => 'http://169.254.169.254/latest/meta-data/',
    () => 'http://10.0.0.1/',
    () => 'http://[::ffff:7f00:1]/',
    () => 'http://[64:ff9b::7f00:1]/',
    () => 'http://192.168.1.1/',
    () => 'http://[fd00::1]/',
  ])('%# is refused', async (url) => {
    expect(await bench.run('http_request', { url: url() })).toMatchObject({
      status: 'error',
      error: { code: 'tools.network.address_denied' },
    });
  });

  it.each([
    ['file:///etc/passwd', 'tools.network.scheme_denied'],
    ['http://user:pw@example.com/', 'tools.network.url_invalid'],
    ['not a url', 'tools.network.url_invalid'],
  ])('%s is refused', async (url, code) => {
    expect(await bench.run('http_request', { url })).toMatchObject({ error: { code } });
  });

  it.each(['/to-private', '/to-name'])(
    'a redirect (%s) to a private address is refused before it is requested',
    async (path) => {
      seen.length = 0;
      expect(await bench.run('http_request', { url: origin + path })).toMatchObject({
        error: { code: 'tools.network.address_denied' },
      });
      expect(seen.map((entry) => entry.url)).toEqual([path]);
    },
  );
});

describe('requests', () => {
  it('to an allowed address work; cookies stay out of the result', async () => {
    const outcome = await bench.run('http_request', { url: `${origin}/hello` });
    expect(outcome).toMatchObject({
      status: 'success',
      tainted: true,
      output: { status: 200, ok: true, json: { hello: 'you' }, truncated: false },
    });
    expect(JSON.stringify(outcome.output)).not.toContain('session=abc');
    expect(seen.at(-1)?.headers['idempotency-key']).toBeUndefined();
  });

  it('that change something carry the idempotency key and the JSON body', async () => {
    await bench.run('http_request', { url: `${origin}/items`, method: 'POST', json: { a: 1 } });
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'idempotency-key': 'key-1', 'content-type': 'application/json' },
    });
  });

  it('are bounded in size, time and redirects', async () => {
    expect(
      await bench.run('http_request', { url: `${origin}/big`, bytes_max: 1000 }),
    ).toMatchObject({ output: { bytes: 1000, truncated: true } });
    expect(
      await bench.run('http_request', { url: `${origin}/never`, timeout_ms: 200 }),
    ).toMatchObject({ status: 'error', error: { code: 'tools.network.timeout' } });
    expect(await bench.run('http_request', { url: `${origin}/loop` })).toMatchObject({
      error: { code: 'tools.network.redirects_exceeded' },
    });
  });

  it.each([{ Host: 'x' }, { 'transfer-encoding': 'chunked' }, { 'x-a': 'b\r\nx-c: d' }])(
    'with smuggling headers %o are refused',
    async (headers) => {
      expect(await bench.run('http_request', { url: origin, headers })).toMatchObject({
        status: 'error',
        error: { code: 'tools.arguments.invalid' },
      });
    },
  );

  it.each([
    { json: { a: 1 } },
    { method: 'HEAD', body: 'x' },
    { method: 'POST', body: 'x', json: {} },
  ])('with a body that would not be sent (%o) are refused', async (parts) => {
    expect(await bench.run('http_request', { url: origin, ...parts })).toMatchObject({
      status: 'error',
      error: { code: 'tools.arguments.invalid' },
    });
  });

  it('to a closed port name the host', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const open = await createTestBench({ outboundAllow: ['127.0.0.1'] });
    expect(await open.run('http_request', { url: `http://127.0.0.1:${port}/` })).toMatchObject({
      error: {
        code: 'tools.network.failed',
        message: expect.stringContaining(`127.0.0.1:${port}`),
      },
    });
    await open.close();
  });
});
