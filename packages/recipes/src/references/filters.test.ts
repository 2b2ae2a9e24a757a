import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { FILTERS } from './filters.ts';

it('the README names every filter', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const missing = Object.keys(FILTERS).filter((name) => !new RegExp(`\`${name}[\`:]`).test(readme));
  expect(missing).toEqual([]);
});
