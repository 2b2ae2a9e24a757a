import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyToValue, isObject, sameJson, type Edit, type Json, type Path } from './json-edit.ts';
import { editYaml, locate, parseYaml } from './yaml-edit.ts';

const RECIPE = `# Written by hand
slug: review # keep short
name: 'Review'
tags: [a, b] # two
description: >-
  A folded text that goes on
  over two lines.

inputs:
  type: object
  # what is asked
  properties:
    path: { type: string, title: Folder } # one

steps:
  # first of all
  - step_id: scan
    type: tool # a tool
    tool: secret_scan
    input: { path: '{{inputs.path}}', deep: false }

  - step_id: write
    agent: docs
    # the prompt
    prompt_template: | # literal
      First line

        indented
      Last line

  # side by side
  - step_id: both
    type: parallel
    steps:
      - step_id: left # left one
        agent: a
        prompt_template: x
      # the right one
      - step_id: right
        agent: b
        prompt_template: y
outputs:
  report: '{{steps.write}}' # out
# the end
`;
const valueOf = (text: string): Json => {
  const parsed = parseYaml(text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems) + text);
  return parsed.value;
};
const changedLines = (before: string, after: string) => {
  const old = before.split('\n');
  const fresh = after.split('\n');
  return {
    gone: old.filter((line) => !fresh.includes(line)),
    added: fresh.filter((line) => !old.includes(line)),
  };
};

describe('one edit changes one place', () => {
  it.each<[string, Edit, { gone: string[]; added: string[] }]>([
    [
      'a plain value, its comment stays',
      { kind: 'set', path: ['slug'], value: 'audit' },
      { gone: ['slug: review # keep short'], added: ['slug: audit # keep short'] },
    ],
    [
      'quotes stay quotes',
      { kind: 'set', path: ['name'], value: 'Audit' },
      { gone: ["name: 'Review'"], added: ["name: 'Audit'"] },
    ],
    [
      'a value in brackets',
      { kind: 'set', path: ['steps', 0, 'input', 'deep'], value: true },
      {
        gone: ["    input: { path: '{{inputs.path}}', deep: false }"],
        added: ["    input: { path: '{{inputs.path}}', deep: true }"],
      },
    ],
    [
      'a list in brackets grows',
      { kind: 'insert', path: ['tags'], index: 2, value: 'c' },
      { gone: ['tags: [a, b] # two'], added: ['tags: [a, b, c] # two'] },
    ],
    [
      'a text of lines',
      {
        kind: 'set',
        path: ['steps', 1, 'prompt_template'],
        value: 'First line\n\n  indented\nOther line\n',
      },
      { gone: ['      Last line'], added: ['      Other line'] },
    ],
    [
      'a new key goes to its place',
      { kind: 'set', path: ['steps', 0, 'name'], value: 'Scan' },
      { gone: [], added: ['    name: Scan'] },
    ],
    [
      'a nested new key',
      { kind: 'set', path: ['steps', 0, 'retry', 'max_attempts'], value: 3 },
      { gone: [], added: ['    retry:', '      max_attempts: 3'] },
    ],
    [
      'a key is renamed',
      { kind: 'rename', path: ['inputs', 'properties', 'path'], key: 'folder' },
      {
        gone: ['    path: { type: string, title: Folder } # one'],
        added: ['    folder: { type: string, title: Folder } # one'],
      },
    ],
    [
      'a removed key takes its line along',
      { kind: 'remove', path: ['steps', 0, 'tool'] },
      { gone: ['    tool: secret_scan'], added: [] },
    ],
  ])('%s', (_name, edit, expected) => {
    const after = editYaml(RECIPE, edit);
    expect(changedLines(RECIPE, after)).toEqual(expected);
    expect(valueOf(after)).toEqual(applyToValue(valueOf(RECIPE), edit));
  });

  it('moves a step with its comments and leaves the blank lines where they were', () => {
    const after = editYaml(RECIPE, { kind: 'move', from: ['steps', 0], to: ['steps'], index: 1 });
    expect(after).toContain('steps:\n  - step_id: write\n');
    expect(after).toContain(
      '      Last line\n\n  # first of all\n  - step_id: scan\n    type: tool # a tool\n',
    );
    expect(after.split('\n').toSorted()).toEqual(RECIPE.split('\n').toSorted());
  });

  it('moves a step into a container and out again, and the text is as before', () => {
    const inside = editYaml(RECIPE, {
      kind: 'move',
      from: ['steps', 1],
      to: ['steps', 2, 'steps'],
      index: 1,
    });
    expect(inside).toContain('      - step_id: write\n        agent: docs\n        # the prompt\n');
    expect(inside).toContain(
      '        prompt_template: | # literal\n          First line\n\n            indented\n',
    );
    const back = editYaml(inside, {
      kind: 'move',
      from: ['steps', 1, 'steps', 1],
      to: ['steps'],
      index: 1,
    });
    expect(back).toBe(RECIPE);
  });

  it('takes the last step of a container out and puts one back, comments included', () => {
    const one = editYaml(RECIPE, { kind: 'remove', path: ['steps', 2, 'steps', 1] });
    const none = editYaml(one, {
      kind: 'move',
      from: ['steps', 2, 'steps', 0],
      to: ['steps'],
      index: 0,
    });
    expect(none).toContain('    steps: []');
    const back = editYaml(none, {
      kind: 'move',
      from: ['steps', 0],
      to: ['steps', 3, 'steps'],
      index: 0,
    });
    expect(back).toContain('      - step_id: left # left one\n        agent: a\n');
  });

  it('keeps the folding of a folded text and the header comment of a literal one', () => {
    const folded = editYaml(RECIPE, { kind: 'set', path: ['description'], value: 'Now short.' });
    expect(folded).toContain('description: >-\n  Now short.\n');
    const plain = editYaml(RECIPE, {
      kind: 'set',
      path: ['steps', 1, 'prompt_template'],
      value: 'x\ny\n',
    });
    expect(plain).toContain('prompt_template: | # literal\n      x\n      y\n');
  });
});

it('gives the same value for texts that cannot be cut: one in brackets, one with aliases', () => {
  const flow = '{slug: a, steps: [{step_id: x}, {step_id: y}]}';
  const moved = editYaml(flow, { kind: 'move', from: ['steps', 0], to: ['steps'], index: 1 });
  expect(valueOf(moved)).toEqual({ slug: 'a', steps: [{ step_id: 'y' }, { step_id: 'x' }] });
  const alias = 'a: &x\n  k: 1\nb: *x # again\n';
  const set = editYaml(alias, { kind: 'set', path: ['b', 'k'], value: 2 });
  expect(valueOf(set)).toEqual({ a: { k: 1 }, b: { k: 2 } });
  expect(editYaml('', { kind: 'set', path: ['slug'], value: 'x' })).toBe('slug: x\n');
});

it('leaves a text that is no YAML alone and says where it breaks', () => {
  const broken = 'slug: a\nsteps: [\nname: b';
  expect(editYaml(broken, { kind: 'set', path: ['slug'], value: 'x' })).toBe(broken);
  const parsed = parseYaml(broken);
  expect('problems' in parsed && parsed.problems[0]).toMatchObject({ line: 3, column: 1 });
});

it('finds the place of a pointer, or of the nearest thing above it', () => {
  expect(locate(RECIPE, ['steps', '2', 'steps', '1', 'agent'])).toEqual({ line: 40, column: 9 });
  expect(locate(RECIPE, ['steps', '0', 'missing'])).toEqual({ line: 17, column: 5 });
});

// Any edit of any place gives exactly the edited value and loses no comment of what it did not touch.
const text = fc.oneof(
  fc.constantFrom(
    'plain',
    "it's",
    '{{inputs.path}}',
    '# no comment',
    'yes',
    '12',
    '',
    ' lead',
    'a: b',
    '- x',
    'two\nlines',
    'x\n\n  y\n',
    'tail \n',
  ),
  fc.string({ maxLength: 20 }),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'key_c', 'd e'), tie('json'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).json;

function pathsOf(value: Json, path: Path = []): Path[] {
  const inner = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : isObject(value)
      ? Object.entries(value)
      : [];
  return [path, ...inner.flatMap(([part, item]) => pathsOf(item, [...path, part]))];
}

function isUnder(path: Path, ancestor: Path): boolean {
  return ancestor.every((part, level) => path[level] === part);
}

const edits = (value: Json) => {
  const all = pathsOf(value).filter((path) => path.length > 0);
  const lists = pathsOf(value).filter((path) => Array.isArray(at(value, path)));
  const items = all.filter((path) => typeof path.at(-1) === 'number');
  const keys = all.filter((path) => typeof path.at(-1) === 'string');
  return fc.oneof(
    fc.record({ kind: fc.constant('set' as const), path: fc.constantFrom(...all), value: json }),
    fc.record({ kind: fc.constant('remove' as const), path: fc.constantFrom(...all) }),
    fc.record({
      kind: fc.constant('insert' as const),
      path: fc.constantFrom(...lists),
      index: fc.nat(2),
      value: json,
    }),
    fc
      .record({
        kind: fc.constant('move' as const),
        from: fc.constantFrom(...items),
        to: fc.constantFrom(...lists),
        index: fc.nat(2),
      })
      .filter(({ from, to }) => !isUnder(to, from)),
    fc.record({
      kind: fc.constant('rename' as const),
      path: fc.constantFrom(...keys),
      key: fc.constantFrom('zz', 'other key', 'k: v'),
    }),
  );
};
const at = (value: Json, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(
    (each, part) => (each as Record<PropertyKey, Json> | undefined)?.[part],
    value,
  );

describe('properties', () => {
  it('after any edits in a row the text reads as the edited value', () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        let current = RECIPE;
        for (let round = 0; round < 4; round += 1) {
          const before = valueOf(current);
          if (pathsOf(before).filter((path) => Array.isArray(at(before, path))).length === 0)
            return;
          const edit: Edit = gen(() => edits(before));
          current = editYaml(current, edit);
          const wanted = applyToValue(before, edit);
          expect(sameJson(valueOf(current), wanted), `${JSON.stringify(edit)}\n${current}`).toBe(
            true,
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it('setting a value keeps every comment and every line outside of it', () => {
    const value = valueOf(RECIPE);
    const leaves = pathsOf(value).filter(
      (path) => typeof at(value, path) !== 'object' && path.length > 0,
    );
    const comments = RECIPE.match(/# .*$/gm) ?? [];
    fc.assert(
      fc.property(fc.constantFrom(...leaves), json, (path, next) => {
        const after = editYaml(RECIPE, { kind: 'set', path, value: next });
        for (const comment of comments) expect(after, comment).toContain(comment);
        const { gone } = changedLines(RECIPE, after);
        expect(gone.length).toBeLessThanOrEqual(
          path.includes('prompt_template') || path.includes('description') ? 5 : 1,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('moving a step anywhere keeps every comment', () => {
    const comments = RECIPE.match(/# .*$/gm) ?? [];
    const value = valueOf(RECIPE);
    const steps: Path[] = [
      ['steps', 0],
      ['steps', 1],
      ['steps', 2],
      ['steps', 2, 'steps', 0],
      ['steps', 2, 'steps', 1],
    ];
    const lists: Path[] = [['steps'], ['steps', 2, 'steps']];
    fc.assert(
      fc.property(
        fc.constantFrom(...steps),
        fc.constantFrom(...lists),
        fc.nat(3),
        (from, to, index) => {
          fc.pre(!isUnder(to, from));
          const edit: Edit = { kind: 'move', from, to, index };
          const after = editYaml(RECIPE, edit);
          expect(sameJson(valueOf(after), applyToValue(value, edit))).toBe(true);
          for (const comment of comments) expect(after, comment).toContain(comment);
        },
      ),
    );
  });
});
