import { createVerify, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { PlatformError, systemClock } from '@automatos/kernel';
import type { UsedCredential } from '../use-credentials.ts';
import type { AccessPorts, OutboundFetch } from './access-ports.ts';
import { createCredentialTester } from './create-tester.ts';
import { selfSigned, startPostgres, startService, startSmtp } from './services.fixture.ts';
import type { Answer, Asked, SmtpOptions } from './services.fixture.ts';

const SECRET = 'the-secret-of-this-test-4711';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Plain fetch with the bounds of the port; fixed addresses of services lead to `base`. */
const fetchTo =
  (base: string): OutboundFetch =>
  async (url, { method, headers, body, signal }) => {
    const { origin, pathname, search } = new URL(url);
    const target = origin.startsWith('http://127.') ? url : `${base}${pathname}${search}`;
    const response = await fetch(target, {
      redirect: 'manual',
      ...(method === undefined ? {} : { method }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
  };

function accessTo(base: string, more: Partial<AccessPorts> = {}): AccessPorts {
  return {
    fetch: fetchTo(base),
    checkAddress: () => Promise.resolve(),
    resolve: () => Promise.resolve('127.0.0.1'),
    vendorIds: () => [],
    vendor: (id) => ({
      name: id,
      baseUrl: `https://${id}.test/v1`,
      auth: id === 'anthropic' ? 'x-api-key' : id === 'google' ? 'x-goog-api-key' : 'bearer',
      defaultModel: 'small-1',
    }),
    ...more,
  };
}

const used = (type: string, fields: UsedCredential['fields'], secrets: Record<string, string>) => ({
  id: 'c',
  type,
  name: 'n',
  fields,
  secrets,
  previous: {},
});

const run = (access: AccessPorts, credential: UsedCredential, timeoutMs = 5_000) =>
  createCredentialTester({ access, clock: systemClock, timeoutMs }).test(
    credential,
    new AbortController().signal,
  );

async function serve(answer: (asked: Asked) => Answer) {
  const service = await startService(answer);
  closers.push(service.close);
  return service;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const basic = (user: string) => `Basic ${Buffer.from(`${user}:${SECRET}`).toString('base64')}`;
const bearer = `Bearer ${SECRET}`;
const key = { api_key: SECRET };
const SITE = { base_url: 'https://site.test' };

/** Type, credential, what must be asked, and by which header it is proven. */
const REQUESTS: [UsedCredential, string, string, string][] = [
  [used('openai', {}, key), 'GET /v1/models', 'authorization', bearer],
  [used('anthropic', {}, key), 'GET /v1/models', 'x-api-key', SECRET],
  [used('google_ai', {}, key), 'GET /v1/models', 'x-goog-api-key', SECRET],
  [used('llm_api_key', { provider: 'groq' }, key), 'GET /v1/models', 'authorization', bearer],
  [
    used('llm_api_key', { provider: 'ai21' }, key),
    'POST /v1/chat/completions',
    'authorization',
    bearer,
  ],
  [
    used('llm_api_key', { provider: 'perplexity' }, key),
    'POST /v1/responses',
    'authorization',
    bearer,
  ],
  [
    used('ollama', { base_url: 'https://o.test/', headers: { 'x-a': 'b' } }, {}),
    'GET /v1/models',
    'x-a',
    'b',
  ],
  [used('github_token', {}, { token: SECRET }), 'GET /user', 'authorization', bearer],
  [used('slack_app', {}, { bot_token: SECRET }), 'POST /api/auth.test', 'authorization', bearer],
  [used('n8n', SITE, key), 'GET /api/v1/workflows?limit=1', 'x-n8n-api-key', SECRET],
  [used('notion', {}, { token: SECRET }), 'GET /v1/users/me', 'authorization', bearer],
  [
    used('jira', { site_url: 'https://j.test/', email: 'a@b.c' }, { api_token: SECRET }),
    'GET /rest/api/3/myself',
    'authorization',
    basic('a@b.c'),
  ],
  [used('composio', {}, key), 'GET /api/v3.1/toolkits?limit=1', 'x-api-key', SECRET],
  [
    used(
      'http_auth',
      { ...SITE, scheme: 'basic', username: 'u', test_path: '/me' },
      { secret: SECRET },
    ),
    'GET /me',
    'authorization',
    basic('u'),
  ],
  [
    used('http_auth', { ...SITE, scheme: 'header', username: 'X-Token' }, { secret: SECRET }),
    'GET /',
    'x-token',
    SECRET,
  ],
];

describe('a service by HTTP', () => {
  test.each(REQUESTS)('%# $type asks %s', async (credential, request, ...[header, value]) => {
    const service = await serve(() => ({ status: 200, body: { ok: true, data: [1, 2] } }));
    const { test: said } = await run(accessTo(service.url), credential);
    expect(said).toMatchObject({ ok: true, code: null });
    const [asked] = service.asked;
    expect(`${asked?.method} ${asked?.path}`).toBe(request);
    expect(asked?.headers[header]).toBe(value);
  });

  test.each(REQUESTS)(
    '%# $type tells a refusal by a service that repeats the secret, without it',
    async (credential) => {
      const service = await serve(({ headers }) => ({
        status: 401,
        body: { ok: false, error: `wrong key ${SECRET} in ${JSON.stringify(headers)}` },
      }));
      const { test: said } = await run(accessTo(service.url), credential);
      expect(said).toMatchObject({ ok: false, code: 'http_401' });
      expect(JSON.stringify(said)).not.toContain(SECRET);
    },
  );

  test('Slack says 200 to wrong tokens too; its own word counts', async () => {
    const service = await serve(() => ({
      status: 200,
      body: { ok: false, error: 'invalid_auth' },
    }));
    const slack = used('slack_app', {}, { bot_token: SECRET });
    expect((await run(accessTo(service.url), slack)).test).toMatchObject({
      ok: false,
      code: 'http_401',
    });
  });

  test('a redirect is not followed: the secret would go along', async () => {
    const service = await serve(({ path }) =>
      path === '/user' ? { status: 302, headers: { location: '/elsewhere' } } : { status: 200 },
    );
    const { test: said } = await run(
      accessTo(service.url),
      used('github_token', {}, { token: SECRET }),
    );
    expect(said).toMatchObject({ ok: false, code: 'http_302' });
    expect(service.asked).toHaveLength(1);
  });

  test.each([
    [500, 'failure of its own'],
    [403, 'refuses it what was asked'],
    [404, 'nothing at this address'],
    [429, 'too often'],
  ])('a status of %s is told in words', async (status, words) => {
    const service = await serve(() => ({ status }));
    const { test: said } = await run(accessTo(service.url), used('notion', {}, { token: SECRET }));
    expect(said).toMatchObject({
      ok: false,
      code: `http_${status}`,
      message: expect.stringContaining(words),
    });
  });

  test('no answer in time, no way there, a refused address: each is an outcome', async () => {
    const notion = used('notion', {}, { token: SECRET });
    const failing = (error: () => Promise<never>) => accessTo('', { fetch: error });
    const hanging: OutboundFetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    expect((await run(accessTo('', { fetch: hanging }), notion, 50)).test.code).toBe('timeout');
    const gone = failing(() => Promise.reject(new TypeError(`no way to ${SECRET}`)));
    expect((await run(gone, notion)).test).toMatchObject({ ok: false, code: 'unreachable' });
    const denied = new PlatformError({ code: 'x.y.z', kind: 'forbidden', message: 'private' });
    const refused = failing(() => Promise.reject(denied));
    expect((await run(refused, notion)).test.message).toContain('AUTOMATOS_OUTBOUND_ALLOW');
  });

  test('a GitHub App proves itself by a token that its key signed', async () => {
    const service = await serve(() => ({ status: 200 }));
    const app = used('github_app', { app_id: '12' }, { private_key: privateKey });
    expect((await run(accessTo(service.url), app)).test.ok).toBe(true);
    const token = String(service.asked[0]?.headers.authorization).slice(7);
    const [head = '', claims = '', signature = ''] = token.split('.');
    const verify = createVerify('sha256').update(`${head}.${claims}`);
    expect(verify.verify(publicKey, signature, 'base64url')).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ iss: '12' });
    const broken = used('github_app', { app_id: '12' }, { private_key: 'no key' });
    expect((await run(accessTo(service.url), broken)).test.code).toBe('key_unreadable');
  });

  test('S3 is asked for the bucket signed by Signature Version 4', async () => {
    const service = await serve(() => ({ status: 200 }));
    const fields = {
      access_key_id: 'AKIA',
      region: 'eu-west-1',
      bucket: 'b',
      endpoint: service.url,
    };
    const s3 = used('aws_s3', fields, { secret_access_key: SECRET });
    expect((await run(accessTo(service.url), s3)).test.ok).toBe(true);
    const [asked] = service.asked;
    expect([asked?.method, asked?.path]).toEqual(['HEAD', '/b']);
    expect(asked?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
  });
});

describe('tokens', () => {
  const oauth = (url: string, secrets: Record<string, string>) =>
    used(
      'oauth2',
      { token_url: `${url}/token`, client_id: 'id' },
      { client_secret: 's', ...secrets },
    );

  test('a refresh gives new values to store, the old refresh token included when it stays', async () => {
    const service = await serve(() => ({
      status: 200,
      body: { access_token: 'new-access', expires_in: 3600 },
    }));
    const { test: said, refreshed } = await run(
      accessTo(service.url),
      oauth(service.url, { refresh_token: SECRET }),
    );
    expect(said.ok).toBe(true);
    expect(refreshed).toMatchObject({ access_token: 'new-access', refresh_token: SECRET });
    expect(Date.parse(refreshed?.['expires_at'] ?? '')).toBeGreaterThan(Date.now());
    expect(new URLSearchParams(service.asked[0]?.body).get('grant_type')).toBe('refresh_token');
  });

  test('a spent refresh token and a missing one store nothing', async () => {
    const service = await serve(() => ({ status: 400, body: { error: 'invalid_grant' } }));
    const spent = await run(accessTo(service.url), oauth(service.url, { refresh_token: SECRET }));
    expect(spent).toMatchObject({ test: { ok: false, code: 'http_401' }, refreshed: null });
    const none = await run(accessTo(service.url), oauth(service.url, {}));
    expect(none.test.code).toBe('no_refresh_token');
  });

  test.each([
    ['a refresh token', { refresh_token: 'r', client_secret: 's' }, 'refresh_token'],
    ['a client secret', { client_secret: 's' }, 'client_credentials'],
    ['a private key', { private_key: privateKey }, 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  ])('Salesforce with %s', async (_name, secrets, grant) => {
    const service = await serve(({ path }) =>
      path === '/services/data'
        ? { status: 200, body: [] }
        : { status: 200, body: { access_token: SECRET } },
    );
    const fields = {
      login_url: service.url,
      instance_url: service.url,
      client_id: 'c',
      username: 'u',
    };
    expect((await run(accessTo(''), used('salesforce', fields, secrets))).test.ok).toBe(true);
    expect(new URLSearchParams(service.asked[0]?.body).get('grant_type')).toBe(grant);
    expect(service.asked[1]?.headers.authorization).toBe(bearer);
  });
});

describe('mail servers', () => {
  const pair = selfSigned();
  async function mail(tls: 'implicit' | 'starttls', more: Partial<SmtpOptions> = {}) {
    const options = { ...pair, tls, ways: 'PLAIN LOGIN', user: 'u', password: SECRET, ...more };
    const server = await startSmtp(options);
    closers.push(server.close);
    const fields = { host: 'localhost', port: server.port, tls, username: 'u', from: 'a@b.c' };
    const say = (password: string, access: Partial<AccessPorts> = { certificates: [pair.cert] }) =>
      run(accessTo('', access), used('smtp', fields, { password })).then((answer) => answer.test);
    return { ...server, say };
  }

  test.each(['implicit', 'starttls'] as const)(
    '%s: login, NOOP, and a refusal without the password',
    async (tls) => {
      const { say, heard } = await mail(tls);
      expect(await say(SECRET)).toMatchObject({ ok: true });
      expect(heard.at(-1)).toBe('tls QUIT');
      const wrong = await say('wrong-password-0815');
      expect(wrong).toMatchObject({ ok: false, code: 'login_refused' });
      expect(JSON.stringify(wrong)).not.toContain('wrong-password');
      expect(heard.filter((line) => line.startsWith('clear') && line.includes('AUTH'))).toEqual([]);
    },
  );

  test('AUTH LOGIN where that is all there is', async () => {
    expect(await (await mail('implicit', { ways: 'LOGIN' })).say(SECRET)).toMatchObject({
      ok: true,
    });
  });

  test('no password goes to a server without STARTTLS or with a certificate that is not its own', async () => {
    const plain = await mail('starttls', { tls: 'none' });
    expect(await plain.say(SECRET)).toMatchObject({ ok: false, code: 'no_starttls' });
    const stranger = await mail('implicit');
    expect(await stranger.say(SECRET, {})).toMatchObject({ ok: false, code: 'certificate' });
    expect([...plain.heard, ...stranger.heard].filter((line) => line.includes('AUTH'))).toEqual([]);
  });
});

test('a database: login, and a refusal without the password', async () => {
  const server = await startPostgres(SECRET);
  closers.push(server.close);
  const say = (password: string) =>
    run(
      accessTo(''),
      used('postgresql', {}, { url: `postgresql://u:${password}@db.test:${server.port}/d` }),
    );
  expect((await say(SECRET)).test).toMatchObject({ ok: true });
  const { test: wrong } = await say('wrong-password-0815');
  expect(wrong).toMatchObject({ ok: false, code: 'login_refused' });
  expect(JSON.stringify(wrong)).not.toContain('wrong-password');
});
