import { once } from 'node:events';
import { createServer as createPlain, type Server, type ServerResponse } from 'node:http';
import { createServer as createEncrypted } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSelfSigned } from '@automatos/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { judgeHeaders } from './judge-headers.ts';
import { describeCertificate, judgeTls } from './judge-tls.ts';

const DAY_MS = 86_400_000;
const days = (count: number) => new Date(Date.now() + count * DAY_MS);

let bench: TestBench;
const servers: Server[] = [];
let answer: (response: ServerResponse, path: string) => void;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  bench = await createTestBench({ outboundAllow: ['127.0.0.1', 'localhost'] });
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await bench.close();
});

const STRICT = {
  'content-type': 'text/html',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy':
    "default-src 'self'; frame-ancestors 'none'; script-src 'nonce-x' 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  server: 'nginx',
  'set-cookie': 'theme=dark; Secure; SameSite=Lax',
};

const judge = (headers: Record<string, string>, url = 'https://a.example/') =>
  judgeHeaders(
    {
      status: 200,
      url,
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    },
    'https://stranger.invalid',
  ).findings.map(({ rule, severity }) => `${rule} ${severity}`);

describe('http_security_headers', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['nothing wrong', {}, []],
    [
      'an API without HTML needs no policy',
      { 'content-type': 'application/json', 'content-security-policy': '', 'referrer-policy': '' },
      [],
    ],
    ['short HSTS', { 'strict-transport-security': 'max-age=600' }, ['http.hsts_short low']],
    [
      'inline scripts',
      {
        'content-security-policy':
          "script-src 'self' 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'self'",
      },
      ['http.csp_inline_scripts medium', 'http.csp_eval low'],
    ],
    [
      'scripts from anywhere',
      { 'content-security-policy': "default-src https:; frame-ancestors 'self'" },
      ['http.csp_scripts_open medium'],
    ],
    [
      'no limit for scripts',
      { 'content-security-policy': "img-src 'self'; frame-ancestors 'self'" },
      ['http.csp_scripts_open medium'],
    ],
    [
      'frames',
      { 'content-security-policy': "default-src 'self'" },
      ['http.framing_allowed medium'],
    ],
    [
      'frames by the old header',
      { 'content-security-policy': "default-src 'self'", 'x-frame-options': 'DENY' },
      [],
    ],
    [
      'reflected origin with cookies',
      {
        'access-control-allow-origin': 'https://stranger.invalid',
        'access-control-allow-credentials': 'true',
      },
      ['http.cors_reflected critical'],
    ],
    ['any origin', { 'access-control-allow-origin': '*' }, ['http.cors_any low']],
    ['one named origin', { 'access-control-allow-origin': 'https://app.example' }, []],
    [
      'session cookie',
      { 'set-cookie': 'sessionid=abc' },
      [
        'http.cookie_not_secure medium',
        'http.cookie_for_scripts medium',
        'http.cookie_cross_site low',
      ],
    ],
    [
      'token against forged requests',
      { 'set-cookie': 'XSRF-TOKEN=abc; Secure; SameSite=Strict' },
      [],
    ],
    ['a deleted cookie', { 'set-cookie': 'sid=; Max-Age=0' }, []],
    [
      'versions',
      { server: 'nginx/1.18.0', 'x-powered-by': 'Express' },
      ['http.server_told low', 'http.server_told low'],
    ],
  ])('%s', (_name, headers, expected) => {
    expect(judge({ ...STRICT, ...headers })).toEqual(expected);
  });

  it('follows redirects of a real server, gives every cookie without its value, and tells http apart', async () => {
    answer = (response, path) => {
      if (path === '/') return void response.writeHead(302, { location: '/home' }).end();
      response.writeHead(200, [
        ['set-cookie', 'sid=one-secret; HttpOnly'],
        ['set-cookie', 'theme=dark; SameSite=Lax'],
        ['content-type', 'text/plain'],
        ['x-content-type-options', 'nosniff'],
      ] as never);
      response.end('body');
    };
    const port = await listen(
      createPlain((request, response) => answer(response, request.url ?? '')),
    );
    const outcome = await bench.run('http_security_headers', { url: `http://127.0.0.1:${port}/` });
    expect(outcome).toMatchObject({
      status: 'success',
      output: {
        status: 200,
        redirects: [`http://127.0.0.1:${port}/home`],
        cookies: [
          { name: 'sid', flags: 'httponly' },
          { name: 'theme', flags: 'samesite' },
        ],
      },
    });
    expect(outcome.findings.map(({ rule }) => rule)).toEqual([
      'http.unencrypted',
      'http.cookie_not_secure',
      'http.cookie_not_secure',
      'http.cookie_cross_site',
    ]);
    expect(JSON.stringify(outcome)).not.toContain('one-secret');
  });

  it.each([
    ['http://10.0.0.1/', 'tools.network.address_denied'],
    ['ftp://a.example/', 'tools.network.scheme_denied'],
    ['https://user:pw@a.example/', 'tools.network.url_invalid'],
    ['nonsense', 'tools.network.url_invalid'],
    ['http://127.0.0.1:1/', 'tools.network.failed'],
  ])('%s is refused', async (url, code) => {
    for (const tool of ['http_security_headers', 'tls_check'])
      expect(await bench.run(tool, { url })).toMatchObject({ status: 'error', error: { code } });
  });

  it('a redirect does not lead to a private address', async () => {
    const port = await listen(
      createPlain((_request, response) =>
        response.writeHead(302, { location: 'http://192.168.0.1/' }).end(),
      ),
    );
    expect(
      await bench.run('http_security_headers', { url: `http://127.0.0.1:${port}/` }),
    ).toMatchObject({ error: { code: 'tools.network.address_denied' } });
  });
});

describe('tls_check', () => {
  it('judges a real server with an ended certificate, a short key and an old protocol', async () => {
    const certificate = createSelfSigned({
      names: ['shop.example'],
      notBefore: days(-60),
      notAfter: days(-10),
      keyBits: 1024,
      digest: 'sha1',
    });
    const port = await listen(
      createEncrypted(
        { ...certificate, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' },
        (_request, response) => response.end(),
      ),
    );
    const outcome = await bench.run('tls_check', { url: `https://127.0.0.1:${port}/path` });
    expect(outcome).toMatchObject({
      status: 'success',
      output: {
        protocol: 'TLSv1.3',
        trusted: false,
        old_protocols: ['TLSv1', 'TLSv1.1'],
        chain: [{ subject: 'shop.example', key_type: 'rsa', key_bits: 1024 }],
      },
    });
    expect(outcome.findings.map(({ rule }) => rule).toSorted()).toEqual([
      'tls.expired',
      'tls.name_mismatch',
      'tls.old_protocol',
      'tls.old_protocol',
      'tls.self_signed',
      'tls.weak_key',
      'tls.weak_signature',
    ]);
  });

  it.each([
    { from: -1, to: 365, problem: null, rules: [] },
    { from: -1, to: 20, problem: null, rules: ['tls.expires_soon'] },
    { from: 5, to: 365, problem: null, rules: ['tls.not_yet_valid'] },
    {
      from: -1,
      to: 365,
      problem: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      rules: ['tls.self_signed'],
    },
  ])('from day $from to $to, problem $problem', ({ from, to, problem, rules }) => {
    const { cert } = createSelfSigned({
      names: ['127.0.0.1', 'a.example'],
      notBefore: days(from),
      notAfter: days(to),
    });
    const raw = Buffer.from(cert.replaceAll(/-----[A-Z ]+-----|\n/g, ''), 'base64');
    const facts = {
      target: { host: '127.0.0.1', port: 443 },
      handshake: { protocol: 'TLSv1.3', cipher: 'x', certificates: [raw], problem },
      chain: [describeCertificate(raw, Date.now())],
      oldProtocols: [],
      warningDays: 30,
    };
    expect(judgeTls(facts, Date.now()).map(({ rule }) => rule)).toEqual(rules);
  });
});
