import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Credential, CredentialTest, EncryptionStatus } from '@automatos/contracts';
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlace, spawnProduct, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** Stored credentials through the whole product: known secrets are written on every path and searched for everywhere after. */

const BIN = join(import.meta.dirname, '../../cli/bin/automatos.mjs');

let place: ProductPlace;
let vendor: Vendor;
beforeEach(async () => {
  place = await createPlace();
  vendor = await startVendor();
});
afterEach(async () => {
  await vendor.close();
  await place.remove();
});

interface Vendor {
  port: number;
  /** Bearer tokens that it takes. */
  accepted: Set<string>;
  seen: string[];
  close(): Promise<void>;
}

/** A careless service: whatever it refuses, it repeats with all that it was sent. */
async function startVendor(): Promise<Vendor> {
  const accepted = new Set<string>();
  const seen: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const token = String(request.headers.authorization ?? '').replace(/^Bearer /, '');
      seen.push(token);
      const isKnown = accepted.has(token);
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      const message = `Incorrect API key provided: ${token}. Headers: ${JSON.stringify(request.headers)} ${body}`;
      response.end(JSON.stringify(isKnown ? { ok: true } : { error: { message, code: token } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted,
    seen,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

const start = (env: Record<string, string> = {}) =>
  startProduct(place, {
    env: { AUTOMATOS_OUTBOUND_ALLOW: `127.0.0.1:${vendor.port}`, LOG_LEVEL: 'debug', ...env },
  });

function cli(product: Product, args: string[], stdin = ''): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, 'credentials', ...args, '--url', product.url, '--data', place.dataDir],
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr }),
    );
    child.stdin?.end(stdin);
  });
}

/** All rows of all tables as text, bytes as hex. */
async function dumpTables(): Promise<string> {
  const database = await openDatabase({
    ...(place.databaseUrl === undefined ? { dataDir: place.dataDir } : { url: place.databaseUrl }),
    logger: silentLogger,
  });
  try {
    const { rows: tables } = await database.pool.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(30);
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await database.pool.query<{ row: string }>(
        `SELECT t::text AS row FROM ${name} t`,
      );
      texts.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`);
    }
    return texts.join('\n');
  } finally {
    await database.close();
  }
}

async function readFiles(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder, { recursive: true });
  const files: Buffer[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.push(await readFile(path));
  }
  return files;
}

/** The secret in the forms in which it might lie around. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) =>
    // A piece of a longer text in base64 begins at one of three places; the borders depend on the neighbours.
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, bytes.toString('hex'), ...base64];
}

test(
  'no secret is found in clear in logs, answers, events, metrics, tables or files',
  { timeout: 120_000 },
  async () => {
    const canaries: string[] = [];
    const canary = (name: string) => {
      const secret = `canary-${name}-${randomBytes(12).toString('hex')}`;
      canaries.push(secret);
      return secret;
    };
    const base_url = `http://127.0.0.1:${vendor.port}/v1`;
    const product = await start({
      LLM_DEFAULT_PROVIDER: 'openai-compatible',
      LLM_DEFAULT_MODEL: 'canary-model',
    });
    const answers: unknown[] = [];
    async function send<Body>(method: string, path: string, body?: unknown): Promise<Body> {
      const answer = await product.send(method, path, body);
      answers.push(answer);
      return answer.body;
    }
    const create = (type: string, name: string, ...[fields, more]: [object, object?]) =>
      send<Credential>('POST', '/api/credentials', { type, name, fields, ...more });

    // Written, refused for its form, changed, rotated.
    const http = await create('http_auth', 'http', {
      base_url,
      scheme: 'bearer',
      secret: canary('create'),
    });
    await create('http_auth', 'http', { base_url, scheme: 'bearer', secret: canary('taken-name') });
    await create('smtp', 'wrong', {
      host: 'h',
      password: canary('wrong-field'),
      unknown: canary('unknown-field'),
    });
    await send('POST', '/api/credentials', {
      type: 'openai',
      name: canary('rest-name').slice(0, 3),
      fields: { api_key: { deep: canary('wrong-shape') } },
    });
    await create('openai', 'platform', { api_key: canary('platform') }, { scope: 'platform' });
    await create('custom', 'own', { one: canary('custom') });
    const n8n = await create('n8n', 'n8n', {
      base_url,
      api_key: canary('n8n'),
      webhook_secret: canary('webhook'),
    });
    await send('POST', `/api/credentials/${n8n.id}/rotate`, {
      fields: { webhook_secret: canary('rotated') },
    });
    const patch = await fetch(`${product.url}/api/credentials/${http.id}`, {
      method: 'PATCH',
      headers: {
        ...(await operatorHeaders()),
        'if-match': '"1"',
        'idempotency-key': 'canary-key-1',
      },
      body: JSON.stringify({ fields: { secret: canary('updated') } }),
    });
    answers.push(await patch.text());
    expect(patch.status).toBe(200);
    const oauth = { authorize_url: base_url, token_url: base_url, client_id: 'c', scopes: 's' };
    const tokens = { client_secret: canary('client'), refresh_token: canary('refresh') };
    const oauth2 = await create('oauth2', 'oauth', { ...oauth, ...tokens });
    const cliMade = await cli(
      product,
      [
        'create',
        'llm_api_key',
        '--field',
        'provider=groq',
        '--field',
        'api_key=-',
        '--field',
        `base_url=${base_url}`,
        '--name',
        'from-cli',
      ],
      canary('cli'),
    );
    expect(cliMade.code).toBe(0);
    answers.push(cliMade.out);

    // Tested against a service that repeats them.
    for (const { id } of [http, n8n, oauth2]) {
      const said = await send<CredentialTest>('POST', `/api/credentials/${id}/test`);
      expect(said).toMatchObject({ ok: false, code: 'http_401' });
    }
    answers.push(
      await cli(product, ['test', cliMade.out.trim()]),
      await cli(product, ['list', '--json']),
    );

    // Used by calls that fail with the vendor's words: by the API, by a trial, by an agent in a run.
    await create('openai_compatible', 'model', { base_url, api_key: canary('model') });
    const messages = [{ role: 'user', content: 'Hello' }];
    for (const model of ['openai-compatible/canary-model', 'groq/llama-3.3-70b-versatile'])
      await send('POST', '/v1/chat/completions', { model, messages });
    const failed = await product
      .send('POST', '/v1/chat/completions', {
        model: 'openai-compatible/canary-model',
        messages,
        stream: true,
      })
      .catch(String);
    answers.push(failed);
    await send('POST', '/api/providers/openai-compatible/test', {});
    const { items: agents } = await send<{ items: { slug: string }[] }>('GET', '/api/agents');
    await send('POST', '/v1/chat/completions', { model: `agent/${agents[0]?.slug}`, messages });
    expect(vendor.seen).toEqual(
      expect.arrayContaining(canaries.filter((one) => /canary-(?:model|cli|updated)-/.test(one))),
    );

    const { items: runs } = await send<{ items: { id: string }[] }>('GET', '/api/runs');
    expect(runs.length).toBeGreaterThan(0);
    for (const { id } of runs)
      for (const part of ['', '/steps', '/events']) await send('GET', `/api/runs/${id}${part}`);
    for (const path of [
      '/api/credentials',
      '/api/credentials?scope=platform',
      '/api/audit',
      '/api/providers',
      '/api/providers/health',
      '/api/providers/configuration',
      '/api/llm-usage/calls',
      '/api/system/health',
      '/api/system/encryption',
      '/api/credentials/types',
    ])
      await send('GET', path);
    for (const path of ['/metrics', '/api/audit/export'])
      answers.push(
        await (await fetch(`${product.url}${path}`, { headers: await operatorHeaders() })).text(),
      );
    await send('DELETE', `/api/credentials/${oauth2.id}`);
    expect(await product.stop()).toBe(0);

    const tables = await dumpTables();
    const files = await readFiles(place.dataDir);
    const places: Record<string, (form: string) => boolean> = {
      logs: (form) => product.output().includes(form),
      answers: (form) => JSON.stringify(answers).includes(form),
      tables: (form) => tables.includes(form),
      files: (form) => files.some((file) => file.includes(form)),
    };
    const found = canaries.flatMap((secret) =>
      formsOf(secret).flatMap((form) =>
        Object.entries(places).flatMap(([name, holds]) =>
          holds(form) ? [`${name}: ${secret}`] : [],
        ),
      ),
    );
    const lines = product.output().split('\n');
    expect([
      ...found,
      ...lines.filter((line) => canaries.some((one) => line.includes(one))),
    ]).toEqual([]);
    // The search finds what is there.
    expect(tables).toContain('from-cli');
    expect(product.output()).toContain('credentials');
    expect(canaries.length).toBeGreaterThan(15);
  },
);

const operatorHeaders = async () => {
  const { key } = JSON.parse(await readFile(join(place.dataDir, 'operator.json'), 'utf8')) as {
    key: string;
  };
  return { 'x-api-key': key, 'content-type': 'application/json' };
};

test(
  'a change of the master key is killed in its middle, goes on in a new process, and every secret opens',
  { timeout: 180_000 },
  async () => {
    const base_url = `http://127.0.0.1:${vendor.port}/`;
    let product = await start();
    const ids: string[] = [];
    for (let n = 0; n < 120; n += 1) {
      vendor.accepted.add(`secret-number-${n}`);
      const fields = { base_url, scheme: 'bearer', secret: `secret-number-${n}` };
      const { body } = await product.send('POST', '/api/credentials', {
        type: 'http_auth',
        name: `c${n}`,
        fields,
      });
      ids.push((body as Credential).id);
    }
    const status = () => product.get<EncryptionStatus>('/api/system/encryption');
    const step = (records_max: number) =>
      product.send('POST', '/api/system/encryption/rotate', { records_max });
    const before = await status();
    expect((await step(30)).body).toMatchObject({ records: 120, pending: 90, rotating: true });
    await product.kill();
    product = await start();
    expect(await status()).toMatchObject({ pending: 90, rotating: true, findings: [] });
    // Now with a request under way.
    const cut = step(10_000).catch(() => null);
    await expect.poll(async () => (await status()).pending, { interval: 1 }).toBeLessThan(90);
    await product.kill();
    await cut;
    product = await start();
    const ended = await cli(product, ['rotate-key']);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('All 120 records') });
    const after = await status();
    expect(after).toMatchObject({ records: 120, pending: 0, rotating: false, findings: [] });
    expect(after.current_key).not.toBe(before.current_key);
    // The file holds the new key alone, and everything opens with it.
    expect(
      (await readFile(join(place.dataDir, 'encryption.key'), 'utf8')).trim().split('\n'),
    ).toHaveLength(1);
    for (const id of ids.filter((_id, index) => index % 8 === 0)) {
      const { body } = await product.send('POST', `/api/credentials/${id}/test`);
      expect(body).toMatchObject({ ok: true });
    }
    expect((await cli(product, ['key-status'])).out).toContain('current');
    await product.stop();
  },
);

test(
  'a start without the key that records need tells of it and makes no new one; a wrong setting stops it',
  { timeout: 120_000 },
  async () => {
    const key = randomBytes(32);
    const product = await start({ ENCRYPTION_KEY: key.toString('hex') });
    const fields = { api_key: 'sk-some-secret-0001' };
    const made = await product.send('POST', '/api/credentials', {
      type: 'openai',
      name: 'o',
      fields,
    });
    expect(made.status).toBe(201);
    await product.stop();

    const lost = await start();
    const { notes } = await lost.get<{ notes: string[] }>('/api/system/health');
    expect(notes.filter((note) => note.includes('is missing'))).toHaveLength(1);
    const refused = await lost.send('POST', '/api/credentials', {
      type: 'openai',
      name: 'p',
      fields,
    });
    expect(refused).toMatchObject({ status: 503, body: { code: 'encryption.key.missing' } });
    await lost.stop();
    expect(await readdir(place.dataDir)).not.toContain('encryption.key');

    const wrong = await spawnProduct(place, { env: { ENCRYPTION_KEY: 'too-short-to-be-a-key' } });
    expect(await wrong.exited).toBe(1);
    expect(wrong.output()).toContain('ENCRYPTION_KEY must be 32 random bytes');
    expect(wrong.output()).not.toContain('too-short-to-be-a-key');

    const again = await start({ ENCRYPTION_KEY: key.toString('base64') });
    const { id } = made.body as Credential;
    expect(
      (
        await again.send('POST', `/api/credentials/${id}/rotate`, {
          fields: { api_key: 'sk-another-000002' },
        })
      ).status,
    ).toBe(200);
    await again.stop();
  },
);
