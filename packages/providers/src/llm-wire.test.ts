import {
  DEFAULT_WORKSPACE_ID,
  isPlatformError,
  silentLogger,
  systemClock,
} from '@automatos/kernel';
import type { JsonObject, Metrics, PlatformError } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { AnswerReply, LlmWireServer, Reply, WireName } from '@automatos/testing/llm-wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProviders } from './index.ts';
import type { ModelCall, Providers } from './index.ts';

const KEY = 'sk-test-0123456789abcdef';

interface Vendor {
  id: string;
  model: string;
  wire: WireName;
  base: string;
  /** Micro-dollars for 1,000 input and 200 output tokens without cache. */
  cost: number | null;
  finishLength: string;
}

const VENDORS: Vendor[] = [
  {
    id: 'openai',
    model: 'gpt-5.4-mini',
    wire: 'openai-responses',
    base: '/v1',
    cost: 1650,
    finishLength: 'max_output_tokens',
  },
  {
    id: 'anthropic',
    model: 'claude-haiku-4-5',
    wire: 'anthropic',
    base: '',
    cost: 2000,
    finishLength: 'max_tokens',
  },
  {
    id: 'google',
    model: 'gemini-2.5-flash',
    wire: 'gemini',
    base: '/v1beta',
    cost: 800,
    finishLength: 'MAX_TOKENS',
  },
  {
    id: 'ollama',
    model: 'llama3.2',
    wire: 'openai-chat',
    base: '',
    cost: 0,
    finishLength: 'length',
  },
  {
    id: 'openai-compatible',
    model: 'house-model',
    wire: 'openai-chat',
    base: '/v1',
    cost: null,
    finishLength: 'length',
  },
];

const WEATHER = {
  name: 'get_weather',
  description: 'Weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const CLOCK = {
  name: 'get_time',
  description: 'Time in a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const PLACE: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' }, population: { type: 'integer' } },
  required: ['city', 'population'],
  additionalProperties: false,
};

let server: LlmWireServer;
let reply: Reply;

beforeAll(async () => {
  server = await createLlmWireServer({ script: () => reply });
});
afterAll(() => server.close());
beforeEach(() => {
  server.records.length = 0;
  reply = { kind: 'answer', text: ['Hello', ' world'], usage: { input: 1000, output: 200 } };
});

function recordingMetrics(): Metrics & { calls: string[] } {
  const calls: string[] = [];
  const note = (name: string, labels: Record<string, string> = {}) =>
    calls.push(`${name} ${Object.values(labels).join(' ')}`);
  return { calls, count: note, observe: note, set: note };
}

async function failure(promise: Promise<unknown>): Promise<PlatformError> {
  const error: unknown = await promise.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!isPlatformError(error)) throw error;
  return error;
}

describe.each(VENDORS)('$id over its wire', (vendor) => {
  const metrics = recordingMetrics();
  let providers: Providers;

  // A room of its own for each test: its circuits remember what failed.
  beforeEach(() => {
    providers = createProviders({
      credentials: async () => ({ apiKey: KEY, baseUrl: `${server.url}${vendor.base}` }),
      clock: systemClock,
      metrics,
      logger: silentLogger,
    });
  });
  afterEach(() => providers.close());
  beforeEach(() => {
    metrics.calls.length = 0;
  });

  function ask(extra: Partial<ModelCall> = {}): ModelCall {
    return {
      workspaceId: DEFAULT_WORKSPACE_ID,
      ref: { provider: vendor.id, model: vendor.model },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Say hello' },
      ],
      maxOutputTokens: 500,
      signal: new AbortController().signal,
      ...extra,
    };
  }
  const answer = (extra: Partial<AnswerReply>): AnswerReply => ({
    kind: 'answer',
    usage: { input: 1000, output: 200 },
    ...extra,
  });

  it('answers with text, usage, exact cost and metrics, in one request', async () => {
    const result = await providers.call(ask());
    expect(result).toMatchObject({
      text: 'Hello world',
      finishReason: 'stop',
      provider: vendor.id,
      model: vendor.model,
      offline: false,
      usageEstimated: false,
      costMicros: vendor.cost,
      costIsUpperBound: false,
    });
    expect(result.usage).toEqual({
      inputTokens: 1000,
      outputTokens: 200,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    });
    expect(result.firstTokenMs).toBeLessThanOrEqual(result.durationMs);
    expect(server.records).toHaveLength(1);
    expect(server.records[0]).toMatchObject({
      state: 'complete',
      request: { wire: vendor.wire, model: vendor.model, stream: true, userText: 'Say hello' },
    });
    expect(metrics.calls).toContain(
      `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} success`,
    );
  });

  it('delivers the first text before the server has sent the second', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: { text: string; piecesSent: number }[] = [];
    reply = answer({
      text: ['one ', 'two ', 'three'],
      beforePiece: (index) => (index === 1 ? gate.promise : Promise.resolve()),
    });
    const result = await providers.call(
      ask({
        onDelta: (text) => {
          seen.push({ text, piecesSent: server.records[0]?.piecesSent ?? -1 });
          gate.resolve();
        },
      }),
    );
    expect(seen.map((piece) => piece.text).join('')).toBe('one two three');
    expect(seen[0]?.piecesSent).toBeLessThanOrEqual(1);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(result.text).toBe('one two three');
  });

  it('reads a stream cut at every odd byte, with keep-alives, inside UTF-8 characters', async () => {
    const text = ['Grüße ', '世界 ', '👩‍🚀 ok'];
    reply = answer({ text, chunkBytes: 7, pings: true });
    expect((await providers.call(ask())).text).toBe(text.join(''));
  });

  it('gives one tool call with its arguments, and continues with the result', async () => {
    reply = answer({
      toolCalls: [{ name: 'get_weather', input: { city: 'Zürich' } }],
      chunkBytes: 11,
    });
    const first = await providers.call(ask({ tools: [WEATHER] }));
    expect(first.finishReason).toBe('tool_calls');
    expect(first.toolCalls).toEqual([
      { id: expect.any(String), name: 'get_weather', input: { city: 'Zürich' } },
    ]);
    expect(server.records[0]?.request.tools.map((tool) => tool.name)).toEqual(['get_weather']);
    reply = answer({ text: ['Sunny.'] });
    const call = first.toolCalls[0] as { id: string; name: string };
    const result = {
      type: 'tool-result' as const,
      toolCallId: call.id,
      toolName: call.name,
      output: { type: 'json' as const, value: { sky: 'clear' } },
    };
    const second = await providers.call(
      ask({
        tools: [WEATHER],
        messages: [
          ...ask().messages,
          JSON.parse(JSON.stringify(first.message)),
          { role: 'tool', content: [result] },
        ],
      }),
    );
    expect(second.text).toBe('Sunny.');
    expect(server.records[1]?.request.toolResults).toBe(1);
    const signed = JSON.stringify(server.records[1]?.request.body).includes('c2lnbmF0dXJl');
    expect(signed, 'thought signatures go back unchanged').toBe(vendor.wire === 'gemini');
  });

  it('gives two tool calls of one answer in order, though their pieces are interleaved', async () => {
    reply = answer({
      text: ['Looking.'],
      toolCalls: [
        { name: 'get_weather', input: { city: 'Rome' } },
        { name: 'get_time', input: { city: 'Oslo' } },
      ],
    });
    const result = await providers.call(ask({ tools: [WEATHER, CLOCK] }));
    expect(result.toolCalls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'get_weather', input: { city: 'Rome' } },
      { name: 'get_time', input: { city: 'Oslo' } },
    ]);
    expect(new Set(result.toolCalls.map((call) => call.id)).size).toBe(2);
    expect(result.text).toBe('Looking.');
  });

  it('sends the schema and returns the validated object', async () => {
    reply = answer({ text: ['{"city":"Bern",', '"population":134000}'] });
    const result = await providers.call(ask({ responseSchema: PLACE }));
    expect(result.object).toEqual({ city: 'Bern', population: 134000 });
    expect(JSON.stringify(server.records[0]?.request.body)).toContain('population');
  });

  it('refuses an object that does not fit, and helps to repair it', async () => {
    reply = answer({ text: ['{"city":"Bern"}'] });
    const error = await failure(providers.call(ask({ responseSchema: PLACE })));
    expect(error).toMatchObject({
      code: 'providers.answer.schema_mismatch',
      retryable: false,
      errors: [{ pointer: '/population' }],
    });
    const { buildRepairMessages } = await import('./index.ts');
    const repair = buildRepairMessages(ask().messages, error, PLACE) ?? [];
    expect(repair).toHaveLength(4);
    expect(repair.at(-1)?.content).toContain('/population');
  });

  it('counts cached and reasoning tokens', async () => {
    reply = answer({
      text: ['ok'],
      usage: {
        input: 1000,
        output: 200,
        cached: 400,
        reasoning: vendor.wire === 'anthropic' ? 0 : 50,
      },
    });
    const result = await providers.call(ask());
    expect(result.usage).toMatchObject({
      inputTokens: 1000,
      outputTokens: 200,
      cachedInputTokens: 400,
    });
    expect(result.usage.reasoningTokens).toBe(vendor.wire === 'anthropic' ? 0 : 50);
    expect(result.costMicros).toBe(vendor.cost);
    expect(result.costIsUpperBound).toBe(vendor.cost !== null && vendor.cost > 0);
  });

  it('estimates and marks usage that the vendor left out', async () => {
    reply = answer({ text: ['four words of text'], usage: null });
    const result = await providers.call(ask());
    expect(result.usageEstimated).toBe(true);
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBeGreaterThan(2);
    expect(metrics.calls).toContain(`amas_ai_provider_usage_estimated_total ${vendor.id}`);
  });

  it('says that the output limit ended the text', async () => {
    reply = answer({ text: ['half a'], finish: vendor.finishLength });
    expect((await providers.call(ask())).finishReason).toBe('length');
  });

  it('sends the idempotency key, and the API key only in its header', async () => {
    await providers.call(ask({ idempotencyKey: 'step-7' }));
    const record = server.records[0];
    expect(record?.idempotencyKey).toBe('step-7');
    expect(JSON.stringify(record?.request.body)).not.toContain(KEY);
    expect(JSON.stringify(record?.request.headers)).toContain(KEY);
  });

  const faults: [
    string,
    () => Reply,
    { code: string; retryable: boolean; retryAfterMs?: number },
  ][] = [
    [
      'status 500',
      () => ({ kind: 'status', status: 500 }),
      { code: 'providers.call.upstream_error', retryable: true },
    ],
    [
      'status 500 with a web page',
      () => ({ kind: 'status', status: 500, body: '<html><h1>Bad</h1></html>' }),
      { code: 'providers.call.upstream_error', retryable: true },
    ],
    [
      'status 503',
      () => ({ kind: 'status', status: 503 }),
      { code: 'providers.call.overloaded', retryable: true },
    ],
    [
      'status 429 with retry-after',
      () => ({
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '7' },
        error: { code: 'rate_limit_exceeded', message: 'slow down' },
      }),
      { code: 'providers.call.rate_limited', retryable: true, retryAfterMs: 7000 },
    ],
    [
      'status 401',
      () => ({
        kind: 'status',
        status: 401,
        error: { code: 'invalid_api_key', message: `Incorrect API key provided: ${KEY}` },
      }),
      { code: 'providers.credential.rejected', retryable: false },
    ],
    [
      'status 402',
      () => ({ kind: 'status', status: 402, error: { code: 'billing_error', message: 'pay' } }),
      { code: 'providers.call.no_credit', retryable: false },
    ],
    [
      'status 404',
      () => ({
        kind: 'status',
        status: 404,
        error: { code: 'model_not_found', message: 'no such model' },
      }),
      { code: 'providers.model.unavailable', retryable: false },
    ],
    [
      'context overflow',
      () => ({
        kind: 'status',
        status: 400,
        error: {
          code: 'invalid_request_error',
          message: 'prompt is too long: the maximum context length is 8192',
        },
      }),
      { code: 'providers.context.overflow', retryable: false },
    ],
    [
      'another status 400',
      () => ({
        kind: 'status',
        status: 400,
        error: { code: 'invalid_request_error', message: `bad temperature, key ${KEY}` },
      }),
      { code: 'providers.call.rejected', retryable: false },
    ],
    [
      'a redirect',
      () => ({
        kind: 'status',
        status: 302,
        headers: { location: 'http://127.0.0.1:9/' },
        body: '',
      }),
      { code: 'providers.call.redirected', retryable: false },
    ],
    [
      'garbage in the stream',
      () => ({ kind: 'garbage' }),
      { code: 'providers.answer.malformed', retryable: true },
    ],
    [
      'a web page with status 200',
      () => ({ kind: 'garbage', body: '<html>login</html>', contentType: 'text/html' }),
      { code: 'providers.answer.malformed', retryable: true },
    ],
    [
      'an empty body with status 200',
      () => ({ kind: 'garbage', body: '' }),
      { code: 'providers.answer.malformed', retryable: true },
    ],
    [
      'a socket cut in the middle',
      () => answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'destroy' } }),
      { code: 'providers.call.stream_cut', retryable: true },
    ],
    [
      'a stream that ends early',
      () => answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'end' } }),
      { code: 'providers.call.stream_cut', retryable: true },
    ],
    [
      'an error event in the middle',
      () => answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'error' } }),
      { code: 'providers.call.overloaded', retryable: true },
    ],
    [
      'broken tool arguments',
      () => answer({ toolCalls: [{ name: 'get_weather', raw: '{"city": "Ber' }] }),
      { code: 'providers.answer.tool_call_malformed', retryable: true },
    ],
  ];

  it.each(faults)('turns %s into one typed error', async (_name, makeReply, expected) => {
    reply = makeReply();
    const error = await failure(providers.call(ask({ tools: [WEATHER] })));
    expect({
      code: error.code,
      retryable: error.retryable,
      ...(expected.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    }).toEqual(expected);
    expect(JSON.stringify([error.message, error.internalMessage, error.details])).not.toContain(
      KEY,
    );
    expect(server.records).toHaveLength(1);
    expect(metrics.calls).toContain(
      `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} ${error.kind === 'rate-limited' ? 'rate_limited' : 'error'}`,
    );
  });

  it('gives up on a server that never answers, and closes the request there', async () => {
    reply = { kind: 'hang' };
    const error = await failure(providers.call(ask({ timeouts: { firstTokenMs: 60 } })));
    expect(error).toMatchObject({
      code: 'providers.call.timeout',
      retryable: true,
      details: { bound: 'to the first token' },
    });
    await vi.waitFor(() => expect(server.records[0]?.state).toBe('aborted'));
  });

  it('gives up on a stream that stalls, and closes it', async () => {
    reply = answer({ text: ['a', 'b'], fault: { after: 1, kind: 'stall' } });
    const error = await failure(providers.call(ask({ timeouts: { betweenTokensMs: 60 } })));
    expect(error).toMatchObject({
      code: 'providers.call.timeout',
      details: { bound: 'between two tokens' },
    });
    await vi.waitFor(() => expect(server.records[0]?.state).toBe('aborted'));
  });

  it('bounds a slow answer in all', async () => {
    reply = answer({ text: Array.from({ length: 50 }, () => 'x '), delayMs: 20 });
    const error = await failure(providers.call(ask({ timeouts: { totalMs: 120 } })));
    expect(error).toMatchObject({ code: 'providers.call.timeout', details: { bound: 'in all' } });
    await vi.waitFor(() => expect(server.records[0]?.state).toBe('aborted'));
  });

  it('cancels in the middle of the text: rejects at once, and the server sees the socket close', async () => {
    const caller = new AbortController();
    reply = answer({ text: ['a', 'b'], fault: { after: 1, kind: 'stall' } });
    const error = await failure(
      providers.call(ask({ signal: caller.signal, onDelta: () => caller.abort() })),
    );
    expect(error).toMatchObject({
      code: 'providers.call.cancelled',
      kind: 'cancelled',
      retryable: false,
    });
    await vi.waitFor(() => expect(server.records[0]?.state).toBe('aborted'));
    expect(metrics.calls).toContain(
      `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} cancelled`,
    );
  });

  it('does not call at all for a signal that is aborted already', async () => {
    expect(await failure(providers.call(ask({ signal: AbortSignal.abort() })))).toMatchObject({
      code: 'providers.call.cancelled',
    });
    expect(server.records).toHaveLength(0);
  });

  it('says that nothing listens at the address', async () => {
    const closed = createProviders({
      credentials: async () => ({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9/v1' }),
      clock: systemClock,
      metrics,
      logger: silentLogger,
    });
    expect(await failure(closed.call(ask()))).toMatchObject({
      code: 'providers.call.unreachable',
      retryable: true,
    });
    await closed.close();
  });
});
