import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { NO_CACHE, createProviders, type Providers } from '@automatos/providers';
import { createLlmWireServer, type LlmWireServer, type Reply } from '@automatos/testing/llm-wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEdge, type EdgeFixture } from '../testing/edge-fixture.ts';
import { createProviderRoutes } from './provider-routes.ts';

const owner = { authorization: 'Bearer owner' };
const OPENAI = { provider: 'openai', model: 'gpt-5.4-mini' };
const OK: Reply = { kind: 'answer', text: ['Hello'], usage: { input: 1000, output: 200 } };

let database: TestDatabase;
let vendor: LlmWireServer;
let reply: Reply;
let providers: Providers;
let fixture: EdgeFixture;

beforeAll(async () => {
  database = await createTestDatabase();
  vendor = await createLlmWireServer({ script: () => reply, models: ['qwen3:8b'] });
});
afterAll(async () => {
  await vendor.close();
  await database.close();
});
beforeEach(async () => {
  reply = OK;
  vendor.records.length = 0;
  const urls: Record<string, string> = {
    openai: `${vendor.url}/v1`,
    anthropic: vendor.url,
    ollama: vendor.url,
  };
  providers = createProviders({
    credentials: async (id) =>
      urls[id] === undefined ? null : { apiKey: 'sk-secret-of-test', baseUrl: urls[id] },
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
    database: database.database,
    defaultModel: OPENAI,
  });
  await providers.router.start();
  const routes = createProviderRoutes({
    providers,
    answers: NO_CACHE,
    database: database.database,
    clock: systemClock,
  });
  fixture = await startEdge(routes);
});
afterEach(async () => {
  await fixture.close();
  await providers.close();
  for (const table of ['router_settings', 'provider_circuits', 'provider_stats', 'llm_usage'])
    await database.database.pool.query(`DELETE FROM ${table}`);
});

function send(method: 'GET' | 'PUT' | 'POST', path: string, extra: object = {}) {
  return fixture.edge.inject({ method, url: `/api/providers/${path}`, headers: owner, ...extra });
}
const put = (payload: object, version: string) =>
  send('PUT', 'router', { payload, headers: { ...owner, 'if-match': version } });
const usage = () =>
  database.database.pool.query<Record<string, unknown>>(
    'SELECT source, status, kind, cost_micros::int AS cost, output_tokens::int AS output FROM llm_usage',
  );

describe('router settings', () => {
  test('are read with their version, replaced by who read them, and hold for the next call', async () => {
    const before = await send('GET', 'router');
    expect(before.headers['etag']).toBe('"0"');
    expect(before.json()).toMatchObject({ version: 0, settings: { strategy: 'priority' } });
    const payload = {
      chain: [{ provider: 'anthropic', model: 'claude-haiku-4-5' }],
      strategy: 'round_robin',
      cache: { mode: 'off' },
    };
    expect((await send('PUT', 'router', { payload })).statusCode).toBe(428);
    const saved = await put(payload, '"0"');
    expect(saved.statusCode).toBe(200);
    expect(saved.headers['etag']).toBe('"1"');
    expect(saved.json()).toMatchObject({ version: 1, settings: { strategy: 'round_robin' } });
    expect((await put(payload, '"0"')).statusCode).toBe(412);
    const asked = { prompt: 'Say hello' };
    const first = await send('POST', 'try', { payload: asked });
    const second = await send('POST', 'try', { payload: asked });
    expect([first, second].map((each) => each.json<{ provider: string }>().provider)).toEqual([
      'openai',
      'anthropic',
    ]);
  });

  test.each([
    [
      { chain: [OPENAI, { provider: 'openai', model: 'gpt-5.4-minj' }] },
      '/chain/1/model',
      'gpt-5.4-mini',
    ],
    [{ chain: [{ provider: 'opnai', model: 'x' }] }, '/chain/0/provider', 'openai'],
    [{ chain: [OPENAI, OPENAI] }, '/chain/1/model', undefined],
    [{ limits: [{ provider: 'opnai', requests_per_minute: 1 }] }, '/limits/0/provider', 'openai'],
    [{ cache: { semantic: { embedding: OPENAI } } }, '/cache/semantic/embedding/model', undefined],
  ])('%j is refused at its place', async (payload, pointer, suggestion) => {
    const answer = await put(payload, '"0"');
    expect(answer.statusCode).toBe(400);
    const problem = answer.json<{ code: string; errors: Record<string, unknown>[] }>();
    expect(problem.code).toBe('providers.router.chain_invalid');
    expect(problem.errors[0]).toMatchObject({
      pointer,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  });
});

describe('trials', () => {
  test('answer with who gave it and why, and count as use', async () => {
    const answer = await send('POST', 'try', { payload: { ...OPENAI, prompt: 'Say hello' } });
    expect(answer.json()).toMatchObject({
      text: 'Hello',
      ...OPENAI,
      usage: { input_tokens: 1000, output_tokens: 200, cost_micros: 1650 },
      route: { attempts: [{ outcome: 'answered' }], reason: expect.stringContaining('asked for') },
    });
    expect((await usage()).rows).toEqual([
      { source: 'trial', status: 'success', kind: 'chat', cost: 1650, output: 200 },
    ]);
  });

  test('an answer that misses its schema is a typed error and counts all the same', async () => {
    const payload = { prompt: 'x', response_schema: { type: 'object', required: ['a'] } };
    const answer = await send('POST', 'try', { payload });
    expect(answer.json()).toMatchObject({ code: 'providers.answer.schema_mismatch' });
    expect((await usage()).rows).toMatchObject([{ source: 'trial', cost: 1650 }]);
  });

  test('half a model is refused', async () => {
    const answer = await send('POST', 'try', { payload: { provider: 'openai', prompt: 'x' } });
    expect(answer.json()).toMatchObject({ errors: [{ pointer: '/model' }] });
  });
});

describe('testing a provider', () => {
  test('lists the models of a server that has a list, and asks others for a few tokens', async () => {
    expect((await send('POST', 'ollama/test')).json()).toMatchObject({
      ok: true,
      code: null,
      models: ['qwen3:8b'],
    });
    expect(vendor.records).toHaveLength(0);
    expect((await send('POST', 'openai/test')).json()).toMatchObject({ ok: true, models: [] });
    expect(vendor.records).toHaveLength(1);
    expect((await usage()).rows).toMatchObject([{ source: 'trial' }]);
  });

  test('a failure is its result, with the code and without the key', async () => {
    reply = { kind: 'status', status: 401, error: { code: 'x', message: 'bad sk-secret-of-test' } };
    const answer = await send('POST', 'openai/test');
    expect(answer.json()).toMatchObject({ ok: false, code: 'providers.credential.rejected' });
    expect(answer.body).not.toContain('sk-secret');
    expect((await send('POST', 'groq/test')).json()).toMatchObject({
      ok: false,
      code: 'providers.credential.missing',
    });
    expect((await send('POST', 'nobody/test')).statusCode).toBe(404);
  });
});

describe('health', () => {
  test('shows calls, circuits and limits of the workspace, and closes a circuit by hand', async () => {
    await send('POST', 'try', { payload: { prompt: 'x' } });
    reply = { kind: 'status', status: 401, error: { code: 'x', message: 'no' } };
    await send('POST', 'try', { payload: { prompt: 'x' } });
    const health = (await send('GET', 'health')).json<{
      models: object[];
      circuits: { id: string }[];
    }>();
    expect(health.models).toMatchObject([{ ...OPENAI, calls: 2, success_rate: 0.5 }]);
    expect(health.circuits).toMatchObject([{ ...OPENAI, state: 'open' }]);
    expect(JSON.stringify(health)).not.toContain('sk-secret');
    const other = await fixture.edge.inject({
      url: '/api/providers/health',
      headers: { authorization: 'Bearer owner@other' },
    });
    expect(other.json()).toMatchObject({ models: [] });
    const close = `circuits/${health.circuits[0]?.id}/close`;
    const viewer = { headers: { authorization: 'Bearer viewer' } };
    expect((await send('POST', close, viewer)).statusCode).toBe(403);
    expect((await send('POST', close)).json()).toMatchObject({ state: 'closed' });
    expect((await send('POST', 'circuits/unknown/close')).statusCode).toBe(404);
    reply = OK;
    const again = await send('POST', 'try', { payload: { prompt: 'x' } });
    expect(again.statusCode).toBe(200);
  });
});
