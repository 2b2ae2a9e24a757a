/** A model server that fails in every way, and people who cancel and pause: no run ends as something that it is not. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { EventEnvelope, Run } from '@automatos/contracts';
import { deferred } from '@automatos/kernel';
import type { LlmWireServer } from '@automatos/testing';
import { askingRecipe, closeCircuits, saveRecipe, startWithModel } from './testing/model-faults.ts';
import type { ModelProduct } from './testing/model-faults.ts';
import type { Product } from './testing/product.ts';

type Script = Parameters<LlmWireServer['setScript']>[0];
type Reply = Exclude<ReturnType<Script>, Promise<unknown>>;

const ANSWER: Reply = { kind: 'answer', text: ['Hello ', 'there'], usage: { input: 9, output: 3 } };
const HTML = '<!doctype html><html><body><h1>Bad gateway</h1></body></html>';

let whole: ModelProduct;
let model: LlmWireServer;
let product: Product;

beforeAll(async () => {
  whole = await startWithModel();
  ({ model, product } = whole);
  const recipes = [
    askingRecipe('once', { extra: 'timeout_ms: 2000' }),
    askingRecipe('patient'),
    askingRecipe('again', { extra: 'retry: { max_attempts: 3, delay_ms: 20 }' }),
    askingRecipe('run-retries', { execution: '{ max_retries: 1, retry_delay_ms: 20 }' }),
    askingRecipe('two', { steps: ['first', 'second'] }),
  ];
  for (const yaml of recipes) await saveRecipe(product, yaml);
});
afterAll(() => whole.close());
// Each test has a server of its own as far as it can tell: what the last one made of it is forgotten.
afterEach(() => closeCircuits(product));

/** Runs a recipe while the server answers as told; the last reply stays. */
async function runWith(recipe: string, ...replies: Reply[]) {
  const from = model.records.length;
  model.setScript(
    () => replies[Math.min(model.records.length - from, replies.length) - 1] as Reply,
  );
  const started = await product.startRun(recipe, {});
  const ended = await product.ended(started.id);
  return { ...ended, calls: model.records.slice(from) };
}

const ofType = (events: EventEnvelope[], type: string) =>
  events.filter((event) => event.type === type);

function expectDense(events: EventEnvelope[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
}

interface FaultyServer {
  what: string;
  reply: Reply;
  code: string;
  says: RegExp;
}

const FAULTS: FaultyServer[] = [
  {
    what: 'answers 500',
    reply: { kind: 'status', status: 500 },
    code: 'providers.call.upstream_error',
    says: /failed while answering with "fake-model".*Retry/,
  },
  {
    what: 'answers 503 with a web page',
    reply: { kind: 'status', status: 503, body: HTML },
    code: 'providers.call.overloaded',
    says: /overloaded.*Retry/,
  },
  {
    what: 'answers 200 with a web page',
    reply: { kind: 'garbage', body: HTML, contentType: 'text/html' },
    code: 'providers.answer.malformed',
    says: /not in the form of its API.*base URL/,
  },
  {
    what: 'answers garbage',
    reply: { kind: 'garbage' },
    code: 'providers.answer.malformed',
    says: /not in the form of its API/,
  },
  {
    what: 'answers an empty body',
    reply: { kind: 'garbage', body: '' },
    code: 'providers.answer.malformed',
    says: /not in the form of its API/,
  },
  {
    what: 'refuses the key (401)',
    reply: { kind: 'status', status: 401 },
    code: 'providers.credential.rejected',
    says: /refused the API key.*provider settings/,
  },
  {
    what: 'cuts the stream in the middle',
    reply: { ...ANSWER, fault: { after: 1, kind: 'destroy' } } as Reply,
    code: 'providers.call.stream_cut',
    says: /ended before the answer.*discarded; retry/,
  },
  {
    what: 'ends the stream early, cleanly',
    reply: { ...ANSWER, fault: { after: 1, kind: 'end' } } as Reply,
    code: 'providers.call.stream_cut',
    says: /ended before the answer/,
  },
  {
    what: 'sends an error inside the stream',
    reply: { ...ANSWER, fault: { after: 1, kind: 'error' } } as Reply,
    code: 'providers.call.overloaded',
    says: /overloaded right now/,
  },
  {
    what: 'never answers',
    reply: { kind: 'hang' },
    code: 'recipes.step.timeout',
    says: /"ask" did not end within its timeout_ms of 2000/,
  },
  {
    what: 'stalls in the middle',
    reply: { ...ANSWER, fault: { after: 1, kind: 'stall' } } as Reply,
    code: 'recipes.step.timeout',
    says: /did not end within/,
  },
];

describe('a model server that', () => {
  test.each(FAULTS)('$what: the run fails and says so, after one call', async (fault) => {
    const { run, steps, events, calls } = await runWith('once', fault.reply);
    expect(run).toMatchObject({ status: 'failed', outputs: null, error: { code: fault.code } });
    expect(run.error?.message).toMatch(fault.says);
    expect(steps).toMatchObject([{ status: 'failed', attempts: 1, error: { code: fault.code } }]);
    expect(calls).toHaveLength(1);
    expect(ofType(events, 'llm.completed')).toEqual([]);
    expect(ofType(events, 'step.completed')).toEqual([]);
    expectDense(events);
    // Nothing of the call is left open upstream.
    await vi.waitFor(() => expect(calls[0]?.state).not.toBe('open'), 15_000);
  });

  test.each(FAULTS.filter(({ code }) => !/credential|timeout/.test(code)))(
    '$what, once: the retry completes the run with two calls',
    async (fault) => {
      const { run, steps, events, calls } = await runWith('again', fault.reply, ANSWER);
      expect(run).toMatchObject({
        status: 'completed',
        error: null,
        outputs: { text: 'Hello there' },
        usage: { model_calls: 1, input_tokens: 9, output_tokens: 3 },
      });
      expect(steps).toMatchObject([{ status: 'completed', attempts: 2 }]);
      expect(calls).toHaveLength(2);
      expect(ofType(events, 'step.retrying').map(({ data }) => data)).toMatchObject([
        { attempt: 1, error: { code: fault.code } },
      ]);
      expect(ofType(events, 'step.started').map(({ data }) => data['attempt'])).toEqual([1, 2]);
      expectDense(events);
    },
  );

  test('limits the rate: the retry waits as long as it was asked to', async () => {
    const limited: Reply = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
    const { run, events, calls } = await runWith('again', limited, ANSWER);
    expect(run.status).toBe('completed');
    expect(calls).toHaveLength(2);
    const [retrying] = ofType(events, 'step.retrying');
    expect(retrying?.data).toMatchObject({
      attempt: 1,
      error: { code: 'providers.call.rate_limited' },
    });
    expect(retrying?.data['delay_ms']).toBeGreaterThanOrEqual(1000);
    const second = ofType(events, 'step.started')[1];
    expect(Date.parse(second?.at ?? '') - Date.parse(retrying?.at ?? '')).toBeGreaterThanOrEqual(
      900,
    );
  });

  test('fails each time: exactly the attempts of the policy are made, then the run fails', async () => {
    const step = await runWith('again', { kind: 'status', status: 500 });
    expect(step.run).toMatchObject({
      status: 'failed',
      error: { code: 'providers.call.upstream_error' },
    });
    expect(step.calls).toHaveLength(3);
    expect(step.steps).toMatchObject([{ attempts: 3 }]);
    const recipe = await runWith('run-retries', { kind: 'status', status: 500 });
    expect(recipe.run.status).toBe('failed');
    expect(recipe.calls).toHaveLength(2);
  });

  test('refuses the key: no retry is wasted on it', async () => {
    const { run, calls } = await runWith('again', { kind: 'status', status: 401 });
    expect(run.status).toBe('failed');
    expect(calls).toHaveLength(1);
  });
});

/** A server that sends one word and then waits for the gate. */
function answerBehindGate() {
  const gate = deferred<void>();
  const from = model.records.length;
  model.setScript(
    () =>
      ({
        ...ANSWER,
        beforePiece: (index) => (index === 0 ? Promise.resolve() : gate.promise),
      }) as Reply,
  );
  return { open: () => gate.resolve(), calls: () => model.records.slice(from) };
}

/** Runs something else to its end: what the first run would have started meanwhile, it has. */
async function somethingElse(): Promise<void> {
  model.setScript(() => ANSWER);
  const other = await product.startRun('patient', {});
  expect((await product.ended(other.id)).run.status).toBe('completed');
}

async function runsActive(): Promise<number> {
  const text = await (await fetch(`${product.url}/metrics`)).text();
  return Number(/^amas_tasks_active(?:\{\})? (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

describe('a person', () => {
  test('cancels while the answer streams: the call is aborted within a second, and nothing follows', async () => {
    const { open, calls } = answerBehindGate();
    const { id } = await product.startRun('two', {});
    await product.follow(id, ({ type }) => type === 'llm.delta');
    const answer = await product.send('POST', `/api/runs/${id}/cancel`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    await vi.waitFor(() => expect(calls()[0]?.state).toBe('aborted'), 15_000);
    open();
    await somethingElse();

    const { run, steps, events } = await product.ended(id);
    expect(run).toMatchObject({ status: 'cancelled', outputs: null });
    expect(events.at(-1)?.type).toBe('run.cancelled');
    expect(run.last_seq).toBe(events.length);
    expectDense(events);
    expect(steps.map(({ status }) => status)).not.toContain('running');
    expect(calls().filter(({ request }) => request.userText.includes('from first'))).toHaveLength(
      1,
    );
    expect(calls().filter(({ request }) => request.userText.includes('from second'))).toEqual([]);
    expect(await runsActive()).toBe(0);
    const again = await product.send('POST', `/api/runs/${id}/cancel`);
    expect(again).toMatchObject({ status: 409, body: { code: 'runs.run.wrong_status' } });
  });

  test('pauses during a call: it ends and counts, nothing new starts until the run is resumed', async () => {
    const { open, calls } = answerBehindGate();
    const { id } = await product.startRun('two', {});
    await product.follow(id, ({ type }) => type === 'llm.delta');
    const paused = await product.send('POST', `/api/runs/${id}/pause`);
    expect(paused).toMatchObject({ status: 200, body: { status: 'paused' } });
    open();
    await product.follow(id, ({ type }) => type === 'llm.completed');
    expect(calls()).toMatchObject([{ state: 'complete' }]);
    await somethingElse();
    const asked = () => calls().filter(({ request }) => request.userText.includes('from second'));
    expect(asked()).toEqual([]);
    expect((await product.get<Run>(`/api/runs/${id}`)).status).toBe('paused');

    const resumed = await product.send('POST', `/api/runs/${id}/resume`);
    expect(resumed).toMatchObject({ status: 200, body: { status: 'running' } });
    const { run, events } = await product.ended(id);
    expect(run).toMatchObject({ status: 'completed', usage: { model_calls: 2 } });
    expect(asked()).toHaveLength(1);
    expect(calls().filter(({ request }) => request.userText.includes('from first'))).toHaveLength(
      1,
    );
    expectDense(events);
  });

  test('cancels a paused run: it ends, and the rest never starts', async () => {
    const { open, calls } = answerBehindGate();
    const { id } = await product.startRun('two', {});
    await product.follow(id, ({ type }) => type === 'llm.delta');
    await product.send('POST', `/api/runs/${id}/pause`);
    open();
    await product.follow(id, ({ type }) => type === 'llm.completed');
    const { status } = await product.send('POST', `/api/runs/${id}/cancel`);
    expect(status).toBe(200);
    await somethingElse();
    const { run, events } = await product.ended(id);
    expect(run.status).toBe('cancelled');
    expect(events.at(-1)?.type).toBe('run.cancelled');
    expect(calls().filter(({ request }) => request.userText.includes('from second'))).toEqual([]);
    await vi.waitFor(async () => expect(await runsActive()).toBe(0), 15_000);
  });
});
