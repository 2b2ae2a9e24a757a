import { learningReportSchema, suggestionSchema } from '@automatos/contracts';
import type { LearningReport, Suggestion } from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import { newId, systemClock } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createToolRegistry } from '@automatos/tools';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANN, createRecipeRoom, failureOf } from '../recipes/recipe-room.fixture.ts';
import type { RecipeRoom } from '../recipes/recipe-room.fixture.ts';
import type { Recipe } from '../recipes/recipe-views.ts';
import { createLearning } from './learning-service.ts';
import type { Learning } from './learning-service.ts';
import { recipeLearning, recipeSuggestions } from './learning-tables.ts';
import { storeRuns } from './run-history.fixture.ts';
import type { RunRecord, StepRecord } from './run-history.fixture.ts';

let room: RecipeRoom;
let learning: Learning;
const told: { change: string; title: string }[] = [];

beforeAll(async () => {
  room = await createRecipeRoom();
  learning = createLearning({
    database: room.test.database,
    saveVersion: room.service.saveVersion,
    registry: createToolRegistry(),
    clock: systemClock,
    emit: async (_tx, _workspaceId, { data }) => {
      told.push({ change: data.change, title: data.title });
    },
  });
});
afterAll(() => room.close());
beforeEach(async () => {
  told.length = 0;
  await room.test.database.pool.query('DELETE FROM runs');
  await room.clear();
});

const scope = () => ({ workspaceId: room.test.workspaceId, by: ANN });
const report = async (ref = 'a'): Promise<LearningReport> =>
  learningReportSchema.parse(await learning.report(room.test.workspaceId, ref));
const apply = async (id: string): Promise<Suggestion> =>
  suggestionSchema.parse(await learning.apply(scope(), 'a', id));
const currentVersion = async () => (await room.service.get(room.test.workspaceId, 'a')).version;

const PLAIN = `steps:
  - { step_id: look, agent: security, prompt_template: "Look at {{inputs.path}}" }
  - { step_id: write, agent: documentation, prompt_template: "Write about {{steps.look.text}}" }
outputs: { text: "{{steps.write.text}}" }
`;
const recipeYaml = (rest = PLAIN) => `slug: a
name: A
inputs: { type: object, properties: { path: { type: string } }, required: [path] }
${rest}`;

const STEPS: StepRecord[] = [{ id: 'look' }, { id: 'write' }];

function store(count: number, run: Omit<RunRecord, 'steps'> & { steps?: StepRecord[] }) {
  return storeRuns(
    room.test,
    Array.from({ length: count }, () => ({ steps: STEPS, ...run })),
  );
}

async function runAgain(count: number, run: Parameters<typeof store>[1]) {
  for (const id of await store(count, run)) await learning.afterRun(room.test.workspaceId, id);
}

async function saveAs(recipe: Recipe, change: (definition: JsonObject) => void): Promise<number> {
  const definition = structuredClone(recipe.definition) as unknown as JsonObject;
  change(definition);
  const saved = await room.test.database.workspace(room.test.workspaceId, (tx) =>
    room.service.saveVersion(tx, { ...scope(), recipeId: recipe.id, definition, note: 'test' }),
  );
  return saved.version;
}

/** A request that an objection or a restriction hangs on. */
async function askedBy(userId: string): Promise<string> {
  const { rows } = await room.test.database.pool.query<{ id: string }>(
    `INSERT INTO privacy_requests (id, workspace_id, type, status, subject_id, subject_email, subject_name, filed_by, details,
       received_at, due_at)
     VALUES (gen_random_uuid(), $1, 'objection', 'completed', $2, '', '', 'person', '', now(), now()) RETURNING id`,
    [room.test.workspaceId, userId],
  );
  return rows[0]?.id ?? '';
}

/** How many ended runs were counted when suggestions were made last. */
async function learntFrom(recipeId: string): Promise<number> {
  const { rows } = await room.test.database.pool.query<{ runs_seen: number }>(
    'SELECT runs_seen FROM recipe_learning WHERE recipe_id = $1',
    [recipeId],
  );
  return rows[0]?.runs_seen ?? 0;
}

const stepsOf = (definition: JsonObject) => definition['steps'] as JsonObject[];
const failing: StepRecord[] = [
  { id: 'look', status: 'failed', error: { code: 'providers.call.failed', retryable: true } },
  { id: 'write', status: 'skipped' },
];

describe('report', () => {
  it('keeps to the tables of the migration', async () => {
    const match = assertTablesMatch(room.test.database, [recipeSuggestions, recipeLearning]);
    await expect(match).resolves.toBeUndefined();
  });

  it('says nothing with too few runs, and leaves out dry runs, forks and other recipes', async () => {
    const { id: recipeId } = await room.create(recipeYaml());
    await store(9, { recipeId, version: 1 });
    await store(5, { recipeId, version: 1, dryRun: true });
    await store(1, { recipeId: newId(), version: 1 });
    const few = await report();
    expect(few).toMatchObject({ runs: 9, runs_needed: 10, suggestions: [] });
    expect(few.versions[0]).toMatchObject({ runs: 9, success_rate: null, duration_ms: null });
    expect(few.steps[0]).toMatchObject({ runs: 9, failure_rate: null, duration_ms_p95: null });
    const [forkedFrom = ''] = await store(1, { recipeId, version: 1 });
    await store(1, { recipeId, version: 1, forkedFrom });
    expect((await report()).runs).toBe(10);
  });

  it('learns nothing from runs of people who objected, or whose data are only kept', async () => {
    const { id: recipeId } = await room.create(recipeYaml());
    await store(8, { recipeId, version: 1 });
    await store(8, { recipeId, version: 1, by: 'zoe', status: 'failed', steps: failing });
    await store(8, { recipeId, version: 1, by: 'ben', status: 'failed', steps: failing });
    const learnt = async () => {
      const { runs, versions, suggestions } = await report();
      return [runs, versions[0]?.success_rate?.estimate, suggestions.map(({ kind }) => kind)];
    };
    expect(await learnt()).toEqual([24, 0.3333, ['retry']]);
    const requestId = await askedBy('zoe');
    const exclude = (processing: string) =>
      room.test.database.pool.query(
        `INSERT INTO privacy_exclusions (workspace_id, user_id, processing, request_id, since)
         VALUES ($1, 'zoe', $2, $3, now())`,
        [room.test.workspaceId, processing, requestId],
      );
    // Of another activity: that one says nothing about learning.
    await exclude('security');
    expect(await learnt()).toEqual([24, 0.3333, ['retry']]);
    await exclude('recipe_learning');
    expect(await learnt()).toEqual([16, 0.5, ['retry']]);
    const { rows } = await room.test.database.pool.query<{ id: string }>(
      `INSERT INTO privacy_restrictions (id, workspace_id, user_id, request_id, since)
       VALUES (gen_random_uuid(), $1, 'ben', $2, now()) RETURNING id`,
      [room.test.workspaceId, requestId],
    );
    // Eight are too few to say anything, and neither does the end of one more run of theirs.
    expect(await learnt()).toEqual([8, undefined, []]);
    await runAgain(1, { recipeId, version: 1, by: 'zoe', status: 'failed', steps: failing });
    expect(await learntFrom(recipeId)).toBe(0);
    await room.test.database.pool.query(
      'UPDATE privacy_restrictions SET lifted_at = now() WHERE id = $1',
      [rows[0]?.id],
    );
    await runAgain(1, { recipeId, version: 1, by: 'zoe', status: 'failed', steps: failing });
    expect(await learntFrom(recipeId)).toBe(16);
  });

  it('gives rates and means with intervals per step and version', async () => {
    const { id: recipeId } = await room.create(recipeYaml());
    const empty: StepRecord = { id: 'write', output: { text: ' ', object: null } };
    await store(8, { recipeId, version: 1, ms: 400, costMicros: 100, quality: 0.8 });
    await store(4, {
      recipeId,
      version: 1,
      ms: 800,
      costMicros: null,
      steps: [{ id: 'look', attempts: 2, ms: 300 }, empty],
    });
    await store(8, { recipeId, version: 1, status: 'failed', steps: failing });
    const { versions, steps, suggestions } = await report();
    expect(versions[0]).toMatchObject({
      version: 1,
      runs: 20,
      // 12 of 20 by Wilson.
      success_rate: { estimate: 0.6, low: 0.3866, high: 0.7812 },
      quality: null,
    });
    expect(versions[0]?.cost_micros?.estimate).toBe(50);
    const [look, write] = steps;
    expect(look).toMatchObject({
      runs: 20,
      failure_rate: { estimate: 0.4 },
      retry_rate: { estimate: 0.2 },
    });
    expect(look?.duration_ms).toMatchObject({ estimate: 140 });
    expect(look?.duration_ms_p95).toBe(300);
    expect(write).toMatchObject({ runs: 12, failure_rate: { estimate: 0 } });
    expect(write?.empty_rate?.estimate).toBeCloseTo(1 / 3, 3);
    expect(suggestions.map(({ kind }) => kind)).toEqual(['retry']);
  });

  it('counts the instances of a map as its step', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(`steps:
  - step_id: looks
    type: map
    items: "{{inputs.files}}"
    steps: [{ step_id: look, agent: security, prompt_template: "Look at {{item}}" }]
`).replace(
        'path: { type: string }',
        'path: { type: string }, files: { type: array, items: { type: string }, default: [] }',
      ),
    );
    const steps: StepRecord[] = [
      { id: 'looks', type: 'map', ms: 900, output: { items: [], total: 2 } },
      { id: 'look#0', ms: 200 },
      { id: 'look#1', ms: 400, status: 'failed', error: { code: 'x' } },
    ];
    await store(10, { recipeId, version: 1, steps, ms: 1000 });
    const { steps: shown } = await report();
    expect(shown.map(({ step_id, runs }) => [step_id, runs])).toEqual([
      ['looks', 10],
      ['look', 10],
    ]);
    expect(shown[1]).toMatchObject({
      failure_rate: { estimate: 1 },
      duration_ms: { estimate: 300 },
      share_of_time: 0.6,
    });
  });

  it('an unknown recipe is not found', async () => {
    expect((await failureOf(report('nothing'))).code).toBe('recipes.recipe.not_found');
  });

  it('belongs to its workspace', async () => {
    const { id: recipeId } = await room.create(recipeYaml());
    await store(10, { recipeId, version: 1, status: 'failed', steps: failing });
    const elsewhere = learning.report(room.test.otherWorkspaceId, recipeId);
    expect((await failureOf(elsewhere)).code).toBe('recipes.recipe.not_found');
  });
});

describe('versions', () => {
  const better: StepRecord[] = [{ id: 'look', quality: 0.9 }, { id: 'write' }];
  const worse: StepRecord[] = [{ id: 'look', quality: 0.6 }, { id: 'write' }];
  const jitter = (steps: StepRecord[], index: number): StepRecord[] =>
    steps.map((step) =>
      step.quality === undefined ? step : { ...step, quality: step.quality + (index % 5) / 100 },
    );

  async function twoVersions(second: StepRecord[]) {
    const recipe = await room.create(recipeYaml());
    await saveAs(recipe, (definition) => {
      Object.assign(stepsOf(definition)[0] ?? {}, { prompt_template: 'Glance at {{inputs.path}}' });
    });
    const runs = Array.from({ length: 12 }, (_, index) => [
      { recipeId: recipe.id, version: 1, steps: jitter(better, index) },
      { recipeId: recipe.id, version: 2, steps: jitter(second, index) },
    ]);
    await storeRuns(room.test, runs.flat());
  }

  it('with a known difference: the better prompt is suggested with its diff', async () => {
    await twoVersions(worse);
    const { variants, suggestions } = await report();
    expect(variants.map(({ what, value, versions }) => [what, value, versions])).toEqual([
      ['prompt', 'Glance at {{inputs.path}}', [2]],
      ['prompt', 'Look at {{inputs.path}}', [1]],
    ]);
    expect(suggestions).toHaveLength(1);
    expect(suggestions[0]).toMatchObject({
      kind: 'prompt',
      step_id: 'look',
      base_version: 2,
      status: 'open',
      changes: [
        {
          pointer: '/steps/0/prompt_template',
          kind: 'changed',
          before: 'Glance at {{inputs.path}}',
          after: 'Look at {{inputs.path}}',
        },
      ],
    });
    expect(suggestions[0]?.evidence[0]).toMatch(
      /^Quality \d+ % to \d+ % in place of \d+ % to \d+ %/,
    );
    const changed = suggestions[0]?.diff
      .filter(({ kind }) => kind !== 'same')
      .map(({ kind }) => kind);
    expect(changed).toEqual(['removed', 'added']);
    const { applied_version } = await apply(suggestions[0]?.id ?? '');
    const saved = await room.service.get(room.test.workspaceId, 'a');
    expect(saved.version).toBe(applied_version);
    expect(saved.definition.steps[0]).toMatchObject({ prompt_template: 'Look at {{inputs.path}}' });
  });

  it('without a difference: nothing is suggested', async () => {
    await twoVersions(better);
    const { variants, suggestions } = await report();
    expect(variants).toHaveLength(2);
    expect(suggestions).toEqual([]);
  });

  it('models come from the frozen plan where a failed step does not say them', async () => {
    const recipe = await room.create(recipeYaml());
    await saveAs(recipe, (definition) => {
      Object.assign(stepsOf(definition)[0] ?? {}, { agent: 'code' });
    });
    const model = { agent: { model: { provider: 'p', model: 'small' }, tools: [] } };
    const says = { text: 'x', provider: 'p', model: 'large' };
    const steps: StepRecord[] = [{ id: 'look', output: says }, { id: 'write' }];
    const refused: StepRecord[] = [{ id: 'look', status: 'failed', error: { code: 'x' } }];
    await store(12, { recipeId: recipe.id, version: 1, steps });
    const failed = { status: 'failed', steps: refused, agents: { code: model } } as const;
    await store(12, { recipeId: recipe.id, version: 2, ...failed });
    const { variants, suggestions } = await report();
    const models = variants.filter(({ what }) => what === 'model');
    expect(models.map(({ value, runs }) => [value, runs])).toEqual([
      ['p/small', 12],
      ['p/large', 12],
    ]);
    expect(suggestions).toMatchObject([
      { kind: 'model', changes: [{ pointer: '/steps/0/agent', after: 'security' }] },
    ]);
  });
});

describe('suggestions', () => {
  const kinds = async () =>
    (await report()).suggestions.map(({ kind, step_id }) => [kind, step_id]);

  it('more time for a step that comes near its limit or ran into it', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(PLAIN.replace('agent: security,', 'agent: security, timeout_ms: 1000,')),
    );
    await store(10, { recipeId, version: 1, steps: [{ id: 'look', ms: 850 }, { id: 'write' }] });
    const { suggestions } = await report();
    expect(suggestions).toMatchObject([
      {
        kind: 'timeout',
        step_id: 'look',
        changes: [{ pointer: '/steps/0/timeout_ms', before: 1000, after: 3000 }],
      },
    ]);
    const cut: StepRecord = {
      id: 'look',
      status: 'failed',
      error: { code: 'recipes.step.timeout' },
    };
    await store(2, { recipeId, version: 1, status: 'failed', steps: [cut] });
    expect((await report()).suggestions[0]).toMatchObject({ changes: [{ after: 2000 }] });
  });

  it('less time for a step whose own limit is far off, none for the common limit', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(PLAIN.replace('agent: security,', 'agent: security, timeout_ms: 400000,')),
    );
    await store(10, { recipeId, version: 1 });
    expect((await report()).suggestions).toMatchObject([
      { kind: 'timeout', step_id: 'look', changes: [{ after: 10_000 }] },
    ]);
  });

  it('more time for the run', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(`execution: { total_timeout_ms: 2000 }\n${PLAIN}`),
    );
    await store(8, { recipeId, version: 1, ms: 1500 });
    await store(2, { recipeId, version: 1, status: 'failed', errorCode: 'recipes.run.timeout' });
    expect((await report()).suggestions).toMatchObject([
      {
        kind: 'timeout',
        step_id: null,
        changes: [{ pointer: '/execution/total_timeout_ms', after: 3000 }],
      },
    ]);
  });

  it('steps that do not need each other side by side', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(`steps:
  - { step_id: look, agent: security, prompt_template: "Look at {{inputs.path}}" }
  - { step_id: write, agent: documentation, prompt_template: "Write about {{inputs.path}}" }
  - { step_id: end, type: document, title: End, template: "{{steps.look.text}} {{steps.write.text}}" }
`),
    );
    const steps: StepRecord[] = [
      { id: 'look', ms: 4000 },
      { id: 'write', ms: 5000 },
      { id: 'end', type: 'document', output: { content: 'x' } },
    ];
    await store(10, { recipeId, version: 1, steps });
    const { suggestions } = await report();
    expect(suggestions).toHaveLength(1);
    expect(suggestions[0]).toMatchObject({
      kind: 'parallelism',
      title: 'Run "write" beside the steps before',
    });
    await apply(suggestions[0]?.id ?? '');
    const { definition } = await room.service.get(room.test.workspaceId, 'a');
    expect(definition.steps.map((step) => ('depends_on' in step ? step.depends_on : null))).toEqual(
      [[], [], ['look', 'write']],
    );
  });

  it('fields that later steps read and that are often empty are demanded', async () => {
    const schema =
      '{ type: object, properties: { risks: { type: array, items: { type: string } }, note: { type: string } } }';
    const { id: recipeId } = await room.create(
      recipeYaml(`steps:
  - { step_id: look, agent: security, prompt_template: "Look at {{inputs.path}}", output_schema: ${schema} }
outputs: { risks: "{{steps.look.object.risks | default: ''}}" }
`),
    );
    const object = (risks: string[]) => [
      { id: 'look', output: { text: '{}', object: { risks, note: '' } } },
    ];
    await store(7, { recipeId, version: 1, steps: object(['a']) });
    await store(6, { recipeId, version: 1, steps: object([]) });
    const { suggestions } = await report();
    expect(suggestions).toMatchObject([
      {
        kind: 'schema',
        step_id: 'look',
        evidence: ['"risks" was missing or empty in 6 of 13 results, and later steps read it.'],
      },
    ]);
    expect(suggestions[0]?.changes.map(({ pointer }) => pointer)).toEqual([
      '/steps/0/output_schema/properties/risks/minItems',
      '/steps/0/output_schema/required',
    ]);
  });

  it('a step whose result nobody reads and that only reads is left out', async () => {
    const { id: recipeId } = await room.create(
      recipeYaml(`steps:
  - { step_id: scan, type: tool, tool: secret_scan, input: { path: "{{inputs.path}}" } }
  - { step_id: look, agent: security, prompt_template: "Look at {{inputs.path}}" }
outputs: { text: "{{steps.look.text}}" }
`),
    );
    const steps = (findings: number): StepRecord[] => [
      {
        id: 'scan',
        type: 'tool',
        ms: 10,
        output: { output: { a: 1 }, findings: [], findings_total: findings },
      },
      { id: 'look' },
    ];
    await store(10, { recipeId, version: 1, steps: steps(0) });
    expect(await kinds()).toEqual([['remove_step', 'scan']]);
    await store(1, { recipeId, version: 1, steps: steps(2) });
    expect(await kinds()).toEqual([]);
  });
});

describe('applied suggestions', () => {
  async function unreliable(auto = false) {
    const { id: recipeId } = await room.create(
      recipeYaml(auto ? `execution: { auto_learning: true }\n${PLAIN}` : PLAIN),
    );
    await store(5, { recipeId, version: 1 });
    await store(5, { recipeId, version: 1, status: 'failed', steps: failing });
    return recipeId;
  }
  const first = async () => (await report()).suggestions[0];

  it('are measured and kept when they help', async () => {
    const recipeId = await unreliable();
    const open = await first();
    const applied = await apply(open?.id ?? '');
    expect(applied).toMatchObject({
      kind: 'retry',
      status: 'measuring',
      base_version: 1,
      applied_version: 2,
      before: { runs: 10 },
      after: { runs: 0 },
    });
    expect((await room.service.get(room.test.workspaceId, 'a')).definition.steps[0]).toMatchObject({
      retry: { max_attempts: 3 },
    });
    expect(await failureOf(apply(open?.id ?? ''))).toMatchObject({
      code: 'recipes.suggestion.already_decided',
    });
    await runAgain(9, { recipeId, version: 2 });
    expect(await first()).toMatchObject({ status: 'measuring', after: { runs: 9 } });
    await runAgain(4, { recipeId, version: 2 });
    expect(await first()).toMatchObject({
      status: 'kept',
      verdict: expect.stringContaining('Better: success 50 % → 100 %'),
    });
    expect(told).toEqual([
      { change: 'applied', title: 'Try "look" up to 3 times' },
      { change: 'kept', title: 'Try "look" up to 3 times' },
    ]);
    expect(await currentVersion()).toBe(2);
  });

  it('are taken back when they do harm, and not made again', async () => {
    const recipeId = await unreliable();
    await apply((await first())?.id ?? '');
    await runAgain(14, { recipeId, version: 2, status: 'failed', steps: failing });
    expect(await first()).toMatchObject({
      status: 'rolled_back',
      verdict: expect.stringMatching(/^Worse: success 50 % → 0 %/),
    });
    const { version, definition } = await room.service.get(room.test.workspaceId, 'a');
    expect(version).toBe(3);
    expect(definition.steps[0]).not.toHaveProperty('retry');
    const versions = await room.service.versions(room.test.workspaceId, 'a', { limit: 5 });
    expect(versions.items.map(({ note }) => note?.split(':')[0] ?? null)).toEqual([
      'learning',
      'learning',
      null,
    ]);
    const { suggestions } = await report();
    expect(suggestions.map(({ status }) => status)).toEqual(['rolled_back']);
  });

  it('are not taken back over a change that a person made since', async () => {
    const recipeId = await unreliable();
    await apply((await first())?.id ?? '');
    const recipe = await room.service.get(room.test.workspaceId, 'a');
    await saveAs(recipe, (definition) => Object.assign(definition, { description: 'mine' }));
    await runAgain(14, { recipeId, version: 2, status: 'failed', steps: failing });
    const { suggestions } = await report();
    const decided = suggestions.find(({ applied_version }) => applied_version === 2);
    expect(decided).toMatchObject({
      status: 'kept',
      verdict: expect.stringContaining('was changed since'),
    });
    expect(await currentVersion()).toBe(3);
  });

  it('wait for each other, and a dismissed one does not come back', async () => {
    const recipeId = await unreliable();
    await store(10, {
      recipeId,
      version: 1,
      steps: [{ id: 'look' }, { id: 'write', ms: 290_000 }],
      ms: 290_200,
    });
    const { suggestions } = await report();
    expect(suggestions.map(({ kind }) => kind)).toEqual(['retry', 'timeout']);
    const [retry, timeout] = suggestions.map(({ id }) => id);
    await apply(retry ?? '');
    expect(await failureOf(apply(timeout ?? ''))).toMatchObject({
      code: 'recipes.suggestion.busy',
    });
    const dismissed = await learning.dismiss(scope(), 'a', timeout ?? '');
    expect(dismissed.status).toBe('dismissed');
    expect((await report()).suggestions.map(({ status }) => status)).toEqual([
      'measuring',
      'dismissed',
    ]);
    expect(await failureOf(apply('nothing'))).toMatchObject({
      code: 'recipes.suggestion.not_found',
    });
  });

  it('by itself only where the recipe says so, and taken back by itself', async () => {
    const off = await unreliable();
    await runAgain(1, { recipeId: off, version: 1 });
    expect(told).toEqual([{ change: 'suggested', title: 'Try "look" up to 3 times' }]);
    expect(await currentVersion()).toBe(1);
    await room.clear();
    told.length = 0;
    const recipeId = await unreliable(true);
    await runAgain(1, { recipeId, version: 1 });
    expect(told.map(({ change }) => change)).toEqual(['suggested', 'applied']);
    expect(await currentVersion()).toBe(2);
    await runAgain(14, { recipeId, version: 2, status: 'failed', steps: failing });
    expect(told.map(({ change }) => change)).toEqual(['suggested', 'applied', 'rolled_back']);
    expect(await currentVersion()).toBe(3);
  });

  it('two runs that end together save one version', async () => {
    const recipeId = await unreliable(true);
    const ids = await store(3, { recipeId, version: 1 });
    await Promise.all(ids.map((id) => learning.afterRun(room.test.workspaceId, id)));
    expect(await currentVersion()).toBe(2);
    expect(told.filter(({ change }) => change === 'applied')).toHaveLength(1);
  });
});
