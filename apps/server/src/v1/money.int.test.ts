import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorShape } from '../testing/openai-shapes.ts';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

const USAGE = { input: 1_000, output: 100 };
const PASSED = 'openai/gpt-5.4-mini';
const BY_CODEC = 'anthropic/claude-haiku-4-5';
const WORDS = 'Say hello to everybody who is in the room, one after the other. '.repeat(40);

let v1: V1Fixture;
let openai: OpenAI;
beforeAll(async () => {
  v1 = await startV1();
  openai = new OpenAI({ baseURL: v1.baseUrl, apiKey: OPERATOR_KEY, maxRetries: 2 });
  // What breaks off here must not open a circuit for the tests behind it.
  await route({ breaker: { consecutive_failures: 100, failure_rate: 1, min_calls: 10_000 } });
});
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({ kind: 'answer', text: ['Hel', 'lo'], usage: USAGE }));
  v1.spare.setScript(() => ({ kind: 'answer', text: ['from the spare'], usage: USAGE }));
});

async function route(change: object): Promise<void> {
  const { settings, version } = await v1.api<{ settings: object; version: number }>(
    'GET',
    '/api/providers/router',
  );
  const match = { 'if-match': `"${version}"` };
  await v1.api('PUT', '/api/providers/router', { ...settings, ...change }, match);
}

function post(body: object, path = '/chat/completions', init: RequestInit = {}): Promise<Response> {
  return fetch(`${v1.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
}
const ask = (model: string, content = 'Say hello') => ({
  model,
  messages: [{ role: 'user' as const, content }],
});
const sent = () => v1.vendor.records.length;

interface UsageRow {
  at: string;
  id: string;
  model: string;
  status: string;
  estimated: boolean;
  cost_micros: number | null;
  input_tokens: number;
  output_tokens: number;
  cache: string;
}
async function rows(): Promise<UsageRow[]> {
  const { items } = await v1.api<{ items: UsageRow[] }>('GET', '/api/llm-usage/calls?limit=100');
  return items;
}
/** Rows of calls that `work` makes. They are written a moment later, so those of earlier calls may come meanwhile too. */
async function rowsOf(work: () => Promise<unknown>): Promise<UsageRow[]> {
  const startedAt = Date.now();
  await work();
  let found: UsageRow[] = [];
  const look = async () => {
    found = (await rows()).filter(({ at }) => Date.parse(at) >= startedAt);
    return found.length;
  };
  await expect.poll(look).toBeGreaterThan(0);
  return found;
}

describe('a budget that is spent', () => {
  let budgetId: string;
  beforeAll(async () => {
    const budget = await v1.api<{ id: string }>('POST', '/api/budgets', {
      name: 'Almost nothing',
      window: 'total',
      limit_micros: 1,
    });
    budgetId = budget.id;
  });
  afterAll(() => v1.api('DELETE', `/api/budgets/${budgetId}`));
  const refused = async () =>
    (await v1.api<{ refused: number }>('GET', `/api/budgets/${budgetId}`)).refused;

  test.each<[what: string, path: string, body: object]>([
    ['a chat that passes through', '/chat/completions', ask(PASSED, WORDS)],
    ['a stream that passes through', '/chat/completions', { ...ask(PASSED, WORDS), stream: true }],
    ['a chat by codec', '/chat/completions', ask(BY_CODEC, WORDS)],
    ['a stream by codec', '/chat/completions', { ...ask(BY_CODEC, WORDS), stream: true }],
    ['embeddings', '/embeddings', { model: 'openai/text-embedding-3-small', input: WORDS }],
  ])('refuses %s with 402, sends nothing and counts it', async (_what, path, body) => {
    const before = { sent: sent(), refused: await refused(), rows: (await rows()).length };
    const response = await post(body, path);
    expect(response.status).toBe(402);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const { error } = errorShape.parse(await response.json());
    expect(error).toMatchObject({
      code: 'providers.budget.exceeded',
      type: 'insufficient_quota',
      message: expect.stringContaining('Almost nothing') as string,
    });
    expect(sent()).toBe(before.sent);
    await expect.poll(refused).toBe(before.refused + 1);
    expect((await rows()).length).toBe(before.rows);
  });

  test('is an error of the official client, which does not ask again', async () => {
    const before = await refused();
    const failure = await openai.chat.completions
      .create(ask(PASSED, WORDS))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.APIError);
    expect(failure).toMatchObject({ status: 402, code: 'providers.budget.exceeded' });
    await expect.poll(refused).toBe(before + 1);
  });
});

describe('kept answers', () => {
  const asked = (model: string, content: string, extra: object = {}) => ({
    ...ask(model, content),
    temperature: 0,
    ...extra,
  });

  test.each([PASSED, BY_CODEC])('of %s at temperature 0 cost nothing again', async (model) => {
    const before = sent();
    const first = await post(asked(model, `kept by ${model}`));
    expect(first.headers.get('x-automatos-cache')).toBe('miss');
    expect(Number(first.headers.get('x-automatos-cost-micros'))).toBeGreaterThan(0);
    const text = (await first.json()) as { choices: unknown };
    const again = await post(asked(model, `kept by ${model}`));
    expect(again.headers.get('x-automatos-cache')).toBe('hit');
    expect(again.headers.get('x-automatos-cost-micros')).toBe('0');
    expect(((await again.json()) as { choices: unknown }).choices).toEqual(text.choices);
    const streamed = await (await post(asked(model, `kept by ${model}`, { stream: true }))).text();
    expect(streamed).toContain('x-automatos-cache=hit');
    expect(streamed).toContain('x-automatos-cost-micros=0');
    expect(sent()).toBe(before + 1);
  });

  test('are left aside when the header says so, and cannot be had with a field that only the vendor knows', async () => {
    await (await post(asked(PASSED, 'again'))).text();
    const before = sent();
    const off = { 'x-automatos-cache': 'off', authorization: `Bearer ${OPERATOR_KEY}` };
    const headers = { ...off, 'content-type': 'application/json' };
    const aside = await post(asked(PASSED, 'again'), '/chat/completions', { headers });
    expect(aside.headers.get('x-automatos-cache')).toBe('off');
    for (const extra of [{ seed: 7 }, { user: 'u1' }, { stop: ['x'] }]) {
      const passed = await post(asked(PASSED, 'again', extra));
      expect(passed.status).toBe(200);
      expect(passed.headers.get('x-automatos-cache')).toBe('off');
      await passed.text();
      expect(v1.vendor.records.at(-1)?.request.body).toMatchObject({ ...extra, temperature: 0 });
    }
    expect(sent()).toBe(before + 4);
  });

  test('stand in for auto too', async () => {
    const answers = [
      await post(asked('auto', 'by default')),
      await post(asked('auto', 'by default')),
    ];
    const outcomes = answers.map(({ headers }) => headers.get('x-automatos-cache'));
    expect(outcomes).toEqual(['miss', 'hit']);
    const providers = answers.map(({ headers }) => headers.get('x-automatos-provider'));
    expect(providers[0]).toBe(providers[1]);
    const rowsOfBoth = async () =>
      (await rows())
        .slice(0, 2)
        .map(({ cache }) => cache)
        .toSorted();
    await expect.poll(rowsOfBoth).toEqual(['hit', 'miss']);
  });
});

describe('calls that come to no end are paid for', () => {
  test.each([PASSED, BY_CODEC])('a stream of %s that is cut', async (model) => {
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['one ', 'two ', 'three'],
      usage: USAGE,
      fault: { after: 2, kind: 'destroy' },
    }));
    const [row, ...others] = await rowsOf(async () =>
      (await post({ ...ask(model), stream: true })).text(),
    );
    expect(others).toEqual([]);
    expect(row).toMatchObject({ status: 'error', estimated: true });
    expect(row?.cost_micros).toBeGreaterThan(0);
    expect(row?.output_tokens).toBeGreaterThan(0);
  });

  test.each([PASSED, BY_CODEC])('a stream of %s whose client leaves', async (model) => {
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['one ', 'two'],
      usage: USAGE,
      fault: { after: 1, kind: 'stall' },
    }));
    const [row, ...others] = await rowsOf(async () => {
      const leave = new AbortController();
      const { signal } = leave;
      const response = await post({ ...ask(model), stream: true }, '/chat/completions', { signal });
      await response.body?.getReader().read();
      leave.abort();
      await expect.poll(() => v1.vendor.records.at(-1)?.state).toBe('aborted');
    });
    expect(others).toEqual([]);
    expect(row).toMatchObject({ status: 'cancelled', estimated: true });
    expect(row?.cost_micros).toBeGreaterThan(0);
    expect(row?.output_tokens).toBeGreaterThan(0);
  });

  test('a whole answer whose client leaves before it comes, by what was sent', async () => {
    v1.vendor.setScript(() => ({ kind: 'hang' }));
    const before = sent();
    const [row] = await rowsOf(async () => {
      const leave = new AbortController();
      const { signal } = leave;
      const response = post(ask(PASSED), '/chat/completions', { signal });
      const ended = response.then(
        () => 'answered',
        (error: Error) => error.name,
      );
      await expect.poll(sent).toBe(before + 1);
      leave.abort();
      expect(await ended).toBe('AbortError');
    });
    expect(row).toMatchObject({ status: 'cancelled', estimated: true, output_tokens: 0 });
    expect(row?.cost_micros).toBeGreaterThan(0);
  });
});

describe('a field that a candidate has no place for', () => {
  afterEach(() => route({ chain: [] }));
  const chain = [
    { provider: 'anthropic', model: 'claude-haiku-4-5' },
    { provider: 'openai-compatible', model: 'house' },
  ];

  test('passes over that candidate, when it stands behind the one that was named', async () => {
    await route({ chain });
    v1.vendor.setScript(() => ({ kind: 'status', status: 503 }));
    const before = sent();
    for (const stream of [false, true]) {
      const response = await post({ ...ask(PASSED), seed: 7, stream });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-automatos-provider')).toBe('openai-compatible');
      expect(response.headers.get('x-automatos-attempts')).toBe('2');
      expect(await response.text()).toContain('from the spare');
    }
    const wires = v1.vendor.records.slice(before).map(({ request }) => request.wire);
    expect(wires).toEqual(['openai-chat', 'openai-chat']);
    expect(v1.spare.records.at(-1)?.request.body).toMatchObject({ seed: 7 });
  });

  test('does so by codec too, instead of dropping the field', async () => {
    await route({ chain });
    v1.vendor.setScript(() => ({ kind: 'status', status: 503 }));
    const before = sent();
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    v1.spare.setScript(() => ({ kind: 'answer', text: ['{"n":1}'], usage: USAGE }));
    const response = await post({
      ...ask('ollama/llama3.2'),
      seed: 7,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
    });
    expect(response.headers.get('x-automatos-provider')).toBe('openai-compatible');
    expect(sent()).toBe(before);
  });

  test('says why the named one failed when nobody else can take it', async () => {
    await route({ chain: chain.slice(0, 1) });
    v1.vendor.setScript(() => ({ kind: 'status', status: 503 }));
    const response = await post({ ...ask(PASSED), seed: 7 });
    expect(response.status).toBe(503);
    const { error } = errorShape.parse(await response.json());
    expect(error.code).toMatch(/^providers\.call\./);
  });

  test('is refused when the named one has none', async () => {
    await route({ chain });
    const before = [sent(), v1.spare.records.length];
    const response = await post({ ...ask(BY_CODEC), seed: 7 });
    expect(response.status).toBe(400);
    const { error } = errorShape.parse(await response.json());
    expect(error).toMatchObject({ code: 'v1.parameter.unsupported', param: 'seed' });
    expect([sent(), v1.spare.records.length]).toEqual(before);
  });
});

test('tokens and money of both ways stand in the metrics', async () => {
  const figures = async () => {
    const text = await (await fetch(`${v1.url}/metrics`)).text();
    const read = (line: string) =>
      Number(
        text
          .split('\n')
          .find((each) => each.startsWith(`${line} `))
          ?.split(' ')
          .at(-1) ?? 0,
      );
    return [PASSED, BY_CODEC].map((id) => {
      const [provider, model] = id.split('/');
      const labels = `provider="${provider}",model="${model}"`;
      return {
        input: read(`amas_ai_provider_tokens_total{${labels},direction="input"}`),
        output: read(`amas_ai_provider_tokens_total{${labels},direction="output"}`),
        dollars: read(`amas_ai_provider_cost_usd_total{${labels}}`),
      };
    });
  };
  const before = await figures();
  await (await post(ask(PASSED))).text();
  await (await post({ ...ask(PASSED), stream: true })).text();
  await (await post(ask(BY_CODEC))).text();
  const after = await figures();
  const grown = after.map((now, index) => ({
    input: now.input - (before[index]?.input ?? 0),
    output: now.output - (before[index]?.output ?? 0),
    micros: Math.round((now.dollars - (before[index]?.dollars ?? 0)) * 1_000_000),
  }));
  expect(grown).toEqual([
    { input: 2_000, output: 200, micros: 2_400 },
    { input: 1_000, output: 100, micros: 1_500 },
  ]);
});
