import { newId } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRecipeRoom, failureOf, sampleYaml } from './recipe-room.fixture.ts';
import type { Part, RecipeRoom, RouteName } from './recipe-room.fixture.ts';

let room: RecipeRoom;
beforeAll(async () => {
  room = await createRecipeRoom();
});
afterAll(() => room.close());
beforeEach(async () => {
  await room.clear();
  await room.create(sampleYaml('a'));
  room.emitted.length = 0;
});

interface Bad {
  route: RouteName;
  what: string;
  part: Part;
  /** Code of the error, or `contract` for what the edge refuses by the route's schema. */
  code: string;
  /** Where the error points, as JSON pointer. */
  pointer?: string;
}

const a = { recipe_id: 'a' };
const typo = { recipe_id: 'aa' };
const bad = (text: string) => ({ yaml: `${sampleYaml('b')}${text}` });
const match = { headers: { 'if-match': '1' } };
const invalid = 'recipes.definition.invalid';
const missing = 'recipes.recipe.not_found';

const table: Bad[] = [
  {
    route: 'list',
    what: 'a foreign cursor',
    part: { query: { cursor: 'bm9wZQ' } },
    code: 'recipes.list.cursor_invalid',
    pointer: '/cursor',
  },
  {
    route: 'list',
    what: 'too much at once',
    part: { query: { limit: '101' } },
    code: 'contract',
    pointer: '/limit',
  },
  {
    route: 'list',
    what: 'an unknown filter',
    part: { query: { nmae: 'x' } },
    code: 'contract',
    pointer: '',
  },
  {
    route: 'create',
    what: 'both forms at once',
    part: { body: { ...bad(''), definition: {} } },
    code: 'contract',
    pointer: '',
  },
  {
    route: 'create',
    what: 'no YAML',
    part: { body: { yaml: 'slug: [' } },
    code: invalid,
    pointer: '',
  },
  {
    route: 'create',
    what: 'no object',
    part: { body: { yaml: '- 1' } },
    code: invalid,
    pointer: '',
  },
  {
    route: 'create',
    what: 'an unknown field',
    part: { body: bad('nmae: x\n') },
    code: invalid,
    pointer: '/nmae',
  },
  {
    route: 'create',
    what: 'an unknown agent',
    part: { body: { yaml: sampleYaml('b').replace('security', 'secuirty') } },
    code: invalid,
    pointer: '/steps/0/agent',
  },
  {
    route: 'create',
    what: 'an impossible schedule',
    part: { body: bad('schedule: { cron: "61 * * * *" }\n') },
    code: invalid,
    pointer: '/schedule/cron',
  },
  {
    route: 'create',
    what: 'an unknown recipe',
    part: { body: bad('  - { step_id: sub, type: recipe, recipe: aa }\n') },
    code: invalid,
    pointer: '/steps/2/recipe',
  },
  {
    route: 'create',
    what: 'a taken slug',
    part: { body: { yaml: sampleYaml('a') } },
    code: 'recipes.recipe.slug_taken',
    pointer: '/slug',
  },
  { route: 'validate', what: 'nothing', part: { body: {} }, code: 'contract', pointer: '' },
  {
    route: 'get',
    what: 'an unknown recipe',
    part: { params: typo },
    code: missing,
    pointer: '/recipe_id',
  },
  {
    route: 'update',
    what: 'an unknown recipe',
    part: { params: typo, body: bad(''), ...match },
    code: missing,
    pointer: '/recipe_id',
  },
  {
    route: 'update',
    what: 'no version',
    part: { params: a, body: bad('') },
    code: 'recipes.recipe.version_required',
  },
  {
    route: 'update',
    what: 'another version',
    part: { params: a, body: bad(''), headers: { 'if-match': '7' } },
    code: 'recipes.recipe.version_mismatch',
  },
  {
    route: 'update',
    what: 'another slug',
    part: { params: a, body: bad(''), ...match },
    code: 'recipes.recipe.slug_fixed',
    pointer: '/slug',
  },
  {
    route: 'update',
    what: 'a broken step',
    part: {
      params: a,
      body: { yaml: sampleYaml('a').replace('tool: secret_scan', 'tool: 3') },
      ...match,
    },
    code: invalid,
    pointer: '/steps/1/tool',
  },
  {
    route: 'remove',
    what: 'an unknown recipe',
    part: { params: typo },
    code: missing,
    pointer: '/recipe_id',
  },
  {
    route: 'versions',
    what: 'a foreign cursor',
    part: { params: a, query: { cursor: 'e30' } },
    code: 'recipes.list.cursor_invalid',
    pointer: '/cursor',
  },
  {
    route: 'version',
    what: 'an unknown version',
    part: { params: { ...a, version: '2' } },
    code: 'recipes.version.not_found',
    pointer: '/version',
  },
  {
    route: 'version',
    what: 'no number',
    part: { params: { ...a, version: 'x' } },
    code: 'contract',
    pointer: '/version',
  },
  {
    route: 'execute',
    what: 'missing inputs',
    part: { params: a, body: {} },
    code: 'recipes.inputs.invalid',
    pointer: '/inputs/path',
  },
  {
    route: 'execute',
    what: 'inputs of another type',
    part: { params: a, body: { inputs: { path: 1 } } },
    code: 'recipes.inputs.invalid',
    pointer: '/inputs/path',
  },
  {
    route: 'execute',
    what: 'an unknown priority',
    part: { params: a, body: { priority: 'urgent' } },
    code: 'contract',
    pointer: '/priority',
  },
  {
    route: 'execute',
    what: 'an unknown version',
    part: { params: a, body: { inputs: { path: 'x' }, version: 3 } },
    code: 'recipes.version.not_found',
    pointer: '/version',
  },
  {
    route: 'diff',
    what: 'an unknown version',
    part: { params: { ...a, version: 1 }, query: { to: 2 } },
    code: 'recipes.version.not_found',
    pointer: '/version',
  },
  {
    route: 'restore',
    what: 'an unknown version',
    part: { params: { ...a, version: 2 }, ...match },
    code: 'recipes.version.not_found',
    pointer: '/version',
  },
  {
    route: 'restore',
    what: 'no version read',
    part: { params: { ...a, version: 1 } },
    code: 'recipes.recipe.version_required',
  },
  {
    route: 'export',
    what: 'an unknown format',
    part: { params: a, query: { format: 'xml' } },
    code: 'contract',
    pointer: '/format',
  },
  {
    route: 'export',
    what: 'an unknown version',
    part: { params: a, query: { version: 4 } },
    code: 'recipes.version.not_found',
    pointer: '/version',
  },
  {
    route: 'import',
    what: 'nothing',
    part: { body: { yaml: '#\n' } },
    code: 'recipes.import.invalid',
    pointer: '/yaml',
  },
  {
    route: 'import',
    what: 'one bad of two',
    part: { body: { yaml: `${sampleYaml('b')}---\nslug: c` } },
    code: 'recipes.import.invalid',
    pointer: '/documents/1/name',
  },
  {
    route: 'import',
    what: 'text that is no YAML',
    part: { body: { yaml: `${sampleYaml('b')}---\na: [` } },
    code: 'recipes.import.invalid',
    pointer: '/documents/1',
  },
  {
    route: 'import',
    what: 'a taken slug',
    part: { body: { yaml: `${sampleYaml('b')}---\n${sampleYaml('a')}` } },
    code: 'recipes.import.slug_taken',
    pointer: '/documents/1/slug',
  },
  {
    route: 'import',
    what: 'an unknown policy',
    part: { body: { yaml: sampleYaml('b'), on_conflict: 'overwrite' } },
    code: 'contract',
    pointer: '/on_conflict',
  },
  {
    route: 'install',
    what: 'an unknown recipe',
    part: { params: { slug: 'nothing' } },
    code: 'recipes.featured.not_found',
    pointer: '/slug',
  },
  {
    route: 'install',
    what: 'a recipe that waits',
    part: { params: { slug: 'later' } },
    code: 'recipes.featured.waiting',
    pointer: '/slug',
  },
  {
    route: 'stats',
    what: 'too many days',
    part: { query: { days: 91 } },
    code: 'contract',
    pointer: '/days',
  },
  {
    route: 'retry',
    what: 'an unknown run',
    part: { params: { run_id: newId() } },
    code: 'run.item.not_found',
  },
  {
    route: 'retry',
    what: 'no id',
    part: { params: { run_id: 'x' } },
    code: 'contract',
    pointer: '/run_id',
  },
  {
    route: 'fork',
    what: 'no step',
    part: { params: { run_id: newId() }, body: {} },
    code: 'contract',
    pointer: '/from_step',
  },
];

/** Rows of everything that a recipe request could leave behind. */
async function rows(): Promise<unknown> {
  const { rows: counts } = await room.test.database.pool.query(
    `SELECT (SELECT count(*)::int FROM recipes) AS recipes, (SELECT sum(version)::int FROM recipes) AS versions,
      (SELECT count(*)::int FROM recipe_versions) AS stored, (SELECT count(*)::int FROM runs) AS runs,
      (SELECT count(*)::int FROM recipes WHERE deleted_at IS NOT NULL) AS deleted`,
  );
  return counts[0];
}

/** What the edge or the service said, in one form. */
function seenOf(failure: unknown): { code: string; internal: boolean; pointers: string[] } {
  if (failure instanceof z.ZodError) {
    const pointers = failure.issues.map(({ path }) =>
      path.map((key) => `/${String(key)}`).join(''),
    );
    return { code: 'contract', internal: false, pointers };
  }
  const { code, kind, errors = [] } = failure as PlatformError;
  return { code, internal: kind === 'internal', pointers: errors.map((one) => one.pointer) };
}

describe('bad input', () => {
  it.each(table)('$route refuses $what', async ({ route, part, code, pointer }) => {
    const before = await rows();
    const seen = seenOf(await failureOf(room.call(route, part)));
    expect(seen).toMatchObject({ code, internal: false });
    expect(pointer === undefined || seen.pointers.includes(pointer), seen.pointers.join()).toBe(
      true,
    );
    expect(await rows()).toEqual(before);
    expect([room.emitted, room.started]).toEqual([[], []]);
  });
});
