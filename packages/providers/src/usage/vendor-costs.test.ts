import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProviders } from '../calls/create-providers.ts';
import type { Providers } from '../calls/create-providers.ts';

/** Answers as the vendors document them, with usage; everything goes through the codecs over HTTP. */
let body = '';
const server = createServer((_request, response) =>
  response
    .writeHead(200, {
      'content-type': body.startsWith('{') ? 'application/json' : 'text/event-stream',
    })
    .end(body),
);
let providers: Providers;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  providers = createProviders({
    credentials: () => Promise.resolve({ apiKey: 'key-of-the-test', baseUrl }),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
});
afterAll(async () => {
  await providers.close();
  server.close();
});

const call = (provider: string, model: string) =>
  providers.call({
    workspaceId: 'w' as WorkspaceId,
    ref: { provider, model },
    messages: [{ role: 'user', content: 'Say yes' }],
    signal: new AbortController().signal,
  });

const sse = (...events: unknown[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const named = (...events: { type: string }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

function chat(usage: object | undefined, last: object = {}): string {
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
  return `${sse(
    {
      ...chunk,
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes.' }, finish_reason: null }],
    },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...last },
    ...(usage === undefined ? [] : [{ ...chunk, choices: [], usage }]),
  )}data: [DONE]\n\n`;
}

function responses(usage: object): string {
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' };
  const response = {
    id: 'r',
    object: 'response',
    created_at: 1,
    model: 'm',
    output: [],
    status: 'completed',
  };
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  return named(
    { type: 'response.created', response: { ...response, status: 'in_progress' } } as never,
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, content: [] },
    } as never,
    { type: 'response.output_text.delta', ...place, delta: 'Yes.', logprobs: [] } as never,
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: {
        ...item,
        content: [{ type: 'output_text', text: 'Yes.', annotations: [], logprobs: [] }],
      },
    } as never,
    { type: 'response.completed', response: { ...response, usage } } as never,
  );
}

function anthropic(usage: Record<string, number>): string {
  const { output_tokens: output, ...input } = usage;
  return named(
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...input, output_tokens: 1 },
      },
    } as never,
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never,
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Yes.' } } as never,
    { type: 'content_block_stop', index: 0 } as never,
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: output },
    } as never,
    { type: 'message_stop' },
  );
}

const gemini = (usageMetadata: object) =>
  sse({
    candidates: [
      { content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP', index: 0 },
    ],
    usageMetadata,
  });

const cohere = (usage: object) =>
  named(
    {
      type: 'message-start',
      id: 'm',
      delta: { message: { role: 'assistant', content: [] } },
    } as never,
    {
      type: 'content-start',
      index: 0,
      delta: { message: { content: { type: 'text', text: '' } } },
    } as never,
    { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Yes.' } } } } as never,
    { type: 'content-end', index: 0 } as never,
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } } as never,
  );

const tokens = (prompt: number, completion: number, extra: object = {}) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...extra,
});
const cached = (count: number) => ({ prompt_tokens_details: { cached_tokens: count } });

/** `[what, provider, model, answer, micro-dollars, how it is summed]`; null = unknown. */
const CASES: [string, string, string, string, number | null][] = [
  [
    'OpenAI: cached and reasoning tokens', // (1000−400)×5 + 400×0.5 + 300×30 = 3000 + 200 + 9000
    'openai',
    'gpt-5.5',
    responses({
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 400 },
      output_tokens: 300,
      output_tokens_details: { reasoning_tokens: 200 },
    }),
    12_200,
  ],
  [
    'OpenAI: above the bound of a tier the whole call costs more', // 300,000×10 + 10×45 = 3,000,000 + 450
    'openai',
    'gpt-5.5',
    responses({
      input_tokens: 300_000,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 0 },
    }),
    3_000_450,
  ],
  [
    'Anthropic: cache reads and writes beside input_tokens', // 100×2 + 2000×0.2 + 500×2.5 + 50×10 = 200 + 400 + 1250 + 500
    'anthropic',
    'claude-sonnet-5',
    anthropic({
      input_tokens: 100,
      cache_read_input_tokens: 2000,
      cache_creation_input_tokens: 500,
      output_tokens: 50,
    }),
    2_350,
  ],
  [
    'Google: thoughts are output, cached content its own price', // (1000−300)×1.5 + 300×0.15 + (40+60)×9 = 1050 + 45 + 900
    'google',
    'gemini-3.5-flash',
    gemini({
      promptTokenCount: 1000,
      cachedContentTokenCount: 300,
      candidatesTokenCount: 40,
      thoughtsTokenCount: 60,
      totalTokenCount: 1100,
    }),
    1_995,
  ],
  [
    'Groq: cached tokens, a fraction rounded up once', // (101−1)×0.075 + 1×0.0375 + 7×0.3 = 7.5 + 0.0375 + 2.1 = 9.6375
    'groq',
    'openai/gpt-oss-20b',
    chat(undefined, { x_groq: { id: 'g', usage: tokens(101, 7, cached(1)) } }),
    10,
  ],
  [
    'DeepSeek: cached tokens without a known price count in full', // 1000×0.14 + 100×0.28 = 140 + 28
    'deepseek',
    'deepseek-v4-flash',
    chat(tokens(1000, 100, { prompt_cache_hit_tokens: 640, prompt_cache_miss_tokens: 360 })),
    168,
  ],
  [
    'Cohere: billed units, not tokens', // 1001×0.0375 + 3×0.15 = 37.5375 + 0.45 = 37.9875
    'cohere',
    'command-r7b-12-2024',
    cohere({
      billed_units: { input_tokens: 1001, output_tokens: 3 },
      tokens: { input_tokens: 1500, output_tokens: 9 },
    }),
    38,
  ],
  [
    'Mistral: usage beside the end',
    'mistral',
    'mistral-small-2603',
    chat(undefined, { usage: tokens(1000, 100) }),
    210,
  ], // 150 + 60
  ['Together', 'together', 'deepseek-ai/DeepSeek-V4-Pro', chat(tokens(1000, 100)), 2_088], // 1740 + 348
  [
    'Perplexity: what the vendor says, with its searches', // 0.0031415 dollars, rounded up
    'perplexity',
    'perplexity/sonar',
    responses({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 0 },
      cost: {
        currency: 'USD',
        input_cost: 0.0001,
        output_cost: 0.0005415,
        tool_calls_cost: 0.0025,
        total_cost: 0.0031415,
      },
    }),
    3_142,
  ],
  [
    'Perplexity: silent on the cost, and no known price',
    'perplexity',
    'perplexity/sonar',
    responses({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 0 },
    }),
    null,
  ],
  [
    'Fireworks: cached tokens', // (1000−500)×0.15 + 500×0.01 + 10×0.6 = 75 + 5 + 6
    'fireworks',
    'accounts/fireworks/models/gpt-oss-120b',
    chat(tokens(1000, 10, cached(500))),
    86,
  ],
  ['Hugging Face', 'huggingface', 'openai/gpt-oss-120b', chat(tokens(1000, 100)), 319], // 250 + 69
  ['AI21', 'ai21', 'jamba-mini', chat(tokens(1000, 100)), 240], // 200 + 40
  ['Writer', 'writer', 'palmyra-x5', chat(tokens(1000, 100)), 1_200], // 600 + 600
  [
    'Moonshot: cached tokens under a name of its own', // (1000−250)×0.95 + 250×0.16 + 100×4 = 712.5 + 40 + 400 = 1152.5
    'moonshot',
    'kimi-k2.6',
    chat(tokens(1000, 100, { cached_tokens: 250 })),
    1_153,
  ],
  ['Aleph Alpha: no public price', 'alephalpha', 'pharia-1', chat(tokens(1000, 100)), null],
  ['a server of one’s own: unknown', 'openai-compatible', 'house', chat(tokens(1000, 100)), null],
  ['Ollama: free, tokens count', 'ollama', 'qwen3:8b', chat(tokens(1000, 100)), 0],
];

describe('cost as charged', () => {
  it.each(CASES)('%s', async (_what, ...[provider, model, answer, micros]) => {
    body = answer;
    const result = await call(provider, model);
    expect(result).toMatchObject({ text: 'Yes.', costMicros: micros, usageEstimated: false });
  });

  it('counts embeddings by their input alone', async () => {
    const embedding = { object: 'embedding', index: 0, embedding: [0.6, 0.8] };
    const usage = { prompt_tokens: 1001, total_tokens: 1001 };
    body = JSON.stringify({ object: 'list', data: [embedding], model: 'm', usage });
    const result = await providers.embed({
      workspaceId: 'w' as WorkspaceId,
      ref: { provider: 'openai', model: 'text-embedding-3-small' },
      values: ['a text'],
      signal: new AbortController().signal,
    });
    // 1001 × 0.02 = 20.02
    expect(result).toMatchObject({ inputTokens: 1001, costMicros: 21 });
  });

  it('says that cached tokens without a price of their own make it an upper bound', async () => {
    body = chat(tokens(1000, 100, { prompt_cache_hit_tokens: 640 }));
    expect(await call('deepseek', 'deepseek-v4-flash')).toMatchObject({
      costIsUpperBound: true,
      usage: { cachedInputTokens: 640 },
    });
  });

  it('is estimated, and marked, when the vendor gives no usage', async () => {
    body = chat(undefined);
    const result = await call('together', 'openai/gpt-oss-120b');
    // "Say yes" is 2 tokens by the estimate, "Yes." is 2: 2 × 0.15 + 2 × 0.6 = 1.5
    expect(result).toMatchObject({
      usageEstimated: true,
      usage: { inputTokens: 2, outputTokens: 2 },
      costMicros: 2,
    });
  });
});
