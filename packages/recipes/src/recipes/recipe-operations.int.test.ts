import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANN, createRecipeRoom, failureOf, sampleYaml } from './recipe-room.fixture.ts';
import type { RecipeRoom } from './recipe-room.fixture.ts';
import type { Recipe } from './recipe-views.ts';

let room: RecipeRoom;
const scope = () => ({ workspaceId: room.test.workspaceId, by: ANN });

beforeAll(async () => {
  room = await createRecipeRoom();
});
afterAll(() => room.close());
beforeEach(() => room.clear());

const update = (slug: string, yaml: string, version: number) =>
  room.call('update', {
    params: { recipe_id: slug },
    body: { yaml },
    headers: { 'if-match': String(version) },
  });
const versionsOf = async (slug: string) =>
  (
    (await room.call('versions', { params: { recipe_id: slug } })).body as {
      items: { version: number; note: string | null }[];
    }
  ).items.map(({ version, note }) => [version, note]);
const bodyOf = async <T>(reply: Promise<{ body?: unknown }>) => (await reply).body as T;

describe('differences', () => {
  it('name changed values and lines, to the current version by default', async () => {
    await room.create(sampleYaml('a'));
    await update('a', sampleYaml('a', 'new'), 1);
    await update('a', sampleYaml('a', 'new', 'Other'), 2);
    const diff = await bodyOf<{ from: number; to: number; changes: object[]; lines: object[] }>(
      room.call('diff', { params: { recipe_id: 'a', version: '1' } }),
    );
    expect(diff).toMatchObject({
      from: 1,
      to: 3,
      changes: [
        { pointer: '/name', kind: 'changed', before: 'Test', after: 'Other' },
        { pointer: '/steps/0/prompt_template', kind: 'changed' },
      ],
    });
    expect(diff.lines).toContainEqual({
      kind: 'added',
      text: 'name: Other',
      left_line: null,
      right_line: 3,
    });
    const back = await bodyOf<{ from: number; to: number; changes: object[] }>(
      room.call('diff', { params: { recipe_id: 'a', version: '3' }, query: { to: '2' } }),
    );
    expect(back).toMatchObject({ from: 3, to: 2, changes: [{ pointer: '/name', after: 'Test' }] });
    const unknown = room.call('diff', { params: { recipe_id: 'a', version: 1 }, query: { to: 9 } });
    expect((await failureOf(unknown)).code).toBe('recipes.version.not_found');
  });
});

describe('restore', () => {
  const restore = (version: number, ifMatch: string) =>
    room.call('restore', {
      params: { recipe_id: 'a', version },
      headers: { 'if-match': ifMatch },
    });

  it('saves an older version as the newest, with its text and a note', async () => {
    const { yaml } = await room.create(sampleYaml('a'));
    await update('a', sampleYaml('a', 'new'), 1);
    const restored = await restore(1, '2');
    expect(restored.etag).toBe('3');
    expect((restored.body as Recipe).yaml).toBe(yaml);
    expect(await versionsOf('a')).toEqual([
      [3, 'restored from version 1'],
      [2, null],
      [1, null],
    ]);
    expect((await restore(3, '3')).etag).toBe('3');
    expect((await failureOf(restore(1, '1'))).code).toBe('recipes.recipe.version_mismatch');
  });

  it('is refused when the workspace cannot run that version any more', async () => {
    await room.create(sampleYaml('a'));
    await update('a', sampleYaml('a').replace('agent: security', 'agent: code'), 1);
    await room.test.database.pool.query(
      "UPDATE agents SET status = 'paused' WHERE slug = 'security'",
    );
    const error = await failureOf(restore(1, '2'));
    await room.test.database.pool.query(
      "UPDATE agents SET status = 'active' WHERE slug = 'security'",
    );
    expect(error).toMatchObject({
      code: 'recipes.definition.invalid',
      errors: [{ pointer: '/steps/0/agent', line: 10 }],
    });
    expect(await versionsOf('a')).toHaveLength(2);
  });
});

describe('files', () => {
  const importing = (yaml: string, on_conflict?: string) =>
    bodyOf<{ items: object[] }>(
      room.call('import', {
        body: { yaml, ...(on_conflict === undefined ? {} : { on_conflict }) },
      }),
    );
  const exported = async (slug: string, query: object = {}) => {
    const { bytes } = await room.call('export', { params: { recipe_id: slug }, query });
    return { ...bytes, content: String(bytes?.content) };
  };

  it('go out as YAML or JSON and come back the same', async () => {
    await room.create(sampleYaml('a'));
    await room.create(sampleYaml('b'));
    const yaml = await exported('a');
    expect(yaml).toMatchObject({ filename: 'a.yaml', content: sampleYaml('a') });
    const json = await exported('b', { format: 'json', version: '1' });
    expect(json).toMatchObject({ filename: 'b-v1.json' });
    const file = `${yaml.content}---\n${json.content}`;
    expect(await importing(file, 'new_version')).toEqual({
      items: [
        { slug: 'a', version: 1, outcome: 'unchanged' },
        // The text is another, and kept as it came.
        { slug: 'b', version: 2, outcome: 'updated' },
      ],
    });
    expect(await bodyOf<Recipe>(room.call('get', { params: { recipe_id: 'b' } }))).toMatchObject({
      definition: JSON.parse(json.content) as object,
    });
    expect(await importing(yaml.content, 'new_version')).toMatchObject({
      items: [{ outcome: 'unchanged' }],
    });
  });

  it('may hold recipes that start each other, in any order', async () => {
    const outer = `slug: outer
name: Outer
steps:
  - { step_id: sub, type: recipe, recipe: inner, inputs: { path: src } }
`;
    const done = await importing(`---\n${outer}---\n# the inner one\n${sampleYaml('inner')}`);
    expect(done.items).toEqual([
      { slug: 'outer', version: 1, outcome: 'created' },
      { slug: 'inner', version: 1, outcome: 'created' },
    ]);
    expect(await versionsOf('inner')).toEqual([[1, 'imported']]);
  });

  it('are taken whole or not at all, with document and line of each problem', async () => {
    const bad = sampleYaml('bad').replace('secret_scan', 'secret_scn');
    const error = await failureOf(importing(`${sampleYaml('good')}---\n${bad}`));
    expect(error).toMatchObject({ code: 'recipes.import.invalid' });
    expect(error.errors).toEqual([
      expect.objectContaining({
        pointer: '/documents/1/steps/1/tool',
        line: 23,
        suggestion: 'secret_scan',
      }),
    ]);
    expect(error.errors?.[0]?.message).toMatch(/^document 2: /);
    const twice = await failureOf(importing(`${sampleYaml('x')}---\n${sampleYaml('x')}`));
    expect(twice.errors).toEqual([
      expect.objectContaining({ pointer: '/documents/1/slug', line: 14 }),
    ]);
    for (const nothing of ['# only a comment\n---\n', '---\n']) {
      expect((await failureOf(importing(nothing))).code).toBe('recipes.import.invalid');
    }
    expect(await bodyOf<{ total: number }>(room.call('list'))).toMatchObject({ total: 0 });
  });

  it('meet recipes of the same slug as the caller says', async () => {
    await room.create(sampleYaml('a'));
    const file = `${sampleYaml('b')}---\n${sampleYaml('a', 'imported')}`;
    expect(await failureOf(importing(file))).toMatchObject({
      code: 'recipes.import.slug_taken',
      kind: 'conflict',
      errors: [{ pointer: '/documents/1/slug' }],
    });
    expect(await bodyOf<{ total: number }>(room.call('list'))).toMatchObject({ total: 1 });
    expect((await importing(file, 'skip')).items).toEqual([
      { slug: 'b', version: 1, outcome: 'created' },
      { slug: 'a', version: 1, outcome: 'skipped' },
    ]);
    expect((await importing(file, 'new_version')).items).toEqual([
      { slug: 'b', version: 1, outcome: 'unchanged' },
      { slug: 'a', version: 2, outcome: 'updated' },
    ]);
  });
});

describe('featured recipes', () => {
  const featured = async () => {
    const { items } = await bodyOf<{ items: { slug: string; installed: boolean }[] }>(
      room.call('featured'),
    );
    return new Map(items.map((item) => [item.slug, item]));
  };
  const install = (slug: string) => room.call('install', { params: { slug } });

  it('are listed with what they wait for, and come back after a removal', async () => {
    const slug = 'repository-health-review';
    expect((await featured()).get(slug)).toMatchObject({ status: 'available', installed: false });
    expect((await featured()).get('later')).toMatchObject({
      status: 'waiting',
      waits_for: 'the sandbox',
      installed: false,
    });
    expect((await install(slug)).body).toMatchObject({ slug, version: 1, seeded: true });
    expect((await featured()).get(slug)).toMatchObject({ installed: true });
    expect((await failureOf(install(slug))).code).toBe('recipes.recipe.slug_taken');
    await room.call('remove', { params: { recipe_id: slug } });
    expect((await install(slug)).body).toMatchObject({ slug, version: 1 });
  });

  it('that wait or are unknown are refused with the reason', async () => {
    expect(await failureOf(install('later'))).toMatchObject({
      code: 'recipes.featured.waiting',
      kind: 'conflict',
    });
    expect(await failureOf(install('repository-health-reveiw'))).toMatchObject({
      code: 'recipes.featured.not_found',
      errors: [{ suggestion: 'repository-health-review' }],
    });
  });
});

describe('figures', () => {
  it('count what ran in the last days, dry runs left out', async () => {
    const { id } = await room.create(sampleYaml('a'));
    const now = Date.now();
    const row = (status: string, more: { ms?: number; ageDays?: number; dry?: boolean } = {}) => {
      const start = new Date(now - (more.ageDays ?? 1) * 86_400_000);
      const end = new Date(start.getTime() + (more.ms ?? 0));
      return sql`(gen_random_uuid(), ${room.test.workspaceId}::uuid, 'recipe', 't', ${status}, ${id}::uuid, '{}'::jsonb, '{}'::jsonb, 'user',
        'u', 'u', ${start.toISOString()}::timestamptz, ${start.toISOString()}::timestamptz, ${end.toISOString()}::timestamptz, 5, ${more.dry ?? false}, 0.5)`;
    };
    const rows = [
      ...[100, 200, 300].map((ms) => row('completed', { ms })),
      row('failed', { ms: 9_000 }),
      row('completed', { ageDays: 40 }),
      row('completed', { dry: true, ms: 1 }),
    ];
    await room.test.database.system((tx) =>
      tx.execute(sql`INSERT INTO runs (id, workspace_id, kind, title, status, recipe_id, plan, inputs, created_by_kind, created_by_id,
        created_by_name, created_at, started_at, finished_at, cost_micros, dry_run, quality_score) VALUES ${sql.join(rows, sql`, `)}`),
    );
    expect(await bodyOf(room.call('stats'))).toEqual({
      items: [
        {
          recipe_id: id,
          slug: 'a',
          runs: 4,
          completed: 3,
          failed: 1,
          duration_ms_p50: 200,
          duration_ms_p95: 290,
          cost_micros: 20,
          quality_mean: 0.5,
        },
      ],
    });
    expect(await bodyOf(room.call('stats', { query: { days: 60 } }))).toMatchObject({
      items: [{ runs: 5 }],
    });
    expect(await bodyOf(room.call('stats', {}, room.test.otherWorkspaceId))).toEqual({ items: [] });
  });
});

describe('changes', () => {
  it('are told to the workspace and to schedules in the transaction of the change', async () => {
    const { id } = await room.create(sampleYaml('a'));
    await update('a', sampleYaml('a', 'new'), 1);
    await update('a', sampleYaml('a', 'new'), 2);
    await room.call('remove', { params: { recipe_id: 'a' } });
    expect(room.emitted).toEqual([
      { type: 'recipe.created', subject: id, data: { slug: 'a', name: 'Test' } },
      { type: 'recipe.updated', subject: id, data: { slug: 'a', version: 2 } },
      { type: 'recipe.deleted', subject: id, data: { slug: 'a' } },
    ]);
    expect(room.synced.map(({ slug, definition }) => [slug, definition?.slug])).toEqual([
      ['a', 'a'],
      ['a', 'a'],
      ['a', undefined],
    ]);
  });

  it('by learning carry their note and are refused once somebody else changed the recipe', async () => {
    const { definition } = await room.create(sampleYaml('a'));
    const change = (name: string, baseVersion: number) =>
      room.test.database.workspace(room.test.workspaceId, (tx) =>
        room.service.saveVersion(tx, {
          ...scope(),
          recipeId: 'a',
          baseVersion,
          definition: { ...definition, name } as never,
          note: 'learning: another name',
        }),
      );
    expect(await change('Better', 1)).toEqual({ version: 2 });
    expect(await versionsOf('a')).toEqual([
      [2, 'learning: another name'],
      [1, null],
    ]);
    expect((await failureOf(change('Best', 1))).code).toBe('recipes.recipe.version_mismatch');
  });
});

describe('starts', () => {
  const execute = (slug: string, body: object) =>
    room.call('execute', { params: { recipe_id: slug }, body });

  it('take version, priority and dry run', async () => {
    await room.create(
      sampleYaml('a').replace('steps:', 'execution: { max_concurrent_runs: 2 }\nsteps:'),
    );
    await update(
      'a',
      sampleYaml('a', 'new').replace('steps:', 'execution: { priority: high }\nsteps:'),
      1,
    );
    await execute('a', { inputs: { path: 'x' }, version: 1, priority: 'low', dry_run: true });
    await execute('a', { inputs: { path: 'x' } });
    const [old, current] = room.started.map(({ request }) => request);
    expect(old).toMatchObject({
      recipe: { version: 1 },
      priority: 'low',
      dryRun: true,
      recipeLimit: 2,
      plan: { recipe_version: 1 },
    });
    expect(current).toMatchObject({ recipe: { version: 2 }, priority: 'high' });
    expect(current).not.toHaveProperty('dryRun');
    expect(current).not.toHaveProperty('recipeLimit');
    expect((await failureOf(execute('a', { inputs: { path: 'x' }, version: 7 }))).code).toBe(
      'recipes.version.not_found',
    );
  });

  it('by triggers run in the transaction of the caller', async () => {
    const { id } = await room.create(sampleYaml('a'));
    const trigger = { kind: 'schedule', id: 's1', name: 'nightly', depth: 0 };
    await room.test.database.workspace(room.test.workspaceId, (tx) =>
      room.service.startRecipe(tx, {
        ...scope(),
        recipeId: id,
        inputs: { path: 'x' },
        trigger,
        idempotencyKey: 'k',
      }),
    );
    expect(room.started[0]?.request).toMatchObject({
      trigger,
      idempotencyKey: 'k',
      inputs: { path: 'x', mode: 'fast' },
      title: 'Test',
      by: ANN,
    });
  });

  it('freeze the recipes that steps start, at any depth and with their versions', async () => {
    await room.create(sampleYaml('leaf'));
    const middle = (agent: string) =>
      `slug: middle
name: Middle
steps:
  - step_id: every
    type: map
    items: '{{inputs.list}}'
    steps:
      - { step_id: talk, agent: ${agent}, prompt_template: x }
      - { step_id: sub, type: recipe, recipe: leaf, version: 1, inputs: { path: a } }
inputs: { type: object, required: [list], properties: { list: { type: array } } }
`;
    await room.create(middle('code'));
    await room.create(`slug: top
name: Top
steps:
  - { step_id: first, type: recipe, recipe: middle, inputs: { list: [] } }
`);
    await update('leaf', sampleYaml('leaf', 'newer'), 1);
    await execute('top', {});
    const plan = room.started[0]?.request.plan as {
      recipes: Record<string, { recipe: object; agents: object; recipes: Record<string, object> }>;
    };
    expect(plan.recipes['middle']).toMatchObject({
      recipe: { slug: 'middle', version: 1 },
      agents: { code: { agent: { slug: 'code' } } },
      recipes: {
        'leaf@1': {
          recipe: { slug: 'leaf', version: 1 },
          definition: { steps: [{ prompt_template: 'hi {{inputs.path}}' }, {}] },
          agents: { security: { agent: { slug: 'security' } } },
        },
      },
    });
  });

  it('are refused when a recipe inside cannot run, or starts itself by way of others', async () => {
    await room.create(sampleYaml('leaf'));
    await room.create(`slug: top
name: Top
steps:
  - { step_id: first, type: recipe, recipe: leaf, inputs: { path: a } }
`);
    await room.test.database.pool.query(
      "UPDATE agents SET status = 'paused' WHERE slug = 'security'",
    );
    const paused = await failureOf(execute('top', {}));
    await room.test.database.pool.query(
      "UPDATE agents SET status = 'active' WHERE slug = 'security'",
    );
    expect(paused).toMatchObject({
      code: 'recipes.recipe.not_runnable',
      errors: [{ pointer: '/steps/0/recipe' }],
    });
    expect(paused.message).toContain('/steps/0/agent');
    const loop = `slug: leaf
name: Leaf
steps:
  - { step_id: back, type: recipe, recipe: top }
`;
    expect(await failureOf(update('leaf', loop, 1))).toMatchObject({
      code: 'recipes.definition.invalid',
      errors: [{ pointer: '/steps/0/recipe' }],
    });
    await room.call('remove', { params: { recipe_id: 'leaf' } });
    expect(await failureOf(execute('top', {}))).toMatchObject({
      code: 'recipes.recipe.not_runnable',
      errors: [{ pointer: '/steps/0/recipe' }],
    });
    expect(room.started).toEqual([]);
  });
});

describe('definitions of earlier releases', () => {
  /** As the first release stored it: no output_type, triggers or execution mode. */
  const old = {
    slug: 'old',
    name: 'Old',
    description: '',
    tags: [],
    inputs: { type: 'object', properties: {} },
    outputs: { report: '{{steps.look.text}}' },
    steps: [
      { step_id: 'look', agent: 'security', prompt_template: 'hi' },
      { step_id: 'note', type: 'document', title: 'T', format: 'markdown', template: 'x' },
    ],
    execution: {
      max_retries: 0,
      retry_delay_ms: 1000,
      timeout_per_step_ms: 300_000,
      total_timeout_ms: 600_000,
      parallel_limit: 5,
    },
  };

  const store = async (definition: object) => {
    const { id } = await room.create(sampleYaml('old').replace('name: Test', 'name: Old'));
    await room.test.database.system(async (tx) => {
      await tx.execute(sql`DELETE FROM recipe_versions WHERE recipe_id = ${id}::uuid`);
      await tx.execute(sql`INSERT INTO recipe_versions (recipe_id, version, workspace_id, definition, yaml, definition_hash, created_by, created_at)
        VALUES (${id}::uuid, 1, ${room.test.workspaceId}::uuid, ${JSON.stringify(definition)}::jsonb, 'name: Old', 'old', 'Ann', now())`);
    });
  };

  it('are read with the defaults of what came later, and run', async () => {
    await store(old);
    const recipe = await bodyOf<Recipe>(room.call('get', { params: { recipe_id: 'old' } }));
    expect(recipe.definition).toMatchObject({
      output_type: 'report',
      triggers: [],
      execution: { mode: 'auto', priority: 'normal', max_repairs: 1 },
    });
    await room.call('execute', { params: { recipe_id: 'old' }, body: {} });
    expect(room.started[0]?.request.plan).toMatchObject({ definition: { output_type: 'report' } });
    const same = await room.call('update', {
      params: { recipe_id: 'old' },
      body: { definition: old },
      headers: { 'if-match': '1' },
    });
    expect(same.etag).toBe('1');
  });

  it('that cannot be read say so, and can be replaced', async () => {
    await store({ ...old, steps: [{ step_id: 'look', type: 'gone' }] });
    expect(await failureOf(room.call('get', { params: { recipe_id: 'old' } }))).toMatchObject({
      code: 'recipes.version.unreadable',
      kind: 'conflict',
    });
    const saved = await update('old', sampleYaml('old'), 1);
    expect(saved.etag).toBe('2');
  });
});
