import type { Run, RunStatus, RunStep, StepStatus } from '@automatos/contracts';
import { NO_USAGE } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecipeRoom, failureOf } from './recipe-room.fixture.ts';
import type { RecipeRoom } from './recipe-room.fixture.ts';

let room: RecipeRoom;
beforeAll(async () => {
  room = await createRecipeRoom();
});
afterAll(() => room.close());
beforeEach(() => room.clear());

const recipe = (last = 'write') => `slug: chain
name: Chain
inputs:
  type: object
  properties: { path: { type: string }, depth: { type: integer, default: 1 } }
  required: [path]
steps:
  - { step_id: look, agent: security, prompt_template: "{{inputs.path}}" }
  - { step_id: scan, type: tool, tool: secret_scan, input: { path: "{{inputs.path}}" } }
  - { step_id: ${last}, agent: code, prompt_template: "{{inputs.depth}}" }
`;

/** A run of the recipe as it stands, with these statuses of its steps. */
async function ranWith(
  status: RunStatus,
  statuses: Record<string, StepStatus>,
  change: Partial<Run> = {},
): Promise<string> {
  await room.call('execute', { params: { recipe_id: 'chain' }, body: { inputs: { path: 'src' } } });
  const request = room.started.pop()?.request;
  const id = newId();
  const run = {
    id,
    kind: 'recipe',
    title: 'Chain',
    status,
    recipe_id: request?.recipe?.id ?? null,
    recipe_slug: 'chain',
    recipe_version: request?.recipe?.version ?? null,
    priority: 'low',
    dry_run: false,
    inputs: request?.inputs ?? {},
    error: null,
    ...change,
  } as Run;
  const steps = Object.entries(statuses).map(
    ([stepId, stepStatus]) =>
      ({ step_id: stepId, status: stepStatus, usage: NO_USAGE, type: 'agent' }) as RunStep,
  );
  room.runs.set(id, { run, steps, plan: (request?.plan ?? {}) as JsonObject });
  return id;
}

const retry = (runId: string) => room.call('retry', { params: { run_id: runId } });
const fork = (runId: string, body: object) =>
  room.call('fork', { params: { run_id: runId }, body });
const request = () => room.started.at(-1)?.request;

describe('retry', () => {
  it('starts a new run from the step that failed, with what it was started with', async () => {
    await room.create(recipe());
    const runId = await ranWith('failed', { look: 'completed', scan: 'failed', write: 'skipped' });
    await room.call('update', {
      params: { recipe_id: 'chain' },
      body: { yaml: recipe('other') },
      headers: { 'if-match': '1' },
    });
    await retry(runId);
    expect(request()).toMatchObject({
      kind: 'recipe',
      title: 'Chain',
      priority: 'low',
      inputs: { path: 'src', depth: 1 },
      recipe: { slug: 'chain', version: 1 },
      reuse: { runId, fromStepId: 'scan', stepIds: ['look'] },
      steps: [{ stepId: 'look' }, { stepId: 'scan' }, { stepId: 'write' }],
    });
    expect(request()?.plan).toEqual(room.runs.get(runId)?.plan);
    expect(request()).not.toHaveProperty('parent');
  });

  it('needs a run that ended and left something', async () => {
    await room.create(recipe());
    const all = { look: 'completed', scan: 'completed', write: 'completed' } as const;
    const cases = [
      ['running', { look: 'completed', scan: 'running' }, 'recipes.fork.run_active'],
      ['paused', { look: 'completed', scan: 'pending' }, 'recipes.fork.run_active'],
      ['completed', all, 'recipes.fork.nothing_left'],
      ['failed', all, 'recipes.fork.nothing_left'],
    ] as const;
    for (const [status, statuses, code] of cases) {
      const error = await failureOf(retry(await ranWith(status, statuses)));
      expect(error, status).toMatchObject({ code, kind: 'conflict' });
    }
    const cancelled = await ranWith('cancelled', { look: 'completed', scan: 'cancelled' });
    await retry(cancelled);
    expect(request()?.reuse).toEqual({ runId: cancelled, fromStepId: 'scan', stepIds: ['look'] });
  });

  it('names plans that cannot be read, and runs that are no recipe', async () => {
    await room.create(recipe());
    const runId = await ranWith('failed', { look: 'failed' });
    const stored = room.runs.get(runId);
    if (stored !== undefined) stored.plan = { definition: { steps: 3 } };
    expect(await failureOf(retry(runId))).toMatchObject({
      code: 'recipes.plan.unreadable',
      kind: 'conflict',
    });
    const task = await ranWith('failed', {}, { kind: 'task' });
    expect((await failureOf(retry(task))).code).toBe('recipes.fork.not_a_recipe');
  });
});

describe('fork', () => {
  const half = { look: 'completed', scan: 'completed', write: 'running' } as const;

  it('takes other inputs and another model, also of a run under way', async () => {
    await room.create(recipe());
    const runId = await ranWith('running', half);
    await fork(runId, {
      from_step: 'scan',
      inputs: { depth: 3 },
      model: { provider: 'openai', model: 'gpt-5.5' },
      title: 'Deeper',
    });
    expect(request()).toMatchObject({
      title: 'Deeper',
      inputs: { path: 'src', depth: 3 },
      reuse: { runId, fromStepId: 'scan', stepIds: ['look'] },
      plan: {
        agents: {
          security: {
            agent: { model: { provider: 'openai', model: 'gpt-5.5', temperature: 0.2 } },
          },
          code: { agent: { model: { provider: 'openai', model: 'gpt-5.5' } } },
        },
      },
    });
  });

  it('takes the newest version when the steps before are the same', async () => {
    await room.create(recipe());
    const runId = await ranWith('completed', { ...half, write: 'completed' });
    await room.call('update', {
      params: { recipe_id: 'chain' },
      body: { yaml: recipe('summary') },
      headers: { 'if-match': '1' },
    });
    await fork(runId, { from_step: 'summary', version: 'current' });
    expect(request()).toMatchObject({
      recipe: { version: 2 },
      plan: { recipe_version: 2 },
      reuse: { fromStepId: 'summary', stepIds: ['look', 'scan'] },
    });
    await room.call('update', {
      params: { recipe_id: 'chain' },
      body: { yaml: recipe('summary').replace('step_id: scan', 'step_id: other') },
      headers: { 'if-match': '2' },
    });
    const error = await failureOf(fork(runId, { from_step: 'summary', version: 'current' }));
    expect(error).toMatchObject({ code: 'recipes.fork.steps_differ', kind: 'conflict' });
    expect(error.message).toContain('"other tool" where the run has "scan tool"');
  });

  it('refuses what cannot be done, with pointers', async () => {
    await room.create(recipe());
    const runId = await ranWith('running', { look: 'completed', scan: 'running' });
    const cases = [
      [{ from_step: 'scn' }, 'recipes.fork.step_unknown', '/from_step'],
      [{ from_step: 'write' }, 'recipes.fork.step_not_reached', '/from_step'],
      [{ from_step: 'scan', inputs: { depth: 'x' } }, 'recipes.inputs.invalid', '/inputs/depth'],
      [
        { from_step: 'scan', model: { provider: 'openia', model: 'x' } },
        'recipes.fork.model_unknown',
        '/model/provider',
      ],
    ] as const;
    for (const [body, code, pointer] of cases) {
      const error = await failureOf(fork(runId, body));
      expect(error).toMatchObject({ code, errors: [{ pointer }] });
    }
    expect(await failureOf(fork(runId, { from_step: 'scn' }))).toMatchObject({
      errors: [{ suggestion: 'scan' }],
    });
    expect((await failureOf(fork(newId(), { from_step: 'scan' }))).kind).toBe('not-found');
    expect(room.started).toEqual([]);
  });
});
