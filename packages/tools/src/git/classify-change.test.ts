import { expect, test } from 'vitest';
import { classifyChange } from './classify-change.ts';

test.each([
  ['feat(api)!: drop v1', { kind: 'feat', scope: 'api', breaking: true, text: 'drop v1' }],
  ['fix: empty list', { kind: 'fix', scope: null, breaking: false, text: 'empty list' }],
  ['ci: cache packages', { kind: 'build', scope: null, breaking: false, text: 'cache packages' }],
  ['Fixes crash on start', { kind: 'fix', breaking: false, text: 'Fixes crash on start' }],
  ['Add dark mode', { kind: 'feat', text: 'Add dark mode' }],
  ['Bump lodash to 4.17.21', { kind: 'build' }],
  ['Rename field (BREAKING CHANGE)', { kind: 'refactor', breaking: true }],
  ['wip', { kind: 'other', text: 'wip' }],
  ['note: something', { kind: 'other', text: 'note: something' }],
])('%s', (subject, expected) => {
  expect(classifyChange(subject)).toMatchObject(expected);
});
