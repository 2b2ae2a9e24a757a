import type { Run } from '@automatos/contracts';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { chunkShape, completionShape } from '../testing/openai-shapes.ts';
import { OPERATOR_KEY, startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

const USAGE = { input: 1_000, output: 100 };
const RECIPE = `
slug: ask
name: Ask
inputs:
  type: object
  properties: { question: { type: string }, tone: { type: string } }
  required: [question]
steps:
  - { step_id: one, agent: writer, prompt_template: "{{inputs.question}}", tools: [] }
outputs:
  answer: "{{steps.one.text}}"
`;

let v1: V1Fixture;
let openai: OpenAI;
beforeAll(async () => {
  v1 = await startV1({ LLM_PROVIDER: 'openai', LLM_MODEL: 'gpt-5.4-mini' });
  openai = new OpenAI({ baseURL: v1.baseUrl, apiKey: OPERATOR_KEY, maxRetries: 0 });
  await v1.api('POST', '/api/agents', {
    slug: 'writer',
    name: 'Writer',
    category: 'text',
    model: { provider: 'openai', model: 'gpt-5.4-mini' },
  });
  const { items } = await v1.api<{ items: { id: string; slug: string; status: string }[] }>(
    'GET',
    '/api/agents?search=writer',
  );
  const agent = items.find(({ slug }) => slug === 'writer');
  if (agent?.status !== 'active') {
    await v1.api('POST', `/api/agents/${agent?.id}/status`, { status: 'active' });
  }
  await v1.api('POST', '/api/workflow-recipes', { yaml: RECIPE });
});
afterAll(() => v1?.close());
beforeEach(() => {
  v1.vendor.setScript(() => ({ kind: 'answer', text: ['Twelve ', 'degrees.'], usage: USAGE }));
});

const run = (id: string) => v1.api<Run>('GET', `/api/runs/${id}`);
const ask = (content: string) => [{ role: 'user' as const, content }];

test('an agent answers as a model, by a run of its own', async () => {
  const { data, response } = await openai.chat.completions
    .create({
      model: 'agent/writer',
      messages: [{ role: 'system', content: 'Be short.' }, ...ask('Weather?')],
    })
    .withResponse();
  completionShape.parse(data);
  expect(data.choices[0]?.message.content).toBe('Twelve degrees.');
  expect(data.usage).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 100 });
  expect(response.headers.get('x-automatos-cost-micros')).toBe('1200');
  const made = await run(response.headers.get('x-automatos-run-id') ?? '');
  expect(made).toMatchObject({
    status: 'completed',
    kind: 'recipe',
    title: 'Writer',
    recipe_slug: null,
  });
  const sent = JSON.stringify(v1.vendor.records.at(-1)?.request.body);
  expect(sent).toContain('Be short.');
  expect(sent).toContain('Weather?');
});

test('an agent streams its words while it makes them', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  v1.vendor.setScript(() => ({
    kind: 'answer',
    text: ['Twelve ', 'degrees.'],
    usage: USAGE,
    beforePiece: (index) => (index === 1 ? held : Promise.resolve()),
  }));
  const stream = await openai.chat.completions.create({
    model: 'agent/writer',
    messages: ask('Weather?'),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let tokens = 0;
  for await (const chunk of stream) {
    chunkShape.parse(chunk);
    text += chunk.choices[0]?.delta.content ?? '';
    tokens = chunk.usage?.total_tokens ?? tokens;
    if (text === 'Twelve ') release();
  }
  expect(text).toBe('Twelve degrees.');
  expect(tokens).toBe(1_100);
});

test('an agent answers by a schema', async () => {
  v1.vendor.setScript(() => ({ kind: 'answer', text: ['{"n":7}'], usage: USAGE }));
  const answer = await openai.chat.completions.create({
    model: 'agent/writer',
    messages: ask('A number'),
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'n',
        schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      },
    },
  });
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ n: 7 });
});

/** Starts a run whose model stalls after its first word, leaves then, and returns the run's id. */
async function leaveMidway(headers: Record<string, string>): Promise<string> {
  v1.vendor.setScript(() => ({
    kind: 'answer',
    text: ['a', 'b'],
    usage: USAGE,
    fault: { after: 1, kind: 'stall' },
  }));
  const { data: stream, response } = await openai.chat.completions
    .create({ model: 'agent/writer', messages: ask('Weather?'), stream: true }, { headers })
    .withResponse();
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  stream.controller.abort();
  return response.headers.get('x-automatos-run-id') ?? '';
}

test('a client that leaves cancels the run and the call under way', async () => {
  const id = await leaveMidway({});
  await expect.poll(async () => (await run(id)).status).toBe('cancelled');
  await expect.poll(() => v1.vendor.records.at(-1)?.state).toBe('aborted');
});

test('a client that detached leaves a run that goes on', async () => {
  const id = await leaveMidway({ 'x-automatos-detach': 'true' });
  expect((await run(id)).status).toBe('running');
  await v1.api('POST', `/api/runs/${id}/cancel`);
});

test('a run that fails is an error, in a stream too', async () => {
  v1.vendor.setScript(() => ({ kind: 'status', status: 400 }));
  const failing = { model: 'agent/writer', messages: ask('Weather?') };
  await expect(openai.chat.completions.create(failing)).rejects.toMatchObject({
    status: 502,
    code: 'providers.call.rejected',
  });
  const stream = await openai.chat.completions.create({ ...failing, stream: true });
  const reading = (async () => {
    for await (const _chunk of stream);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'providers.call.rejected' });
});

test.each([
  ['its one text', 'Weather?'],
  ['a JSON object', '{"question":"Weather?","tone":"dry"}'],
])('a recipe takes its inputs as %s and answers with its output', async (_form, content) => {
  const { data, response } = await openai.chat.completions
    .create({ model: 'recipe/ask', messages: ask(content) })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe('Twelve degrees.');
  const made = await run(response.headers.get('x-automatos-run-id') ?? '');
  expect(made).toMatchObject({ recipe_slug: 'ask', inputs: { question: 'Weather?' } });
});

test('what has no effect on a run, and what is not there, is refused', async () => {
  const messages = ask('x');
  await expect(
    openai.chat.completions.create({ model: 'recipe/ask', messages, temperature: 0 }),
  ).rejects.toMatchObject({ status: 400, param: 'temperature' });
  await expect(
    openai.chat.completions.create({ model: 'agent/nobody', messages }),
  ).rejects.toMatchObject({ status: 404, code: 'v1.model.not_found' });
  await expect(
    openai.chat.completions.create({ model: 'recipe/ask', messages: ask('{"tone":1}') }),
  ).rejects.toMatchObject({ status: 400, code: 'recipes.inputs.invalid' });
});

test('the same Idempotency-Key starts one run', async () => {
  const options = { headers: { 'Idempotency-Key': 'once-1' } };
  const one = { model: 'agent/writer', messages: ask('Weather?') };
  const first = await openai.chat.completions.create(one, options).withResponse();
  const second = await openai.chat.completions.create(one, options).withResponse();
  expect(second.response.headers.get('x-automatos-run-id')).toBe(
    first.response.headers.get('x-automatos-run-id'),
  );
});

test('who may not run recipes may not run them here', async () => {
  const viewer = new OpenAI({ baseURL: v1.baseUrl, apiKey: await v1.key('viewer'), maxRetries: 0 });
  await expect(
    viewer.chat.completions.create({ model: 'agent/writer', messages: ask('x') }),
  ).rejects.toMatchObject({ status: 403, code: 'auth.permission.missing' });
});
