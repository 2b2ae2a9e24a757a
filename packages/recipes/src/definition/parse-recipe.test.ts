import type { PlatformError } from '@automatos/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecipe, readRecipe } from './parse-recipe.ts';
import { toYaml } from './to-yaml.ts';

const SOUND = `# kept
slug: a-b
name: A B
steps:
  - step_id: one
    agent: security
    prompt_template: |
      Look.
        Deeper.
`;

const problems = (yaml: string) => readRecipe({ yaml }).problems;

describe('bad documents', () => {
  it.each([
    ['broken YAML', 'slug: a\nsteps: [\nname: b', { line: 3, column: 1 }],
    ['a tab as indent', 'slug: a\nsteps:\n\t- x', { line: 3, column: 1 }],
    [
      'a key twice',
      'slug: a\nname: b\nslug: c',
      { line: 3, column: 1, message: 'the same key stands here twice' },
    ],
    [
      'two documents',
      'slug: a\n---\nslug: b',
      { line: 2, message: 'more than one YAML document; a recipe is one' },
    ],
    ['a list', '- a\n- b', { line: 1, message: 'a recipe is an object with slug, name and steps' }],
    ['a number', '1', { message: 'a recipe is an object with slug, name and steps' }],
    ['nothing', ' ', { message: 'a recipe is an object with slug, name and steps' }],
    [
      'a bomb of aliases',
      `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]`,
      { message: 'expands aliases more than 100 times; write the values out' },
    ],
    ['endless nesting', '['.repeat(100_000), { message: 'nests deeper than 60 levels' }],
    [
      'nesting',
      `a: ${'['.repeat(100)}${']'.repeat(100)}`,
      { message: 'nests deeper than 60 levels' },
    ],
    [
      'a NUL',
      'slug: "a\\0b"',
      { pointer: '/slug', message: 'holds a NUL or half a surrogate pair' },
    ],
  ])('%s', (_name, yaml, wanted) => {
    const [first] = problems(yaml);
    expect(first).toMatchObject(wanted);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.lorem()), (yaml) => {
        expect(problems(yaml).length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (definition) => {
        expect(readRecipe({ definition }).problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('fields', () => {
  it('reports every wrong one with its line', () => {
    const found = problems(`slug: Not A Slug
name: ""
execution: { parallel_limit: 99, paralel: 1 }
steps:
  - step_id: 1a
    agent: x
    prompt_template: ""
  - type: tool
    step_id: ok
    tool: [x]
`);
    expect(found.map(({ pointer, line }) => `${line} ${pointer}`).toSorted()).toEqual([
      '1 /slug',
      '10 /steps/1/tool',
      '2 /name',
      '3 /execution/paralel',
      '3 /execution/parallel_limit',
      '5 /steps/0/step_id',
      '7 /steps/0/prompt_template',
    ]);
  });

  it('throws them all together', () => {
    let thrown: unknown;
    try {
      parseRecipe({ yaml: 'slug: a' });
    } catch (error) {
      thrown = error;
    }
    const error = thrown as PlatformError;
    expect(error.code).toBe('recipes.definition.invalid');
    expect(error.errors?.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/name is required',
      '/steps is required',
    ]);
  });
});

describe('YAML and JSON forms', () => {
  it('are equal', () => {
    const definition = parseRecipe({ yaml: SOUND });
    expect(parseRecipe({ definition: JSON.parse(JSON.stringify(definition)) as object })).toEqual(
      definition,
    );
    expect(toYaml(definition)).toContain('prompt_template: |\n      Look.\n        Deeper.\n');
    expect(toYaml(definition)).not.toContain('execution');
  });
});
