import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

let v1: V1Fixture;
beforeAll(async () => {
  v1 = await startV1();
});
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({
    kind: 'answer',
    text: ['Hel', 'lo ', 'wörld'],
    usage: { input: 1_000, output: 100 },
  }));
});

function post(body: object, headers: Record<string, string> = {}) {
  return fetch(`${v1.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${OPERATOR_KEY}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}
const ASK = { model: 'openai/gpt-5.4-mini', messages: [{ role: 'user', content: 'Say hello' }] };

test('a request passes to the vendor as it is, and its answer comes back as it is', async () => {
  const response = await post({ ...ASK, logit_bias: { '5': 1 } });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-automatos-provider': 'openai',
    'x-automatos-model': 'gpt-5.4-mini',
    // 1,000 × 0.75 + 100 × 4.5 dollars per million tokens.
    'x-automatos-cost-micros': '1200',
    'x-automatos-attempts': '1',
    'x-automatos-cache': 'off',
  });
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  expect(body.choices[0]?.message.content).toBe('Hello wörld');
  const sent = v1.vendor.records.at(-1)?.request;
  expect(sent?.wire).toBe('openai-chat');
  expect(sent?.body).toEqual({ ...ASK, model: 'gpt-5.4-mini', logit_bias: { '5': 1 } });
  expect(sent?.headers['authorization']).toBe('Bearer sk-vendor-secret-0123456789');
});

test('a stream is the vendor’s own bytes, without the usage that nobody asked for, and says what it cost before its end', async () => {
  const text = await (await post({ ...ASK, stream: true })).text();
  expect(text).toContain('"content":"Hel"');
  expect(text).not.toContain('"usage"');
  expect(text).toContain('x-automatos-cost-micros=1200');
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  const asked = await (
    await post({ ...ASK, stream: true, stream_options: { include_usage: true } })
  ).text();
  expect(asked).toContain('"usage"');
});
