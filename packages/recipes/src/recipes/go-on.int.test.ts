import type { Run, RunStep } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createToolExecutor, createToolRegistry, createWorkspaceRoots } from '@automatos/tools';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRecipeKind } from '../execution/recipe-kind.ts';
import { createRecipeRunControl } from './recipe-forks.ts';
import type { RecipeRunControl } from './recipe-forks.ts';
import { ANN } from './recipe-room.fixture.ts';
import { createRecipeService } from './recipe-service.ts';
import type { RecipeService } from './recipe-service.ts';

/** Files that a tool was asked to read, in order. */
const reads: string[] = [];
const closers: (() => Promise<unknown>)[] = [];
let root = '';
let test: TestDatabase;
let runs: RunsRoom;
let recipes: RecipeService;
let control: RecipeRunControl;
const scope = () => ({ workspaceId: test.workspaceId, by: ANN });

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'go-on-'));
  test = await createTestDatabase();
  const { database } = test;
  const clock = systemClock;
  const registry = createToolRegistry();
  const executor = createToolExecutor({ registry, roots: () => [root], outboundAllow: [] });
  const providers = createProviders({
    credentials: () => Promise.resolve(null),
    clock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  runs = createRuns({ database, logger: silentLogger });
  runs.registerKind(
    createRecipeKind({
      executor: {
        execute(call, ...rest) {
          const { path: file } = call.input as { path: string };
          reads.push(path.basename(file));
          return executor.execute(call, ...rest);
        },
      },
      agents: { runTurn: () => Promise.reject(new Error('no step of these recipes is an agent')) },
      judgeModel: () => Promise.resolve(null),
      clock,
    }),
  );
  await runs.launch();
  const roots = createWorkspaceRoots([root]);
  recipes = createRecipeService({
    database,
    registry,
    runs,
    roots,
    clock,
    emit: () => Promise.resolve(),
    syncFromDefinition: () => Promise.resolve(),
    featured: { shipped: [], waiting: [] },
  });
  control = createRecipeRunControl({ database, runs, registry, roots, providers });
  closers.push(
    () => runs.stop(),
    () => executor.close(),
    () => providers.close(),
    () => test.close(),
    () => rm(root, { recursive: true, force: true }),
  );
});
afterAll(async () => {
  for (const close of closers) await close();
});
beforeEach(() => {
  reads.length = 0;
});

const file = (name: string) => path.join(root, name);
const read = (id: string, name: string) =>
  `{ step_id: ${id}, type: tool, tool: read_file, input: { path: "${name}" } }`;

/** One after the other: a file, a group with a document, a list of files, and a file that is missing at first. */
const chain = () => `slug: chain
name: Chain
inputs:
  type: object
  properties:
    last: { type: string }
    list: { type: array, items: { type: string }, default: ["${file('c.txt')}", "${file('d.txt')}"] }
  required: [last]
steps:
  - ${read('first', file('a.txt'))}
  - step_id: group
    type: parallel
    steps:
      - ${read('inner', file('b.txt'))}
      - { step_id: page, type: document, title: Page, template: "of {{run.id}}" }
  - step_id: files
    type: map
    items: "{{inputs.list}}"
    steps:
      - { step_id: each_file, type: tool, tool: read_file, input: { path: "{{item}}" } }
  - { step_id: last, type: tool, tool: read_file, input: { path: "{{inputs.last}}" } }
outputs:
  all: "{{steps.first.output.text}} {{steps.inner.output.text}} {{steps.last.output.text}}"
`;

async function endOf(run: Run): Promise<{ run: Run; steps: Map<string, RunStep> }> {
  const { workspaceId } = test;
  const signal = new AbortController().signal;
  for await (const _event of runs.follow(workspaceId, run.id, { after: 0, signal }));
  const steps = await runs.steps(workspaceId, run.id);
  return {
    run: await runs.get(workspaceId, run.id),
    steps: new Map(steps.map((step) => [step.step_id, step])),
  };
}

const pagesOf = async (run: Run) => {
  const artifacts = await runs.artifacts(test.workspaceId, run.id);
  return Promise.all(
    artifacts.map(async ({ id }) => (await runs.artifact(test.workspaceId, run.id, id)).content),
  );
};

it('a retry pays for what is left only, a fork for what comes from its step on', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(file(`${name}.txt`), name);
  await recipes.create(scope(), { yaml: chain() });
  const inputs: JsonObject = { last: file('e.txt') };
  const failed = await endOf(await recipes.execute(scope(), { ref: 'chain', inputs }));
  expect(failed.run).toMatchObject({ status: 'failed', usage: { tool_calls: 5 } });
  expect(reads.toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']);

  reads.length = 0;
  await writeFile(file('e.txt'), 'e');
  const retried = await endOf(await control.retry(scope(), { runId: failed.run.id }));
  expect(retried.run).toMatchObject({
    status: 'completed',
    outputs: { all: 'a b e' },
    usage: { tool_calls: 1 },
    forked_from: { run_id: failed.run.id, step_id: 'last' },
  });
  expect(reads).toEqual(['e.txt']);
  const from = [...retried.steps.values()].map((step) => [step.step_id, step.reused_from]);
  expect(Object.fromEntries(from)).toEqual({
    first: failed.run.id,
    group: null,
    inner: failed.run.id,
    page: null,
    files: failed.run.id,
    'each_file#0': failed.run.id,
    'each_file#1': failed.run.id,
    last: null,
  });
  expect([...retried.steps.values()].every(({ status }) => status === 'completed')).toBe(true);
  // The document belongs to the new run.
  expect((await pagesOf(retried.run)).join()).toContain(retried.run.id);

  reads.length = 0;
  const forked = await endOf(
    await control.fork(scope(), {
      runId: retried.run.id,
      fromStep: 'files',
      inputs: { list: [file('a.txt')] },
      version: 'same',
    }),
  );
  expect(forked.run).toMatchObject({
    status: 'completed',
    usage: { tool_calls: 2 },
    inputs: { list: [file('a.txt')], last: file('e.txt') },
  });
  expect(reads).toEqual(['a.txt', 'e.txt']);
  expect(forked.steps.get('first')).toMatchObject({ reused_from: retried.run.id });
  expect(forked.steps.get('each_file#0')).toMatchObject({ reused_from: null });
  expect(forked.steps.has('each_file#1')).toBe(false);
});

it('a part that completed is kept with its run', async () => {
  await writeFile(file('a.txt'), 'a');
  await rm(file('e.txt'), { force: true });
  await recipes.create(scope(), {
    yaml: `slug: part
name: Part
steps:
  - ${read('look', file('a.txt'))}
outputs: { text: "{{steps.look.output.text}}" }
`,
  });
  await recipes.create(scope(), {
    yaml: `slug: whole
name: Whole
steps:
  - { step_id: sub, type: recipe, recipe: part }
  - ${read('last', file('e.txt'))}
outputs: { text: "{{steps.sub.outputs.text}}" }
`,
  });
  const failed = await endOf(await recipes.execute(scope(), { ref: 'whole', inputs: {} }));
  expect(failed.run.status).toBe('failed');
  reads.length = 0;
  await writeFile(file('e.txt'), 'e');
  const retried = await endOf(await control.retry(scope(), { runId: failed.run.id }));
  expect(retried.run).toMatchObject({ status: 'completed', outputs: { text: 'a' } });
  expect(reads).toEqual(['e.txt']);
  expect(retried.steps.get('sub')).toMatchObject({
    reused_from: failed.run.id,
    sub_run_id: failed.steps.get('sub')?.sub_run_id,
  });
});
