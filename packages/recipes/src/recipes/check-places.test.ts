import { createWorkspaceRoots } from '@automatos/tools';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPlaces } from './check-places.ts';

let base = '';
let inside = '';

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'places-'));
  inside = path.join(base, 'allowed');
  await mkdir(path.join(inside, 'repository'), { recursive: true });
  await mkdir(path.join(base, 'secret'));
  await writeFile(path.join(inside, 'data.csv'), 'a\n1\n');
  await symlink(path.join(base, 'secret'), path.join(inside, 'way-out'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string', format: 'folder' },
    data: { type: 'string', format: 'file' },
    more: { type: 'array', items: { type: 'string', format: 'file' } },
    text: { type: 'string' },
  },
};

function check(inputs: Record<string, string | string[]>) {
  return checkPlaces(schema, inputs, createWorkspaceRoots([inside]));
}

describe('places named by the inputs of a run', () => {
  it('passes folders and files inside, absolute and relative, and what names no place', async () => {
    const inputs = {
      path: path.join(inside, 'repository'),
      data: 'data.csv',
      more: ['data.csv'],
      text: '/etc',
    };
    expect(await check(inputs)).toEqual([]);
    expect(await check({})).toEqual([]);
  });

  it.each([
    [
      'outside',
      () => ({ path: path.join(base, 'secret') }),
      '/path',
      /outside the allowed folders.*AUTOMATOS_ROOTS/,
    ],
    ['a link that leads out', () => ({ path: 'way-out' }), '/path', /outside the allowed folders/],
    ['nothing there', () => ({ path: 'gone' }), '/path', /Nothing exists at "gone"/],
    ['a file for a folder', () => ({ path: 'data.csv' }), '/path', /is no folder/],
    ['a folder for a file', () => ({ data: 'repository' }), '/data', /is no file/],
    ['one of a list', () => ({ more: ['data.csv', 'gone.csv'] }), '/more/1', /Nothing exists/],
  ] as const)('names the field: %s', async (...[, inputs, pointer, message]) => {
    const problems = await check({ ...inputs() } as Record<string, string | string[]>);
    expect(problems).toEqual([{ pointer, message: expect.stringMatching(message) }]);
  });
});
