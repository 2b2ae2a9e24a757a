import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, Output, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

const PASSED = 'openai/gpt-5.4-mini';
const BY_CODEC = 'anthropic/claude-haiku-4-5';
const MODELS = [PASSED, BY_CODEC];
const USAGE = { input: 100, output: 20 };

let v1: V1Fixture;
let openai: OpenAI;
beforeAll(async () => {
  v1 = await startV1();
  openai = new OpenAI({ baseURL: v1.baseUrl, apiKey: OPERATOR_KEY, maxRetries: 0 });
});
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({ kind: 'answer', text: ['It is ', 'sunny.'], usage: USAGE }));
});

/** Calls the tool first, and tells what it gave in the second call. */
function toolVendor(): void {
  v1.vendor.setScript((request) =>
    request.toolResults === 0
      ? { kind: 'answer', toolCalls: [{ name: 'weather', input: { city: 'Wien' } }], usage: USAGE }
      : { kind: 'answer', text: ['12 degrees'], usage: USAGE },
  );
}

const WEATHER = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

describe.each(MODELS)('the official openai client with %s', (model) => {
  test('an answer', async () => {
    const answer = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Weather?' }],
    });
    expect(answer.choices[0]?.message.content).toBe('It is sunny.');
    expect(answer.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20 });
  });

  test('a stream with usage', async () => {
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Weather?' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      texts.push(chunk.choices[0]?.delta.content ?? '');
      usage = chunk.usage ?? usage;
    }
    expect(texts.join('')).toBe('It is sunny.');
    expect(usage?.total_tokens).toBe(120);
  });

  test.each([false, true])('a round trip with a tool, streamed: %s', async (streamed) => {
    toolVendor();
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'Weather in Wien?' },
    ];
    const ask = { model, messages, tools: [WEATHER] };
    const first = streamed
      ? await openai.chat.completions.stream(ask).finalChatCompletion()
      : await openai.chat.completions.create(ask);
    const message = first.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    if (message === undefined || call?.type !== 'function') throw new Error('no tool call');
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Wien' });
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: '12' });
    const second = await openai.chat.completions.create({ ...ask, messages });
    expect(second.choices[0]?.message.content).toBe('12 degrees');
  });

  test('an answer by a schema is mended once when it misses it', async () => {
    let asked = 0;
    v1.vendor.setScript(() => {
      asked += 1;
      return { kind: 'answer', text: [asked === 1 ? '{"n":"x"}' : '{"n":7}'], usage: USAGE };
    });
    const answer = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'A number' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'number',
          schema: {
            type: 'object',
            properties: { n: { type: 'integer' } },
            required: ['n'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ n: 7 });
    expect(asked).toBe(2);
  });

  test('an abort reaches the vendor', async () => {
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['a', 'b'],
      usage: USAGE,
      fault: { after: 1, kind: 'stall' },
    }));
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Weather?' }],
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    stream.controller.abort();
    await expect.poll(() => v1.vendor.records.at(-1)?.state).toBe('aborted');
  });

  test('a stream that breaks off is an error, never a short answer', async () => {
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['a', 'b'],
      usage: USAGE,
      fault: { after: 1, kind: 'end' },
    }));
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Weather?' }],
      stream: true,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toMatchObject({ code: 'providers.call.stream_cut' });
    expect(text).toBe('a');
  });
});

describe('errors as the official client sees them', () => {
  test('a bad key, an unknown model, a vendor that is down', async () => {
    const stranger = new OpenAI({ baseURL: v1.baseUrl, apiKey: 'ak_srv_unknown', maxRetries: 0 });
    const ask = { model: PASSED, messages: [{ role: 'user' as const, content: 'x' }] };
    await expect(stranger.chat.completions.create(ask)).rejects.toMatchObject({
      status: 401,
      type: 'authentication_error',
      code: 'identity.key.rejected',
    });
    await expect(
      openai.chat.completions.create({ ...ask, model: 'gpt-5.4-mni' }),
    ).rejects.toMatchObject({ status: 404, code: 'v1.model.not_found', param: 'model' });
    v1.vendor.setScript(() => ({ kind: 'status', status: 503 }));
    const repeating = new OpenAI({ baseURL: v1.baseUrl, apiKey: OPERATOR_KEY, maxRetries: 1 });
    const before = v1.vendor.records.length;
    await expect(repeating.chat.completions.create(ask)).rejects.toMatchObject({ status: 503 });
    expect(v1.vendor.records.length - before).toBe(2);
  });

  test('what cannot be honoured is refused by name', async () => {
    const messages = [{ role: 'user' as const, content: 'x' }];
    await expect(
      openai.chat.completions.create({ model: BY_CODEC, messages, n: 2 }),
    ).rejects.toMatchObject({ status: 400, code: 'v1.parameter.unsupported', param: 'n' });
    await expect(
      openai.chat.completions.create({ model: BY_CODEC, messages, logprobs: true }),
    ).rejects.toMatchObject({ status: 400, param: 'logprobs' });
    await expect(
      openai.chat.completions.create({ model: BY_CODEC, messages, seed: 3 }),
    ).rejects.toMatchObject({ status: 400, param: 'seed' });
  });
});

describe('models', () => {
  test('are listed with agents and recipes, and read one by one', async () => {
    const ids: string[] = [];
    for await (const model of await openai.models.list()) ids.push(model.id);
    expect(ids).toContain('auto');
    expect(ids).toContain(PASSED);
    expect(ids.some((id) => id.startsWith('agent/'))).toBe(true);
    expect(ids.some((id) => id.startsWith('recipe/'))).toBe(true);
    expect(ids.some((id) => id.startsWith('groq/'))).toBe(false);
    expect(await openai.models.retrieve(PASSED)).toMatchObject({ id: PASSED, owned_by: 'openai' });
    await expect(openai.models.retrieve('openai/no-such')).rejects.toMatchObject({ status: 404 });
  });
});

describe("the AI SDK's compatible provider", () => {
  const provider = () =>
    createOpenAICompatible({
      name: 'automatos',
      baseURL: v1.baseUrl,
      apiKey: OPERATOR_KEY,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });

  test.each(MODELS)('answers, streams and calls tools of %s', async (id) => {
    const model = provider()(id);
    const { text, usage } = await generateText({ model, prompt: 'Weather?', maxRetries: 0 });
    expect(text).toBe('It is sunny.');
    expect(usage.totalTokens).toBe(120);
    const stream = streamText({ model, prompt: 'Weather?', maxRetries: 0 });
    expect(await stream.text).toBe('It is sunny.');
    expect((await stream.usage).outputTokens).toBe(20);
    toolVendor();
    const weather = tool({
      inputSchema: jsonSchema<{ city: string }>(WEATHER.function.parameters as never),
      execute: ({ city }) => `12 in ${city}`,
    });
    const called = await generateText({
      model,
      prompt: 'Weather in Wien?',
      tools: { weather },
      stopWhen: ({ steps }) => steps.length >= 2,
      maxRetries: 0,
    });
    expect(called.text).toBe('12 degrees');
  });

  test('makes objects', async () => {
    v1.vendor.setScript(() => ({ kind: 'answer', text: ['{"n":7}'], usage: USAGE }));
    const { output } = await generateText({
      model: provider()(BY_CODEC),
      prompt: 'A number',
      output: Output.object({ schema: z.object({ n: z.int() }) }),
      maxRetries: 0,
    });
    expect(output).toEqual({ n: 7 });
  });
});

describe("LangChain's ChatOpenAI", () => {
  const client = (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: OPERATOR_KEY,
      configuration: { baseURL: v1.baseUrl },
      maxRetries: 0,
    });

  test.each(MODELS)('answers, streams and calls tools of %s', async (model) => {
    const answer = await client(model).invoke([new HumanMessage('Weather?')]);
    expect(answer.content).toBe('It is sunny.');
    expect(answer.usage_metadata).toMatchObject({ total_tokens: 120 });
    let text = '';
    for await (const chunk of await client(model).stream('Weather?')) text += chunk.text;
    expect(text).toBe('It is sunny.');
    toolVendor();
    const weather = langchainTool(({ city }: { city: string }) => `12 in ${city}`, {
      name: 'weather',
      description: 'Weather of a city',
      schema: z.object({ city: z.string() }),
    });
    const called = await client(model).bindTools([weather]).invoke('Weather in Wien?');
    expect(called.tool_calls?.[0]).toMatchObject({ name: 'weather', args: { city: 'Wien' } });
  });
});
