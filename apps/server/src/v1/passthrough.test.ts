import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  chunkShape,
  completionShape,
  errorShape,
  modelListShape,
} from '../testing/openai-shapes.ts';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

const USAGE = { input: 1_000, output: 100 };
/** 1,000 × 0.75 + 100 × 4.5 dollars per million tokens. */
const COST = '1200';

let v1: V1Fixture;
beforeAll(async () => {
  v1 = await startV1();
  // What breaks off here must not open a circuit for the tests behind it.
  await route({ breaker: { consecutive_failures: 100, failure_rate: 1, min_calls: 10_000 } });
});

async function route(change: object): Promise<void> {
  const { settings, version } = await v1.api<{ settings: object; version: number }>(
    'GET',
    '/api/providers/router',
  );
  await v1.api(
    'PUT',
    '/api/providers/router',
    { ...settings, ...change },
    { 'if-match': `"${version}"` },
  );
}
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({ kind: 'answer', text: ['Hel', 'lo ', 'wörld'], usage: USAGE }));
  v1.spare.setScript(() => ({ kind: 'answer', text: ['from the spare'], usage: USAGE }));
});

function post(body: unknown, headers: Record<string, string> = {}, path = '/chat/completions') {
  return fetch(`${v1.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${OPERATOR_KEY}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
const ASK = { model: 'openai/gpt-5.4-mini', messages: [{ role: 'user', content: 'Say hello' }] };
const BY_CODEC = { ...ASK, model: 'anthropic/claude-haiku-4-5' };

async function events(response: Response): Promise<{ text: string; data: unknown[] }> {
  const text = await response.text();
  const data = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as unknown);
  return { text, data };
}

const textOf = (data: unknown[]) =>
  data
    .map(
      (chunk) =>
        (chunk as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ??
        '',
    )
    .join('');

describe('a request passes to the vendor as it is', () => {
  test('and its answer comes back as it is', async () => {
    const response = await post({ ...ASK, logit_bias: { '5': 1 } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-automatos-provider': 'openai',
      'x-automatos-model': 'gpt-5.4-mini',
      'x-automatos-cost-micros': COST,
      'x-automatos-attempts': '1',
      'x-automatos-cache': 'off',
      'x-request-id': expect.stringMatching(/.{8,}/) as string,
    });
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    expect(body.choices[0]?.message.content).toBe('Hello wörld');
    const sent = v1.vendor.records.at(-1)?.request;
    expect(sent?.wire).toBe('openai-chat');
    expect(sent?.body).toEqual({ ...ASK, model: 'gpt-5.4-mini', logit_bias: { '5': 1 } });
    expect(sent?.headers['authorization']).toBe('Bearer sk-vendor-secret-0123456789');
  });

  test.each([undefined, 1, 7])(
    'a stream in pieces of %s bytes keeps its bytes, and ends with what it cost',
    async (chunkBytes) => {
      v1.vendor.setScript(() => ({
        kind: 'answer',
        text: ['Hel', 'lo ', 'wörld'],
        usage: USAGE,
        pings: true,
        ...(chunkBytes === undefined ? {} : { chunkBytes }),
      }));
      const { text, data } = await events(await post({ ...ASK, stream: true }));
      expect(textOf(data)).toBe('Hello wörld');
      expect(text).not.toContain('"usage"');
      expect(text).toContain(`x-automatos-cost-micros=${COST}`);
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
      const asked = await events(
        await post({ ...ASK, stream: true, stream_options: { include_usage: true } }),
      );
      expect(asked.text).toContain('"prompt_tokens":1000');
    },
  );

  test('each piece reaches the client before the vendor sends the next', async () => {
    const releases = [0, 1, 2].map(() => Promise.withResolvers<void>());
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['one', 'two', 'three'],
      usage: USAGE,
      beforePiece: (index) => releases[index]?.promise ?? Promise.resolve(),
    }));
    const response = post({ ...ASK, stream: true });
    let seen = '';
    for (const [index, word] of ['one', 'two', 'three'].entries()) {
      releases[index]?.resolve();
      if (index === 0) {
        const { body } = await response;
        reader = (body as ReadableStream<Uint8Array>).getReader();
      }
      while (!seen.includes(word)) seen += new TextDecoder().decode((await reader.read()).value);
    }
    await reader.cancel();
    expect(seen).toContain('three');
  });
  let reader: ReadableStreamDefaultReader<Uint8Array>;

  test('usage that the vendor does not tell is estimated, and marked', async () => {
    v1.vendor.setScript(() => ({ kind: 'answer', text: ['four words of text'], usage: null }));
    const response = await post(ASK);
    expect(Number(response.headers.get('x-automatos-cost-micros'))).toBeGreaterThan(0);
    await response.text();
  });
});

describe('a vendor that fails', () => {
  test('before the first word leaves no trace: the next candidate answers', async () => {
    await route({ chain: [{ provider: 'openai-compatible', model: 'house' }] });
    v1.vendor.setScript(() => ({
      kind: 'answer',
      text: ['x'],
      usage: USAGE,
      fault: { after: 0, kind: 'error' },
    }));
    const { text, data } = await events(await post({ ...ASK, stream: true }));
    expect(textOf(data)).toBe('from the spare');
    expect(text).toContain('x-automatos-attempts=2');
    v1.vendor.setScript(() => ({ kind: 'status', status: 503 }));
    const whole = await post(ASK);
    expect(whole.headers.get('x-automatos-provider')).toBe('openai-compatible');
    expect(whole.headers.get('x-automatos-cost-micros')).toBe('unknown');
    await whole.text();
    const alone = await post(ASK, { 'x-automatos-fallback': 'off' });
    expect(alone.status).toBe(503);
    await alone.text();
  });

  test.each(['destroy', 'end', 'error'] as const)(
    'after the first word (%s) ends the stream with an error and nothing behind it',
    async (kind) => {
      v1.vendor.setScript(() => ({
        kind: 'answer',
        text: ['Hel', 'lo'],
        usage: USAGE,
        fault: { after: 1, kind },
      }));
      const before = v1.spare.records.length;
      const { text, data } = await events(await post({ ...ASK, stream: true }));
      expect(textOf(data)).toBe('Hel');
      const last = data.at(-1);
      errorShape.parse(last);
      expect(text).not.toContain('[DONE]');
      expect(v1.spare.records.length).toBe(before);
    },
  );
});

describe('answers have the published shapes', () => {
  test('of a codec, whole and streamed', async () => {
    completionShape.parse(await (await post(BY_CODEC)).json());
    const { data } = await events(
      await post({ ...BY_CODEC, stream: true, stream_options: { include_usage: true } }),
    );
    for (const chunk of data) chunkShape.parse(chunk);
    expect(textOf(data)).toBe('Hello wörld');
  });

  test('of the list of models', async () => {
    const response = await fetch(`${v1.baseUrl}/models`, {
      headers: { 'x-api-key': OPERATOR_KEY },
    });
    modelListShape.parse(await response.json());
    const one = await fetch(`${v1.baseUrl}/models/openai/gpt-5.4-mini`, {
      headers: { 'x-api-key': OPERATOR_KEY },
    });
    expect(await one.json()).toMatchObject({ id: 'openai/gpt-5.4-mini' });
  });
});

describe('requests that must not pass', () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  test.each<[what: string, body: string, status: number, code: string]>([
    ['no JSON', '{"model":', 400, 'http.body.malformed'],
    ['deep nesting', `{"model":"auto","messages":[],"x":${nested(40)}}`, 400, 'http.body.too_deep'],
    [
      'prototype keys',
      '{"model":"auto","messages":[{"role":"user","content":"x","__proto__":{"a":1}}]}',
      400,
      'http.body.forbidden_key',
    ],
    ['no messages', '{"model":"auto","messages":[]}', 400, 'request.input.invalid'],
    [
      'an odd role',
      '{"model":"auto","messages":[{"role":"root","content":"x"}]}',
      400,
      'request.input.invalid',
    ],
    ['two answers', JSON.stringify({ ...ASK, n: 2 }), 400, 'v1.parameter.unsupported'],
    ['an unknown model', JSON.stringify({ ...ASK, model: 'no-such' }), 404, 'v1.model.not_found'],
    [
      'an unknown model of a provider',
      JSON.stringify({ ...ASK, model: 'openai/no-such' }),
      404,
      'providers.model.unknown',
    ],
    [
      'a path as a slug',
      JSON.stringify({ ...ASK, model: 'agent/../x' }),
      404,
      'v1.model.not_found',
    ],
    [
      'too many bytes',
      `{"model":"auto","x":"${'a'.repeat(25 * 1024 * 1024)}"}`,
      413,
      'http.body.too_large',
    ],
  ])('%s', async (_what, ...[body, status, code]) => {
    const before = v1.vendor.records.length;
    const response = await post(body);
    expect(response.status).toBe(status);
    const error = errorShape.parse(await response.json());
    expect(error.error.code).toBe(code);
    expect(v1.vendor.records.length).toBe(before);
  });

  test('a header of the caller never reaches the vendor', async () => {
    await (await post(ASK, { 'x-evil': 'yes', cookie: 'a=b', 'x-api-key': OPERATOR_KEY })).text();
    const sent = v1.vendor.records.at(-1)?.request.headers ?? {};
    expect(Object.keys(sent)).not.toContain('x-evil');
    expect(JSON.stringify(sent)).not.toContain(OPERATOR_KEY);
  });

  test('without a key, with a wrong one, without the permission, and on paths that are not there', async () => {
    const strange = await fetch(`${v1.baseUrl}/chat/completions`, { method: 'POST' });
    expect(strange.status).toBe(401);
    expect(errorShape.parse(await strange.json()).error.type).toBe('authentication_error');
    const viewer = await post(ASK, { authorization: `Bearer ${await v1.key('viewer')}` });
    expect(viewer.status).toBe(403);
    errorShape.parse(await viewer.json());
    const nowhere = await post(ASK, {}, '/completions');
    expect(nowhere.status).toBe(404);
    expect(errorShape.parse(await nowhere.json()).error.code).toBe('http.route.not_found');
  });

  test('a revoked key is refused with the next request', async () => {
    const key = await v1.key('member');
    const authorization = `Bearer ${key}`;
    expect((await post(ASK, { authorization })).status).toBe(200);
    const { items } = await v1.api<{ items: { id: string; start: string }[] }>(
      'GET',
      '/api/auth/api-keys',
    );
    const id = items.find(({ start }) => key.startsWith(start))?.id;
    await v1.api('DELETE', `/api/auth/api-keys/${id}`);
    expect((await post(ASK, { authorization })).status).toBe(401);
  });
});

test('a client that leaves takes the vendor’s answer with it', async () => {
  v1.vendor.setScript(() => ({
    kind: 'answer',
    text: ['a', 'b'],
    usage: USAGE,
    fault: { after: 1, kind: 'stall' },
  }));
  const target = new URL(`${v1.baseUrl}/chat/completions`);
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(
      target,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
      },
      (response) => {
        response.once('data', () => {
          request.destroy();
          resolve();
        });
        response.on('error', () => undefined);
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ ...ASK, stream: true }));
  });
  await expect.poll(() => v1.vendor.records.at(-1)?.state).toBe('aborted');
});

test('every answer leaves a usage row with its cost', async () => {
  const total = async () => {
    const { items } = await v1.api<{ items: { source: string; cost_micros: number | null }[] }>(
      'GET',
      '/api/llm-usage/calls?limit=100',
    );
    return items.filter(({ source }) => source === 'api').length;
  };
  const before = await total();
  await Promise.all(Array.from({ length: 10 }, async () => (await post(ASK)).text()));
  await (await post({ ...ASK, stream: true })).text();
  await (await post(BY_CODEC)).text();
  await expect.poll(total).toBe(before + 12);
});
