import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { embeddingsShape, errorShape } from '../testing/openai-shapes.ts';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

const MODEL = 'openai/text-embedding-3-small';
/** As the wire server makes them: numbers that follow from the signs of a text. */
const vectorOf = (text: string, length = 8) =>
  Array.from({ length }, (_, index) => ((text.codePointAt(index % text.length) ?? 0) % 100) - 50);

let v1: V1Fixture;
let openai: OpenAI;
beforeAll(async () => {
  v1 = await startV1();
  openai = new OpenAI({ baseURL: v1.baseUrl, apiKey: OPERATOR_KEY, maxRetries: 0 });
});
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({ kind: 'answer', usage: { input: 50_000, output: 0 } }));
});

function post(body: object): Promise<Response> {
  return fetch(`${v1.baseUrl}/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('the official openai client embeds', () => {
  test.each([undefined, 'float'] as const)('one text, as %s', async (encoding) => {
    const { data, usage, model } = await openai.embeddings.create({
      model: MODEL,
      input: 'hello',
      ...(encoding === undefined ? {} : { encoding_format: encoding }),
    });
    expect(data.map(({ embedding }) => [...embedding])).toEqual([vectorOf('hello')]);
    expect(usage).toEqual({ prompt_tokens: 50_000, total_tokens: 50_000 });
    expect(model).toBe(MODEL);
  });

  test('many, each in its own place', async () => {
    const input = ['one', 'two', 'three'];
    const { data } = await openai.embeddings.create({ model: MODEL, input, dimensions: 4 });
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(data.map(({ embedding }) => [...embedding])).toEqual(
      input.map((text) => vectorOf(text, 4)),
    );
    expect(v1.vendor.records.at(-1)?.request.body).toMatchObject({ input, dimensions: 4 });
  });

  test('a model by its own name', async () => {
    const { model } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: 'a',
    });
    expect(model).toBe(MODEL);
  });
});

describe('answers', () => {
  test('have the published shape, as numbers and packed, and say what they cost', async () => {
    const before = v1.vendor.records.length;
    for (const encoding_format of ['float', 'base64']) {
      const response = await post({ model: MODEL, input: ['hello', 'you'], encoding_format });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-automatos-provider': 'openai',
        'x-automatos-model': 'text-embedding-3-small',
        // 50,000 × 0.02 dollars per million tokens.
        'x-automatos-cost-micros': '1000',
        'x-automatos-attempts': '1',
        'x-automatos-cache': 'off',
      });
      const { data } = embeddingsShape.parse(await response.json());
      const vectors = data.map(({ embedding }) =>
        typeof embedding === 'string' ? unpack(embedding) : embedding,
      );
      expect(data.every(({ embedding }) => typeof embedding === 'string')).toBe(
        encoding_format === 'base64',
      );
      expect(vectors).toEqual([vectorOf('hello'), vectorOf('you')]);
    }
    expect(v1.vendor.records.length).toBe(before + 2);
  });

  test('of long lists come in parts and are one list with one sum', async () => {
    const input = Array.from({ length: 300 }, (_, index) => `text ${index}`);
    const before = v1.vendor.records.length;
    const response = await post({ model: MODEL, input });
    const { data, usage } = embeddingsShape.parse(await response.json());
    const parts = v1.vendor.records.length - before;
    expect(data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
    expect(data.at(-1)?.embedding).toEqual(vectorOf('text 299'));
    expect(usage.prompt_tokens).toBe(50_000 * parts);
    expect(response.headers.get('x-automatos-cost-micros')).toBe(String(1_000 * parts));
    expect(response.headers.get('x-automatos-attempts')).toBe(String(parts));
  });

  test('leave a usage row each', async () => {
    v1.vendor.setScript(() => ({ kind: 'answer', usage: { input: 1_234_567, output: 0 } }));
    await (await post({ model: MODEL, input: 'a' })).text();
    const rows = async () => {
      const { items } = await v1.api<{ items: { input_tokens: number }[] }>(
        'GET',
        '/api/llm-usage/calls?limit=20',
      );
      return items.filter((row) => row.input_tokens === 1_234_567);
    };
    await expect.poll(rows).toEqual([
      expect.objectContaining({
        kind: 'embedding',
        source: 'api',
        status: 'success',
        estimated: false,
        cost_micros: 24_692,
        output_tokens: 0,
      }),
    ]);
  });
});

describe('what cannot be embedded', () => {
  test.each<[what: string, body: object, status: number, code: string]>([
    [
      'by a chat model',
      { model: 'openai/gpt-5.4-mini', input: 'a' },
      400,
      'providers.model.wrong_kind',
    ],
    ['by an unknown model', { model: 'no-such', input: 'a' }, 404, 'v1.model.not_found'],
    ['by an agent', { model: 'agent/writer', input: 'a' }, 404, 'v1.model.not_found'],
    ['token lists', { model: MODEL, input: [1, 2] }, 400, 'request.input.invalid'],
    ['nothing', { model: MODEL, input: [] }, 400, 'request.input.invalid'],
  ])('%s', async (_what, ...[body, status, code]) => {
    const before = v1.vendor.records.length;
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(errorShape.parse(await response.json()).error.code).toBe(code);
    expect(v1.vendor.records.length).toBe(before);
  });

  test('what the vendor refuses is an error of its kind', async () => {
    v1.vendor.setScript(() => ({ kind: 'status', status: 429, headers: { 'retry-after': '7' } }));
    const failure = await openai.embeddings
      .create({ model: MODEL, input: 'a' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
  });
});

function unpack(packed: string): number[] {
  const bytes = Buffer.from(packed, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
