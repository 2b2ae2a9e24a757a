import { expect, test } from 'vitest';
import { slugCandidates, slugFrom } from './slugs.ts';

test.each([
  ['Senior Engineer', 'senior-engineer'],
  ['  --Crème brûlée & Øl!  ', 'creme-brulee-ol'],
  ['東京', 'agent'],
  ['01990000-0000-7000-8000-00000000000a', 'agent'],
  [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
])('%s → %s', (name, slug) => {
  expect(slugFrom(name, 'agent')).toBe(slug);
});

test('candidates stay within the length', () => {
  const [first, second] = slugCandidates('a'.repeat(64));
  expect([first, second]).toEqual(['a'.repeat(64), `${'a'.repeat(62)}-2`]);
});
