import { isPlatformError } from '@automatos/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { Reply } from '@automatos/testing/llm-wire';
import { buildModel } from '../calls/build-model.ts';
import { toImagePart } from '../calls/image-part.ts';
import { embedOnce, observeResponses, readVendorLimits, rerankOnce, resolveRef } from '../index.ts';
import { readEvents } from './read-events.ts';
import { inputsOfSchema, knownInputs, toInput } from './replicate-inputs.ts';
import { readVendorCost } from './vendor-cost.ts';

async function eventsOf(text: string, cuts: readonly number[]): Promise<unknown[]> {
  const bytes = new TextEncoder().encode(text);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  const found: unknown[] = [];
  for await (const event of readEvents(ReadableStream.from(chunks))) found.push(event);
  return found;
}

describe('events of a stream', () => {
  const text =
    ': hi\r\n\r\nevent: output\r\ndata: Grüße\r\ndata:  世界 👩‍🚀\r\n\r\ndata:{"a":1}\n\n: keep-alive\n\ndata: cut off';

  it('are the same wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 12 }), async (cuts) => {
        expect(await eventsOf(text, cuts)).toEqual([
          { event: 'output', data: 'Grüße\n 世界 👩‍🚀' },
          { event: '', data: '{"a":1}' },
        ]);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('cost that a vendor states', () => {
  it.each<[string, unknown, number | null]>([
    ['perplexity', { cost: { currency: 'USD', total_cost: 0.0061234 } }, 6124],
    ['perplexity', { cost: { total_cost: 0.000001 } }, 1],
    ['perplexity', { cost: { total_cost: 0.1 + 0.2 } }, 300_000],
    ['perplexity', { cost: { input_cost: 0.001, output_cost: 0.002 } }, 3000],
    ['perplexity', { cost: { currency: 'EUR', total_cost: 1 } }, null],
    ['perplexity', { cost: { total_cost: -1 } }, null],
    ['perplexity', { cost: {} }, null],
    ['perplexity', {}, null],
    ['openai', { cost: { total_cost: 1 } }, null],
  ])('%s %o is %s', (provider, usage, micros) => {
    expect(readVendorCost(provider, usage)).toBe(micros);
  });
});

describe('heads of answers', () => {
  it('are shown before the body is read, refusals too', async () => {
    const headers = { 'x-ratelimit-limit-requests': '9', 'x-ratelimit-remaining-requests': '8' };
    const replies: Reply[] = [
      { kind: 'answer', text: ['hi'], headers },
      { kind: 'status', status: 429, headers: { 'X-RateLimit-Remaining-Requests': '0' } },
    ];
    const server = await createLlmWireServer({
      script: () => replies.shift() ?? { kind: 'hang' },
    });
    const seen: unknown[] = [];
    const { model } = await buildModel(
      resolveRef({ provider: 'groq', model: 'llama-3.1-8b-instant' }),
      { apiKey: 'k', baseUrl: `${server.url}/~groq/openai/v1` },
      observeResponses(fetch, (response) =>
        seen.push([response.status, readVendorLimits('groq', response.headers, 0).requests]),
      ),
    );
    const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
    const { stream } = await model.doStream({ prompt });
    expect(seen).toEqual([[200, { limit: 9, remaining: 8, resetMs: null }]]);
    await stream.cancel();
    await expect(model.doStream({ prompt })).rejects.toThrow('it failed');
    expect(seen[1]).toEqual([429, { limit: null, remaining: 0, resetMs: null }]);
    await server.close();
  });
});

describe('images', () => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex');

  it.each([
    ['bytes', new Uint8Array(png)],
    ['base64', png.toString('base64')],
    ['a data: URL', `data:image/png;base64,${png.toString('base64')}`],
    ['a URL object', new URL(`data:text/plain;base64,${png.toString('base64')}`)],
  ])('come as %s, and are what their bytes say', (_form, image) => {
    expect(toImagePart(image, 'image/jpeg')).toMatchObject({ mediaType: 'image/png' });
  });

  it.each([
    ['an address', 'https://example.org/a.png'],
    ['a file', new URL('file:///etc/passwd')],
    ['text', Buffer.from('<svg/>')],
    ['nothing', new Uint8Array()],
    ['a number', 7],
  ])('are not %s', (_form, image) => {
    expect(() => toImagePart(image, undefined)).toThrow(
      expect.objectContaining({ code: 'providers.call.messages_invalid' }),
    );
  });
});

describe('inputs of a job', () => {
  const options = {
    prompt: [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] },
      { role: 'assistant' as const, content: [{ type: 'text' as const, text: 'Hello' }] },
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'Bye' }] },
    ],
    maxOutputTokens: 9,
    temperature: 0,
  };

  it('are named as the family of the model names them', () => {
    const llama = knownInputs('meta/meta-llama-3-8b-instruct');
    expect(llama && toInput(llama, options)).toEqual({
      prompt: 'User: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant:',
      system_prompt: 'Be brief.',
      max_tokens: 9,
      temperature: 0,
    });
    const deepseek = knownInputs('deepseek-ai/deepseek-v4');
    expect(deepseek && toInput(deepseek, options)['prompt']).toMatch(/^Be brief.\n\nUser: Hi/);
    expect(knownInputs('acme/writer')).toBeUndefined();
  });

  it('are read from a schema; a model without a prompt is no language model', () => {
    expect(inputsOfSchema({ text: {}, max_length: {} })).toMatchObject({
      prompt: 'text',
      system: null,
      maxTokens: 'max_length',
    });
    expect(inputsOfSchema({ image: {} })).toBeUndefined();
  });
});

describe('without a model', () => {
  const io = { fetch, signal: new AbortController().signal, nowMs: 0 };
  const words = resolveRef(
    { provider: 'offline', model: 'offline-words-1' },
    { kind: 'embedding' },
  );

  it('vectors are near where words are shared, the same every time, and said to be no model', async () => {
    const values = ['secrets in the repository', 'a leaked credential in the repo', 'rain in Rome'];
    const { vectors, offline } = await embedOnce(words, null, { values }, io);
    const again = await embedOnce(words, null, { values }, io);
    const dot = (a: number, b: number) =>
      (vectors[a] ?? []).reduce((sum, each, index) => sum + each * (vectors[b]?.[index] ?? 0), 0);
    expect(again.vectors).toEqual(vectors);
    expect([offline, vectors[0]?.length, Math.round(dot(0, 0) * 1e6)]).toEqual([true, 256, 1e6]);
    expect(dot(0, 1)).toBeGreaterThan(0.5);
    expect(dot(0, 2)).toBeLessThan(0.2);
  });

  it('rankings count shared words', async () => {
    const resolved = resolveRef(
      { provider: 'offline', model: 'offline-rank-1' },
      { kind: 'rerank' },
    );
    const documents = ['rain in Rome', 'the leaked key of the repository', 'a repository'];
    const request = { query: 'leaked keys in a repository', documents, topN: 2 };
    const result = await rerankOnce(resolved, null, request, io);
    expect([result.offline, result.ranking.map(({ index }) => index)]).toEqual([true, [1, 2]]);
  });

  it('chat models embed nothing', async () => {
    const chat = resolveRef({ provider: 'anthropic', model: 'claude-haiku-4-5' });
    const error: unknown = await embedOnce(chat, null, { values: ['x'] }, io).catch(
      (thrown: unknown) => thrown,
    );
    expect(isPlatformError(error) && error.code).toBe('providers.model.lacks_capability');
  });
});
