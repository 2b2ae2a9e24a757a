import { assertTablesMatch } from '@automatos/database/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANN, createRecipeRoom, failureOf, sampleYaml as yaml } from './recipe-room.fixture.ts';
import type { RecipeRoom } from './recipe-room.fixture.ts';
import type { Recipe } from './recipe-views.ts';
import { recipesUsingAgent } from './recipe-store.ts';
import { recipes, recipeVersions } from './recipe-tables.ts';
import { loadShippedRecipes, seedRecipes } from './seed-recipes.ts';

let room: RecipeRoom;
let test: RecipeRoom['test'];
let service: RecipeRoom['service'];
let started: RecipeRoom['started'];

beforeAll(async () => {
  room = await createRecipeRoom();
  ({ test, service, started } = room);
});
afterAll(() => room.close());
beforeEach(() => room.clear());

const call: RecipeRoom['call'] = (...args) => room.call(...args);
const create = (text: string) => room.create(text);

describe('tables', () => {
  it('are those of the migration', async () => {
    const match = assertTablesMatch(test.database, [recipes, recipeVersions]);
    await expect(match).resolves.toBeUndefined();
  });

  it('never let a version change', async () => {
    const { id } = await create(yaml('a'));
    const change = test.database.pool.query(
      "UPDATE recipe_versions SET yaml = 'x' WHERE recipe_id = $1",
      [id],
    );
    await expect(change).rejects.toThrow(/cannot be changed/);
  });
});

describe('saving', () => {
  it('keeps the text, reads back by id and slug, and shows the figures', async () => {
    const saved = await create(yaml('a'));
    expect(saved).toMatchObject({
      slug: 'a',
      version: 1,
      seeded: false,
      step_count: 2,
      agents: ['security'],
      runs_total: 0,
      last_run_at: null,
    });
    expect(saved.yaml).toContain('# a comment');
    for (const ref of [saved.id, 'a']) {
      const reply = await call('get', { params: { recipe_id: ref } });
      expect(reply.etag).toBe('1');
      expect((reply.body as Recipe).definition).toEqual(saved.definition);
    }
  });

  it('takes a JSON definition as well', async () => {
    const { definition } = await create(yaml('a'));
    const reply = await call('create', { body: { definition: { ...definition, slug: 'b' } } });
    expect((reply.body as Recipe).yaml).toContain('slug: b');
  });

  it('refuses a taken slug', async () => {
    await create(yaml('a'));
    expect(await failureOf(create(yaml('a')))).toMatchObject({
      code: 'recipes.recipe.slug_taken',
      kind: 'conflict',
    });
  });

  it('reports every problem with its line, and saves nothing', async () => {
    const bad = yaml('bad').replace('security', 'securty').replace('secret_scan', 'secret_scn');
    const error = await failureOf(create(bad));
    expect(error.code).toBe('recipes.definition.invalid');
    expect(error.errors?.map(({ line, suggestion }) => [line, suggestion])).toEqual([
      [10, 'security'],
      [11, 'secret_scan'],
    ]);
    const reply = await call('validate', { body: { yaml: bad } });
    expect(reply.body).toEqual({ valid: false, errors: error.errors });
    expect((await failureOf(call('get', { params: { recipe_id: 'bad' } }))).code).toBe(
      'recipes.recipe.not_found',
    );
  });

  it('refuses broken YAML with its line', async () => {
    const error = await failureOf(create('slug: a\nname: [\nsteps: x'));
    expect(error.errors?.[0]?.line).toBeGreaterThan(1);
  });
});

describe('versions', () => {
  const update = (text: string, ifMatch?: string) =>
    call('update', {
      params: { recipe_id: 'a' },
      body: { yaml: text },
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });

  it('grow with each change and stay as they were saved', async () => {
    await create(yaml('a'));
    expect((await update(yaml('a', 'new'), '"1"')).etag).toBe('2');
    expect((await update(yaml('a', 'newer', 'Other'), 'W/"2"')).etag).toBe('3');
    const list = await call('versions', { params: { recipe_id: 'a' }, query: { limit: 2 } });
    const page = list.body as {
      items: { version: number; created_by: string }[];
      next_cursor: string;
    };
    expect(page.items.map(({ version, created_by }) => [version, created_by])).toEqual([
      [3, 'Ann'],
      [2, 'Ann'],
    ]);
    const rest = await call('versions', {
      params: { recipe_id: 'a' },
      query: { limit: 2, cursor: page.next_cursor },
    });
    expect((rest.body as typeof page).items.map(({ version }) => version)).toEqual([1]);
    const first = await call('version', { params: { recipe_id: 'a', version: '1' } });
    expect((first.body as Recipe).yaml).toContain('hi {{inputs.path}}');
    expect(
      await failureOf(call('version', { params: { recipe_id: 'a', version: 9 } })),
    ).toMatchObject({ code: 'recipes.version.not_found' });
  });

  it('are not made for the same content, but for changed comments', async () => {
    const { definition } = await create(yaml('a'));
    expect((await update(yaml('a'), '1')).etag).toBe('1');
    const json = await call('update', {
      params: { recipe_id: 'a' },
      body: { definition },
      headers: { 'if-match': '1' },
    });
    expect(json.etag).toBe('1');
    expect((await update(yaml('a').replace('a comment', 'another'), '1')).etag).toBe('2');
  });

  it('are guarded by If-Match', async () => {
    await create(yaml('a'));
    await update(yaml('a', 'new'), '1');
    expect((await failureOf(update(yaml('a', 'lost'), '1'))).code).toBe(
      'recipes.recipe.version_mismatch',
    );
    expect((await failureOf(update(yaml('a', 'lost')))).code).toBe(
      'recipes.recipe.version_required',
    );
    expect((await failureOf(update(yaml('b', 'moved'), '2'))).code).toBe(
      'recipes.recipe.slug_fixed',
    );
  });

  it('cannot be lost by two who save at once', async () => {
    await create(yaml('a'));
    const both = await Promise.allSettled([
      update(yaml('a', 'one'), '1'),
      update(yaml('a', 'two'), '1'),
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('lists', () => {
  it('are by name, in pages, searched and by tag', async () => {
    for (const [slug, name] of [
      ['c', 'Alpha'],
      ['b', 'Beta'],
      ['a', 'Beta'],
      ['d', 'Gamma'],
    ] as const)
      await create(yaml(slug, 'hi', name));
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const reply = await call('list', {
        query: { limit: 1, ...(cursor === undefined ? {} : { cursor }) },
      });
      const page = reply.body as { items: Recipe[]; next_cursor: string | null; total: number };
      expect(page.total).toBe(4);
      seen.push(...page.items.map(({ name }) => name));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(['Alpha', 'Beta', 'Beta', 'Gamma']);
    const total = async (query: object) =>
      ((await call('list', { query })).body as { total: number }).total;
    expect(await total({ search: 'bet' })).toBe(2);
    expect(await total({ search: '%' })).toBe(0);
    expect(await total({ tag: 'demo' })).toBe(4);
    expect(await total({ tag: 'dem' })).toBe(0);
    expect((await failureOf(call('list', { query: { cursor: 'bm9wZQ' } }))).code).toBe(
      'recipes.list.cursor_invalid',
    );
  });

  it('count the runs of a recipe', async () => {
    const { id } = await create(yaml('a'));
    await test.database.pool.query(
      `INSERT INTO runs (id, workspace_id, kind, title, status, recipe_id, plan, inputs, created_by_kind, created_by_id, created_by_name, created_at)
       VALUES (gen_random_uuid(), $1, 'recipe', 't', 'queued', $2, '{}', '{}', 'user', 'u', 'u', '2026-01-02T03:04:05Z')`,
      [test.workspaceId, id],
    );
    expect((await call('get', { params: { recipe_id: 'a' } })).body).toMatchObject({
      runs_total: 1,
      last_run_at: '2026-01-02T03:04:05.000Z',
    });
  });
});

describe('removal', () => {
  it('hides the recipe and frees its slug', async () => {
    await create(yaml('a'));
    await call('remove', { params: { recipe_id: 'a' } });
    expect((await failureOf(call('get', { params: { recipe_id: 'a' } }))).code).toBe(
      'recipes.recipe.not_found',
    );
    expect((await create(yaml('a'))).version).toBe(1);
  });
});

describe('starting', () => {
  const execute = (body: object, headers: Record<string, string> = {}) =>
    call('execute', { params: { recipe_id: 'a' }, body, headers });

  it('freezes version, agents and inputs with defaults', async () => {
    const saved = await create(yaml('a'));
    await execute({ inputs: { path: 'src' }, title: 'Mine' }, { 'idempotency-key': 'k1' });
    expect(started[0]?.request).toMatchObject({
      kind: 'recipe',
      title: 'Mine',
      inputs: { path: 'src', mode: 'fast' },
      recipe: { id: saved.id, slug: 'a', version: 1 },
      by: { kind: 'user', id: 'u1', name: 'Ann' },
      idempotencyKey: 'k1',
      steps: [
        { stepId: 'look', type: 'agent', agent: 'security', dependsOn: [] },
        { stepId: 'scan', type: 'tool', tool: 'secret_scan', dependsOn: ['look'] },
      ],
    });
    const plan = started[0]?.request.plan as {
      agents: { security: { agent: { slug: string }; persona_prompt: string } };
    };
    expect(plan.agents.security.agent.slug).toBe('security');
    expect(plan.agents.security.persona_prompt.length).toBeGreaterThan(20);
  });

  it('refuses inputs that do not fit, all at once, with pointers', async () => {
    await create(yaml('a'));
    const error = await failureOf(execute({ inputs: { mode: 'fasst' } }));
    expect(error.code).toBe('recipes.inputs.invalid');
    expect(error.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/inputs/mode',
      '/inputs/path',
    ]);
    expect(started).toEqual([]);
  });

  it('refuses when an agent takes no work any more', async () => {
    await create(yaml('a'));
    await test.database.pool.query("UPDATE agents SET status = 'paused' WHERE slug = 'security'");
    const error = await failureOf(execute({ inputs: { path: 'x' } }));
    await test.database.pool.query("UPDATE agents SET status = 'active' WHERE slug = 'security'");
    expect(error).toMatchObject({
      code: 'recipes.recipe.not_runnable',
      errors: [{ pointer: '/steps/0/agent' }],
    });
  });

  it('names what an unknown recipe probably meant', async () => {
    await create(yaml('repository-health-review'));
    const error = await failureOf(
      call('execute', { params: { recipe_id: 'repo-health-review' }, body: {} }),
    );
    expect(error).toMatchObject({ code: 'recipes.recipe.not_found', kind: 'not-found' });
    expect(error.message).toContain('Did you mean "repository-health-review"?');
  });
});

describe('workspaces', () => {
  it('see nothing of each other', async () => {
    const { id } = await create(yaml('a'));
    for (const [name, part] of [
      ['get', {}],
      ['versions', {}],
      ['remove', {}],
      ['execute', { body: {} }],
      ['update', { body: { yaml: yaml('a', 'x') }, headers: { 'if-match': '1' } }],
    ] as const) {
      const error = await failureOf(
        call(name, { params: { recipe_id: id }, ...part }, test.otherWorkspaceId),
      );
      expect(error.code, name).toBe('recipes.recipe.not_found');
    }
    const list = await call('list', {}, test.otherWorkspaceId);
    expect((list.body as { total: number }).total).toBe(0);
  });
});

describe('agents in use', () => {
  it('are named with their recipes, by slug or id', async () => {
    await create(yaml('b'));
    await create(yaml('a'));
    const used = (slug: string) =>
      test.database.workspace(test.workspaceId, (tx) =>
        recipesUsingAgent(tx, { id: '01990000-0000-7000-8000-0000000000ff', slug }),
      );
    expect(await used('security')).toEqual(['a', 'b']);
    expect(await used('code')).toEqual([]);
  });
});

describe('seeding', () => {
  const scope = () => ({ workspaceId: test.workspaceId, by: ANN });
  const seed = async (change: (text: string) => string = (text) => text) => {
    const shipped = (await loadShippedRecipes()).map((recipe) => ({
      ...recipe,
      definition: { ...recipe.definition, description: change(recipe.definition.description) },
    }));
    return test.database.workspace(test.workspaceId, (tx) =>
      seedRecipes(tx, test.workspaceId, { nowMs: Date.now(), shipped }),
    );
  };

  it('adds once, renews what nobody changed, leaves the rest', async () => {
    const { length: count } = await loadShippedRecipes();
    expect(await seed()).toEqual({ added: count, renewed: 0 });
    expect(await seed()).toEqual({ added: 0, renewed: 0 });
    const mine = await service.get(test.workspaceId, 'data-profile-report');
    await service.update(scope(), {
      ref: mine.slug,
      ifMatch: '1',
      source: { definition: { ...mine.definition, name: 'Mine' } },
    });
    await service.remove(scope(), 'incident-log-triage');
    expect(await seed((text) => `${text} Newer.`)).toEqual({ added: 0, renewed: count - 2 });
    expect(await service.get(test.workspaceId, 'repository-health-review')).toMatchObject({
      version: 2,
      seeded: true,
    });
    expect(await service.get(test.workspaceId, 'data-profile-report')).toMatchObject({
      version: 2,
      name: 'Mine',
    });
    expect((await failureOf(service.get(test.workspaceId, 'incident-log-triage'))).code).toBe(
      'recipes.recipe.not_found',
    );
  });

  it('every seeded recipe passes its own validation in the workspace', async () => {
    await seed();
    for (const { slug, yaml: text } of await Promise.all(
      (await loadShippedRecipes()).map(({ definition }) =>
        service.get(test.workspaceId, definition.slug),
      ),
    )) {
      expect((await service.validate(test.workspaceId, { yaml: text })).problems, slug).toEqual([]);
    }
  });
});
