import type { JsonObject, JsonValue, PlatformError } from '@automatos/kernel';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FILTERS } from './filters.ts';
import { renderRooted } from './rooted.ts';

it('the README names every filter', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const missing = Object.keys(FILTERS).filter((name) => !new RegExp(`\`${name}[\`:]`).test(readme));
  expect(missing).toEqual([]);
});

const DATA: JsonObject = {
  numbers: [3, 1, 2],
  mixed: ['b', 2, null, 'a', 1],
  empty: [],
  rows: [
    { name: 'b', size: 2, kind: 'x', at: { line: 4 } },
    { name: 'a', size: 5, kind: 'y', at: { line: 2 } },
    { name: 'c', size: null, kind: 'x', at: {} },
  ],
  nested: [[1, [2]], 3],
  text: 'a, b,, c',
  half: 2.345,
  object: { b: 1, a: 2 },
};

describe('filters of lists, numbers and objects', () => {
  it.each<[string, JsonValue]>([
    ['numbers | sum', 6],
    ["rows | sum: 'size'", 7],
    ["rows | sum: 'at.line'", 6],
    ['empty | sum', 0],
    ['numbers | min', 1],
    ['numbers | max', 3],
    ["rows | max: 'size'", 5],
    ["rows | min: 'name'", 'a'],
    ['empty | max | default: 0', 0],
    ['half | round', 2],
    ['half | round: 2', 2.35],
    ["rows | count_by: 'kind'", { x: 2, y: 1 }],
    ["rows | where: 'kind', 'x' | map: 'name'", ['b', 'c']],
    ["rows | where: 'size', null | length", 1],
    ["rows | where: 'size', 5 | map: 'name'", ['a']],
    ['numbers | sort', [1, 2, 3]],
    ['mixed | sort', [1, 2, 'a', 'b', null]],
    ["rows | sort: 'name' | map: 'name'", ['a', 'b', 'c']],
    ["rows | sort: 'size', 'desc' | map: 'name'", ['a', 'b', 'c']],
    ["rows | unique: 'kind' | map: 'name'", ['b', 'a']],
    ['mixed | unique | length', 5],
    ['nested | flatten', [1, [2], 3]],
    ['numbers | slice: 1', [1, 2]],
    ['numbers | slice: 0, 2', [3, 1]],
    ['numbers | slice: -1', [2]],
    ['text | slice: 0, 4', 'a, b'],
    ["text | split: ','", ['a', 'b', 'c']],
    ["text | replace: ',', '$&'", 'a$& b$&$& c'],
    ['object | keys', ['b', 'a']],
    ['object | values', [1, 2]],
  ])('%s', (template, wanted) => {
    expect(renderRooted(`{{data.${template}}}`, { data: DATA })).toEqual(wanted);
  });

  it.each([
    ['mixed | sum', 'the filter "sum" adds numbers, not b'],
    ['empty | min', 'has no value'],
    ['text | sort', 'takes array, not string'],
    ['text | round', 'takes number, not string'],
  ])('%s is refused', (template, message) => {
    let thrown: unknown = null;
    try {
      renderRooted(`{{data.${template}}}`, { data: DATA });
    } catch (error) {
      thrown = error;
    }
    expect((thrown as PlatformError).code).toBe('recipes.reference.missing');
    expect((thrown as PlatformError).message).toContain(message);
  });
});
