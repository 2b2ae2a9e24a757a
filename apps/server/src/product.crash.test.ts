import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** Two agents side by side with a tool call each, an effect outside, a document: every kind of point there is. */
const RECIPE = (effectUrl: string, method: string) => `
slug: crash-recipe
name: Crash recipe
inputs:
  type: object
  properties: { path: { type: string } }
  required: [path]
steps:
  - step_id: pair
    type: parallel
    steps:
      - { step_id: left, agent: documentation, prompt_template: "left: use list_files", tools: [list_files], inputs: { path: "{{inputs.path}}" } }
      - { step_id: right, agent: documentation, prompt_template: "right: use list_files", tools: [list_files], inputs: { path: "{{inputs.path}}" } }
  - step_id: effect
    type: tool
    tool: http_request
    input: { url: "${effectUrl}", method: ${method}, body: "report" }
  - step_id: report
    type: document
    title: Report
    template: "{{steps.left.text}} {{steps.right.text}}"
outputs:
  report: "{{steps.report.artifact_id}}"
`;

interface Recorder {
  url: string;
  requests: { key: string | undefined }[];
  onAnswered: () => void;
  close(): Promise<void>;
}

async function createRecorder(): Promise<Recorder> {
  const recorder: Recorder = {
    url: '',
    requests: [],
    onAnswered: () => undefined,
    close: () => Promise.resolve(),
  };
  const server: Server = createServer((request, response) => {
    const headers: IncomingHttpHeaders = request.headers;
    recorder.requests.push({ key: headers['idempotency-key'] as string | undefined });
    request.resume().on('end', () => response.end('{"ok":true}', () => recorder.onAnswered()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  recorder.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  recorder.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return recorder;
}

let folder: string;
let place: ProductPlace;
let model: LlmWireServer;
let recorder: Recorder;
let product: Product;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'automatos-crash-input-'));
  await writeFile(join(folder, 'a.txt'), 'hello\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  [place, model, recorder] = await Promise.all([
    createPlace(),
    createLlmWireServer(),
    createRecorder(),
  ]);
});
afterEach(async () => {
  await product.kill();
  await Promise.all([model.close(), recorder.close()]);
  await place.remove();
});

function open(): Promise<Product> {
  const { host } = new URL(recorder.url);
  return startProduct(place, {
    env: {
      OPENAI_COMPATIBLE_BASE_URL: `${model.url}/v1`,
      LLM_DEFAULT_PROVIDER: 'openai-compatible',
      LLM_DEFAULT_MODEL: 'fake-model',
      AUTOMATOS_OUTBOUND_ALLOW: host,
    },
  });
}

async function begin(method = 'PUT') {
  product = await open();
  const saved = await product.send('POST', '/api/workflow-recipes', {
    yaml: RECIPE(`${recorder.url}/effect`, method),
  });
  expect(saved.status, JSON.stringify(saved.body)).toBe(201);
  return product.startRun('crash-recipe', { path: folder });
}

/** Starts again on the same data and returns the run's end. */
async function comeBack(runId: string) {
  await product.kill();
  product = await open();
  return product.ended(runId);
}

function expectWhole({ run, events }: Awaited<ReturnType<Product['ended']>>) {
  expect(run).toMatchObject({ status: 'completed', error: null });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => event.type === 'llm.completed')).toHaveLength(4);
  expect(run.usage.model_calls).toBe(4);
  expect(run.usage.tool_calls).toBe(3);
}

/** Calls of the model by key; a key that was asked twice was under way when the process died. */
function repeatedModelCalls(): number {
  const keys = model.records.map((record) => record.idempotencyKey);
  expect(keys.every((key) => key !== null)).toBe(true);
  expect(new Set(keys).size).toBe(4);
  return keys.length - new Set(keys).size;
}

describe('the product killed with -9', () => {
  test('before a step: it begins after the restart, and nothing finished is done again', async () => {
    const run = await begin();
    await product.follow(
      run.id,
      (event) => event.type === 'step.started' && event.step_id === 'effect',
    );
    expectWhole(await comeBack(run.id));
    expect(repeatedModelCalls()).toBe(0);
    expect(new Set(recorder.requests.map((request) => request.key)).size).toBe(1);
  });

  test('during a model call: only calls under way are made again, with the same key', async () => {
    let killed = false;
    model.setScript(async () => {
      if (model.records.length === 3 && !killed) {
        killed = true;
        product.child.kill('SIGKILL');
        return { kind: 'hang' };
      }
      return model.records.length % 4 < 3
        ? {
            kind: 'answer',
            toolCalls: [{ name: 'list_files', input: { path: folder } }],
            usage: { input: 10, output: 5 },
          }
        : { kind: 'answer', text: ['done'], usage: { input: 10, output: 5 } };
    });
    const run = await begin();
    await product.exited;
    model.setScript((request) =>
      request.toolResults === 0
        ? {
            kind: 'answer',
            toolCalls: [{ name: 'list_files', input: { path: folder } }],
            usage: { input: 10, output: 5 },
          }
        : { kind: 'answer', text: ['done'], usage: { input: 10, output: 5 } },
    );
    expectWhole(await comeBack(run.id));
    const repeated = repeatedModelCalls();
    expect(repeated).toBeGreaterThanOrEqual(1);
    expect(repeated).toBeLessThanOrEqual(2);
    expect(recorder.requests).toHaveLength(1);
  });

  test('between an effect and its record: a repeatable effect is repeated under its key', async () => {
    recorder.onAnswered = () => {
      recorder.onAnswered = () => undefined;
      product.child.kill('SIGKILL');
    };
    const run = await begin('PUT');
    await product.exited;
    expectWhole(await comeBack(run.id));
    expect(new Set(recorder.requests.map((request) => request.key)).size).toBe(1);
    expect(recorder.requests.length).toBeLessThanOrEqual(2);
    expect(repeatedModelCalls()).toBe(0);
  });

  test('between an effect and its record: one that must not be repeated ends the run failed, and says why', async () => {
    recorder.onAnswered = () => product.child.kill('SIGKILL');
    const run = await begin('POST');
    await product.exited;
    const { run: after } = await comeBack(run.id);
    expect(recorder.requests).toHaveLength(1);
    // Killed a moment later, the record was made and the run is whole.
    if (after.status === 'completed') return;
    expect(after).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('may have taken effect') as string },
    });
  });

  test('while the document is made: it is made once', async () => {
    const run = await begin();
    await product.follow(
      run.id,
      (event) => event.type === 'step.started' && event.step_id === 'report',
    );
    const whole = await comeBack(run.id);
    expectWhole(whole);
    const { items } = await product.get<{ items: unknown[] }>(`/api/runs/${run.id}/artifacts`);
    expect(items).toHaveLength(1);
    expect(recorder.requests).toHaveLength(1);
    expect(repeatedModelCalls()).toBe(0);
  });
});
