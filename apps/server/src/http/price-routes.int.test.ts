import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

interface Price {
  provider: string;
  model: string;
  input_micros: number | null;
  output_micros: number | null;
  cached_input_micros: number | null;
  source: string;
  version: string;
}
interface Tried {
  text: string;
  usage: { cost_micros: number | null; input_tokens: number };
  route: { cache: string; attempts: unknown[] };
}
interface Settings {
  settings: Record<string, unknown>;
  version: number;
}

let v1: V1Fixture;
let packageBody = '{}';
const source = createServer((_request, response) => response.end(packageBody));
let packageUrl = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(source.address() as AddressInfo).port}`;
  packageUrl = `http://${host}/api.json`;
  v1 = await startV1({ AUTOMATOS_OUTBOUND_ALLOW: host, LLM_PRICES_URL: packageUrl });
  v1.vendor.setScript(() => ({
    kind: 'answer',
    text: ['Paris.'],
    usage: { input: 1_000, output: 100 },
  }));
});
afterAll(async () => {
  await v1?.close();
  source.close();
});

const prices = () => v1.api<{ version: string; items: Price[] }>('GET', '/api/models/prices');
const priceOf = async (provider: string, model: string) =>
  (await prices()).items.find((each) => each.provider === provider && each.model === model);
const tryIt = (prompt: string) =>
  v1.api<Tried>('POST', '/api/providers/try', {
    provider: 'openai',
    model: 'gpt-5.4-mini',
    prompt,
    temperature: 0,
  });
async function putSettings(change: Record<string, unknown>): Promise<void> {
  const { settings, version } = await v1.api<Settings>('GET', '/api/providers/router');
  await v1.api(
    'PUT',
    '/api/providers/router',
    { ...settings, ...change },
    { 'if-match': `"${version}"` },
  );
}
const findings = async () =>
  (
    await v1.api<{ items: { code: string; setting: string }[] }>(
      'GET',
      '/api/providers/configuration',
    )
  ).items.map(({ code, setting }) => `${code} ${setting}`);

describe('an own price', () => {
  test('holds for the next call, shows everywhere, and goes again', async () => {
    await putSettings({ cache: { mode: 'off' } });
    expect(await priceOf('openai', 'gpt-5.4-mini')).toMatchObject({
      input_micros: 750_000,
      source: 'package',
    });
    expect((await tryIt('first')).usage.cost_micros).toBe(1_200);
    const path = '/api/models/prices/openai/gpt-5.4-mini';
    const own = { input_micros: 1_000_000, output_micros: 2_000_000 };
    expect(await v1.api<Price>('PUT', path, own)).toMatchObject({ ...own, source: 'operator' });
    expect((await tryIt('first')).usage.cost_micros).toBe(1_200 - 750 - 450 + 1_000 + 200);
    const { items } = await v1.api<{ items: { id: string; price: object }[] }>(
      'GET',
      '/api/models?provider=openai&limit=100',
    );
    expect(items.find((each) => each.id === 'gpt-5.4-mini')?.price).toMatchObject(own);
    expect(await v1.api<Price>('DELETE', path)).toMatchObject({
      input_micros: 750_000,
      source: 'package',
    });
  });

  test('can be set for a model whose name holds a slash', async () => {
    const path = `/api/models/prices/groq/${encodeURIComponent('openai/gpt-oss-120b')}`;
    await v1.api('PUT', path, { input_micros: 1, output_micros: 2 });
    expect(await priceOf('groq', 'openai/gpt-oss-120b')).toMatchObject({
      input_micros: 1,
      source: 'operator',
    });
    await v1.api('DELETE', path);
  });

  test('is not for viewers to set', async () => {
    const viewer = await v1.key('viewer');
    const answer = await fetch(`${v1.url}/api/models/prices/openai/gpt-5.4-mini`, {
      method: 'PUT',
      headers: { 'x-api-key': viewer, 'content-type': 'application/json' },
      body: JSON.stringify({ input_micros: 0, output_micros: 0 }),
    });
    expect(answer.status).toBe(403);
  });
});

describe('a refresh', () => {
  test('takes new prices and new models, which can be called at once', async () => {
    packageBody = JSON.stringify({
      openai: {
        models: {
          'gpt-5.4-mini': { id: 'gpt-5.4-mini', cost: { input: '0.8', output: '5' } },
          'gpt-next': { id: 'gpt-next', tool_call: true, cost: { input: 1, output: 2 } },
          broken: { id: 'broken', cost: { input: 'x' } },
        },
      },
    });
    const done = await v1.api<{
      version: string;
      added: number;
      changed: number;
      skipped: object[];
    }>('POST', '/api/models/refresh', {});
    expect(done).toMatchObject({ added: 1, changed: 1, skipped: [{ model: 'openai/broken' }] });
    expect((await prices()).version).toBe(done.version);
    const tried = await v1.api<Tried>('POST', '/api/providers/try', {
      provider: 'openai',
      model: 'gpt-next',
      prompt: 'p',
    });
    expect(tried.usage.cost_micros).toBe(1_200);
    const listed = await v1.api<{ data: { id: string }[] }>('GET', '/v1/models', undefined, {
      authorization: `Bearer ${OPERATOR_KEY}`,
    });
    expect(listed.data.map((each) => each.id)).toContain('openai/gpt-next');
  });

  test('that fails leaves the prices in use, and never reaches a private address that is not allowed', async () => {
    const before = await prices();
    packageBody = '<html>';
    await expect(v1.api('POST', '/api/models/refresh', {})).rejects.toThrow(
      /providers.prices.package_invalid/,
    );
    await expect(
      v1.api('POST', '/api/models/refresh', { url: 'http://169.254.169.254/latest' }),
    ).rejects.toThrow(/tools\.network\./);
    await expect(v1.api('POST', '/api/models/refresh', { url: v1.spare.url })).rejects.toThrow(
      /tools\.network\./,
    );
    expect(await prices()).toEqual(before);
  });
});

describe('a kept answer', () => {
  test('is free, is named in route, calls and figures, and is forgotten on demand', async () => {
    await putSettings({ cache: { mode: 'deterministic' } });
    const sent = v1.vendor.records.length;
    const prompt = 'What is the capital of France?';
    const first = await tryIt(prompt);
    const second = await tryIt(prompt);
    expect([first.route.cache, second.route.cache]).toEqual(['miss', 'hit']);
    expect(second).toMatchObject({
      text: 'Paris.',
      usage: { cost_micros: 0, input_tokens: 1_000 },
    });
    expect(v1.vendor.records.length).toBe(sent + 1);
    const health = await v1.api<{ cache: object }>('GET', '/api/providers/health');
    expect(health.cache).toMatchObject({
      hits: 1,
      entries: 1,
      saved_micros: first.usage.cost_micros,
    });

    expect(await v1.api('DELETE', '/api/providers/cache')).toEqual({ removed: 1 });
    expect((await tryIt(prompt)).route.cache).toBe('miss');
  });
});

describe('single calls', () => {
  interface Call {
    id: string;
    source: string;
    cache: string;
    cost_micros: number | null;
    model: string;
  }
  const page = (query: string) =>
    v1.api<{ items: Call[]; next_cursor: string | null }>('GET', `/api/llm-usage/calls?${query}`);

  test('are listed newest first, page by page, each once, with source and cache', async () => {
    await expect.poll(async () => (await page('limit=100')).items.length).toBeGreaterThanOrEqual(6);
    const all = (await page('limit=100')).items;
    expect(all.every((call) => call.source === 'trial')).toBe(true);
    expect(all.filter((call) => call.cache === 'hit')).toMatchObject([{ cost_micros: 0 }]);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { items, next_cursor }: Awaited<ReturnType<typeof page>> = await page(
        `limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...items.map((call) => call.id));
      cursor = next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(all.map((call) => call.id));
    expect((await page('provider=anthropic')).items).toEqual([]);
    await expect(page('cursor=nonsense')).rejects.toThrow(/providers.calls.cursor_invalid/);
  });
});

describe('the effective configuration', () => {
  test('names a setting without effect until it is remedied', async () => {
    const chain = [{ provider: 'google', model: 'gemini-3.5-flash' }];
    const expected = 'chain_entry_not_configured router.chain[0]';
    expect(await findings()).not.toContain(expected);
    await putSettings({ chain });
    expect(await findings()).toContain(expected);
    const health = await v1.api<{ notes: string[] }>('GET', '/api/system/health');
    expect(health.notes.join('\n')).toMatch(/without effect: 1\./);
    await putSettings({ chain: [] });
    expect(await findings()).not.toContain(expected);
  });

  test('sees budgets and agents', async () => {
    const budget = await v1.api<{ id: string }>('POST', '/api/budgets', {
      name: 'Ghost',
      window: 'day',
      agent: null,
      limit_micros: 1_000_000,
    });
    await putSettings({ chain: [{ provider: 'openai', model: 'gpt-4.1' }] });
    expect(await findings()).toContain(`budget_without_prices budget:${budget.id}`);
    await v1.api('PUT', '/api/models/prices/openai/gpt-4.1', {
      input_micros: 2_000_000,
      output_micros: 8_000_000,
    });
    expect(await findings()).not.toContain(`budget_without_prices budget:${budget.id}`);
    await v1.api('DELETE', `/api/budgets/${budget.id}`);
  });
});
