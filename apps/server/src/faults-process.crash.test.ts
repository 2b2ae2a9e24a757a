/** Starts that must be refused, and every way to end the process: a clear sentence, or a run that goes on. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKind } from '@automatos/database/testing';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import { askingRecipe, modelEnv, saveRecipe } from './testing/model-faults.ts';
import { createPlace, spawnProduct, startProduct } from './testing/product.ts';
import type { Product, ProductOptions, ProductPlace } from './testing/product.ts';

let place: ProductPlace;
let model: LlmWireServer;
let product: Product;

const open = () => startProduct(place, { env: modelEnv(model) });

beforeAll(async () => {
  [place, model] = await Promise.all([createPlace(), createLlmWireServer()]);
  product = await open();
  await saveRecipe(product, askingRecipe('two', { steps: ['first', 'second'] }));
});
afterAll(async () => {
  await product.kill();
  await model.close();
  await place.remove();
});

/** Starts a second product that is expected to give up. */
async function refusal(at: ProductPlace, options: ProductOptions) {
  const { exited, output } = await spawnProduct(at, options);
  return { code: await exited, output: output() };
}

describe('a start that cannot be', () => {
  test.runIf(databaseKind() === 'embedded')(
    'a second process on the same data folder ends with a sentence that helps; the first goes on',
    async () => {
      const { code, output } = await refusal(place, {});
      expect(code).toBe(1);
      expect(output).toContain(place.dataDir);
      expect(output).toContain(`process ${product.child.pid}`);
      expect(output).toMatch(/Stop that process, or start this one with another data folder/);
      expect(output).not.toMatch(/\n\s+at /);
      expect((await product.send('GET', '/api/runs')).status).toBe(200);
    },
  );

  test('a port that is taken is named, with the flag that chooses another', async () => {
    const other = await createPlace();
    const { port } = new URL(product.url);
    const { code, output } = await refusal(other, { args: ['--api-port', port] });
    await other.remove();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken.*--api-port`));
    expect(output).not.toMatch(/\n\s+at /);
  });

  test('a bad configuration tells all its problems at once, and no secret', async () => {
    const { code, output } = await refusal(place, {
      env: {
        DATABASE_URL: 'mysql://localhost/x',
        LOG_LEVEL: 'loud',
        AUTOMATOS_ROLES: 'api,cook',
        ORCHESTRATOR_API_KEY: 'changeme-hidden',
        RATE_LIMIT_PER_MINUTE: 'many',
      },
      args: ['--api-port', '99999'],
    });
    expect(code).toBe(1);
    expect(output).toContain('The configuration has 6 problems');
    for (const name of [
      'DATABASE_URL',
      'LOG_LEVEL',
      'AUTOMATOS_ROLES',
      'ORCHESTRATOR_API_KEY',
      'RATE_LIMIT_PER_MINUTE',
      'API_PORT',
    ]) {
      expect(output).toContain(`- ${name} `);
    }
    expect(output).not.toContain('changeme-hidden');
    expect(output).not.toMatch(/\n\s+at /);
  });

  test('a data folder that cannot be one is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'automatos-no-folder-'));
    await writeFile(join(folder, 'file'), 'in the way');
    const dataDir = join(folder, 'file');
    const { code, output } = await refusal(place, { args: ['--data', dataDir] });
    expect(code).toBe(1);
    expect(output).toContain(`The data folder ${dataDir} cannot be used`);
    expect(output).toMatch(/--data or AUTOMATOS_DATA_DIR/);
    expect(output).not.toMatch(/\n\s+at /);
    await rm(folder, { recursive: true });
  });

  test.runIf(databaseKind() === 'server')(
    'a database server that does not answer is named, without its password',
    async () => {
      const { code, output } = await refusal(place, {
        env: { DATABASE_URL: 'postgresql://someone:hunter2word@127.0.0.1:9/automatos' },
      });
      expect(code).toBe(1);
      expect(output).toMatch(/DATABASE_URL|127\.0\.0\.1:9/);
      expect(output).not.toContain('hunter2word');
      expect(output).not.toMatch(/\n\s+at /);
    },
  );
});

/** A run whose first model call is on its way and gets no answer. */
async function runUnderWay() {
  const from = model.records.length;
  model.setScript(() => ({ kind: 'hang' }));
  const run = await product.startRun('two', {});
  await product.follow(run.id, ({ type }) => type === 'llm.started');
  await expect.poll(() => model.records.length).toBe(from + 1);
  return { id: run.id, calls: () => model.records.slice(from) };
}

/** Starts again on the same data and expects the run to end as if nothing had been. */
async function expectGoesOn({ id, calls }: Awaited<ReturnType<typeof runUnderWay>>) {
  model.setScript(() => ({ kind: 'answer', text: ['done'], usage: { input: 3, output: 1 } }));
  product = await open();
  const { run, events } = await product.ended(id);
  expect(run).toMatchObject({ status: 'completed', error: null, usage: { model_calls: 2 } });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'step.completed')).toHaveLength(2);
  // The call that was cut is made again under its key; nothing else is.
  const keys = calls().map(({ idempotencyKey }) => idempotencyKey);
  expect(keys).toHaveLength(3);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
}

/** Connections that clients keep open: one that sent nothing yet, one in the middle of a request. */
async function holdConnections() {
  const { hostname, port } = new URL(product.url);
  const half = 'POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';
  const sockets = ['', half].map((text) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // The answer to a later request says that the server has seen both.
  await product.get('/api/runs');
  return () => sockets.forEach((socket) => socket.destroy());
}

describe('an end of the process with a run under way', () => {
  test('SIGTERM: a clean end in time that waits for no client; the run completes after the start', async () => {
    const underWay = await runUnderWay();
    const watched = product.follow(underWay.id, ({ type }) => type === 'run.completed');
    const letGo = await holdConnections();
    expect(await product.stop('SIGTERM')).toBe(0);
    expect(product.output()).not.toMatch(/"level":"(?:error|fatal)"/);
    letGo();
    // The watcher's stream ended, and told nothing that is not so.
    expect((await watched).map(({ type }) => type)).not.toContain('run.failed');
    await expect.poll(() => underWay.calls()[0]?.state).toBe('aborted');
    await expectGoesOn(underWay);
  });

  test('SIGINT again and again, as a shell and npm send it: one clean end', async () => {
    const underWay = await runUnderWay();
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) product.child.kill(signal);
    expect(await product.exited).toBe(0);
    await expectGoesOn(underWay);
  });

  test('kill -9: the same folder opens again, and the run completes', async () => {
    const underWay = await runUnderWay();
    await product.kill();
    expect(product.child.signalCode).toBe('SIGKILL');
    await expectGoesOn(underWay);
  });
});
