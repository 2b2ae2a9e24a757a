import { expect, test } from 'vitest';
import { explainFailure, samePackages } from './install.mjs';

const entry = (version) => ({ version, integrity: `sha512-${version}` });
const locked = {
  '': { version: '0.1.0' },
  'packages/kernel': { version: '0.1.0' },
  'node_modules/@automatos/kernel': { resolved: 'packages/kernel', link: true },
  'node_modules/zod': entry('4.6.7'),
  'node_modules/swc-darwin': { ...entry('1.0.0'), optional: true },
};
const { 'node_modules/swc-darwin': _other, '': _root, ...installed } = locked;

const CASES = [
  ['everything but a package for another platform', installed, true],
  ['another version', { ...installed, 'node_modules/zod': entry('4.6.6') }, false],
  [
    'another content',
    { ...installed, 'node_modules/zod': { version: '4.6.7', integrity: 'x' } },
    false,
  ],
  ['a package less', { 'packages/kernel': installed['packages/kernel'] }, false],
  [
    'a package that the lockfile does not have',
    { ...installed, 'node_modules/old': entry('1.0.0') },
    false,
  ],
];

test.each(CASES)('installed: %s', (_name, packages, same) => {
  expect(samePackages(locked, packages)).toBe(same);
});

const FAILURES = [
  ['npm error code ENOSPC', /disk is full/],
  ['npm error code ENOTFOUND\nnpm error network request failed', /registry could not be reached/],
  ['npm error code EACCES', /may not write here/],
  ['npm error code E404', /could not install the packages:\nnpm error code E404/],
];

test.each(FAILURES)('%j names the way out', (output, sentence) => {
  expect(explainFailure(output)).toMatch(sentence);
});
