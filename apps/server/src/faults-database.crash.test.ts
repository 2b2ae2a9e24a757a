/** The database fails under the running product: a full disk, a server that goes away. What was acknowledged stays. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem, Run } from '@automatos/contracts';
import { databaseKind } from '@automatos/database/testing';
import { deferred } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import { askingRecipe, modelEnv, saveRecipe } from './testing/model-faults.ts';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

const ANSWER = {
  kind: 'answer' as const,
  text: ['Hello ', 'there'],
  usage: { input: 9, output: 3 },
};

let model: LlmWireServer;
let product: Product;

/** A disk of its own for the data folder, seen only by the product; needs the right to make one (a user namespace on Linux). */
const OWN_MOUNTS = ['unshare', '--user', '--map-root-user', '--mount'];
const canMount =
  process.platform === 'linux' &&
  spawnSync(OWN_MOUNTS[0] as string, [
    ...OWN_MOUNTS.slice(1),
    'mount',
    '-t',
    'tmpfs',
    'tmpfs',
    tmpdir(),
  ]).status === 0;
const DISK_MB = 160;

describe.runIf(databaseKind() === 'embedded' && canMount)(
  'a data folder whose disk is full',
  () => {
    let place: ProductPlace;
    /** The folder as this process sees it, through the product's eyes. */
    let disk: string;

    beforeAll(async () => {
      [place, model] = await Promise.all([createPlace(), createLlmWireServer()]);
      const seenAt = (pid: number) => `/proc/${pid}/root${place.dataDir}-disk`;
      const launcher = [
        ...OWN_MOUNTS,
        'sh',
        '-ec',
        `mount -t tmpfs -o size=${DISK_MB}m tmpfs "$0-disk"; cp -a "$0/." "$0-disk"; exec "$@"`,
        place.dataDir,
      ];
      await promisify(execFile)('mkdir', [`${place.dataDir}-disk`]);
      product = await startProduct(place, {
        launcher,
        seenAt,
        env: modelEnv(model),
        args: ['--data', `${place.dataDir}-disk`],
      });
      disk = seenAt(product.child.pid ?? 0);
    });
    afterAll(async () => {
      await product.kill();
      await model.close();
      await rm(`${place.dataDir}-disk`, { recursive: true });
      await place.remove();
    });

    const recipe = (n: number) =>
      `slug: big-${n}\nname: Big ${n}\nsteps:\n  - { step_id: r, type: document, title: T, template: "${randomText()}" }\n`;
    /** Does not compress, so that each recipe takes its room on the disk. */
    const randomText = () => randomBytes(60_000).toString('base64');

    async function fill(): Promise<void> {
      await promisify(execFile)('sh', ['-c', `cat /dev/zero > "${disk}/filler" || true`]).catch(
        () => undefined,
      );
      expect((await stat(join(disk, 'filler'))).size).toBeGreaterThan(0);
    }

    test('answers with a problem that names the disk, loses nothing it acknowledged, and goes on when there is room', async () => {
      const saved: number[] = [];
      const gate = deferred<void>();
      await saveRecipe(product, askingRecipe('asks', { steps: ['first', 'second'] }));
      model.setScript(() => ({ ...ANSWER, beforePiece: () => gate.promise }));
      const underWay = await product.startRun('asks', {});
      await product.follow(underWay.id, ({ type }) => type === 'llm.started');

      await fill();
      let refused: { status: number; body: Problem } | null = null;
      for (let n = 1; n <= 400 && refused === null; n++) {
        const answer: { status: number; body: Problem } = await product.send(
          'POST',
          '/api/workflow-recipes',
          { yaml: recipe(n) },
        );
        if (answer.status === 201) saved.push(n);
        else refused = answer;
      }
      expect(refused).toMatchObject({
        status: 503,
        body: { code: 'database.disk.full', request_id: expect.any(String) as string },
      });
      expect(refused?.body.detail).toMatch(/disk .*full.*Free some space/);
      expect(product.child.exitCode).toBeNull();

      // The answer of the model comes while nothing can be stored.
      gate.resolve();
      await unlink(join(disk, 'filler'));
      await expect
        .poll(
          async () =>
            (await product.send('POST', '/api/workflow-recipes', { yaml: recipe(1000) })).status,
          { timeout: 20_000 },
        )
        .toBe(201);
      saved.push(1000);

      const { items } = await product.get<{ items: { slug: string }[] }>(
        '/api/workflow-recipes?limit=100&search=big-',
      );
      const found = items.map(({ slug }) => slug).filter((slug) => slug.startsWith('big-'));
      expect(found.toSorted()).toEqual(saved.map((n) => `big-${n}`).toSorted());
      const { run, events } = await product.ended(underWay.id);
      expect(run).toMatchObject({ status: 'completed', error: null, usage: { model_calls: 2 } });
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(new Set(model.records.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
    });
  },
);

const control = process.env['AUTOMATOS_TEST_PG_CTL'] || undefined;

describe.runIf(control !== undefined)('a database server that goes away', () => {
  let place: ProductPlace;
  let dir: string;
  const command = (...args: string[]) => promisify(execFile)(control ?? '', args);

  beforeAll(async () => {
    const created = JSON.parse((await command('create')).stdout) as { dir: string; url: string };
    ({ dir } = created);
    const dataDir = await mkdtemp(join(tmpdir(), 'automatos-product-'));
    place = {
      dataDir,
      databaseUrl: created.url,
      remove: () => rm(dataDir, { recursive: true, force: true }),
    };
    model = await createLlmWireServer();
    product = await startProduct(place, { env: modelEnv(model) });
    await saveRecipe(product, askingRecipe('three', { steps: ['first', 'second', 'third'] }));
  });
  afterAll(async () => {
    await product.kill();
    await model.close();
    await place.remove();
    await command('remove', dir);
  });

  /** A run whose second call waits for the gate. */
  async function runAtSecondCall() {
    const gate = deferred<void>();
    const from = model.records.length;
    model.setScript(({ userText }) =>
      userText.includes('from second') ? { ...ANSWER, beforePiece: () => gate.promise } : ANSWER,
    );
    const { id } = await product.startRun('three', {});
    await expect.poll(() => model.records.length, { timeout: 10_000 }).toBe(from + 2);
    return { id, release: () => gate.resolve(), calls: () => model.records.slice(from) };
  }

  async function expectOnceAndWhole({ id, calls }: Awaited<ReturnType<typeof runAtSecondCall>>) {
    await expect.poll(() => status(id), { timeout: 40_000 }).toBe('completed');
    const { run, events } = await product.ended(id);
    expect(run).toMatchObject({ status: 'completed', error: null, usage: { model_calls: 3 } });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'step.completed')).toHaveLength(3);
    expect(calls().map(({ request }) => /from (\w+)/.exec(request.userText)?.[1])).toEqual([
      'first',
      'second',
      'third',
    ]);
    expect(product.child.exitCode).toBeNull();
  }

  async function status(id: string): Promise<string> {
    const answer: { status: number; body: Run } = await product.send('GET', `/api/runs/${id}`);
    return answer.status === 200 ? answer.body.status : String(answer.status);
  }

  test('restarts during a model call: the run completes, each call made once', async () => {
    const underWay = await runAtSecondCall();
    await command('restart', dir);
    underWay.release();
    await expectOnceAndWhole(underWay);
    expect(underWay.calls()).toHaveLength(3);
  });

  test('is killed and stays away for a while: the API says so meanwhile, the run completes after', async () => {
    const underWay = await runAtSecondCall();
    await command('crash', dir);
    const away: { status: number; body: Problem } = await product.send(
      'POST',
      '/api/workflow-recipes/three/execute',
      { inputs: {} },
    );
    expect(away).toMatchObject({ status: 503, body: { status: 503 } });
    expect(away.body.code).toMatch(/^database\.(?:server\.unavailable|connection\.lost)$/);
    expect(away.body.detail).toMatch(/[Dd]atabase|DATABASE_URL/);
    expect((await fetch(`${product.url}/ready`)).status).toBe(503);
    expect((await fetch(`${product.url}/health`)).status).toBe(200);
    underWay.release();
    await expect.poll(() => underWay.calls()[1]?.state).toBe('complete');
    await command('start', dir);
    await expectOnceAndWhole(underWay);
    await expect
      .poll(async () => (await fetch(`${product.url}/ready`)).status, { timeout: 20_000 })
      .toBe(200);
    const { run } = await product.ended((await product.startRun('three', {})).id);
    expect(run.status).toBe('completed');
  });
});
