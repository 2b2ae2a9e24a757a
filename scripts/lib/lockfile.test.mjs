import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeLockfile, findMissing, platformOf } from './lockfile.mjs';

const PLATFORMS = [
  ['@next/swc-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
  ['@oxlint/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['@swc/core-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@oxfmt/binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
  ['@tailwindcss/oxide-wasm32-wasi', { cpu: ['wasm32'] }],
  ['fsevents', undefined],
];

test.each(PLATFORMS)('the platform of %s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test('missing platform packages are added, present and nested ones are left alone', () => {
  const packages = {
    'node_modules/a': {
      version: '1.0.0',
      optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-win32-x64': '1.0.0' },
    },
    'node_modules/a/node_modules/a-linux-x64': { version: '1.0.0', optional: true, os: ['linux'] },
    'node_modules/b': { version: '2.0.0', optionalDependencies: { fsevents: '~2.3.3' } },
  };
  const { lock, added, unclear } = completeLockfile({ packages });
  expect(added).toEqual(['node_modules/a-win32-x64']);
  expect(unclear).toEqual(['fsevents']);
  expect(lock.packages['node_modules/a-win32-x64']).toEqual({
    version: '1.0.0',
    cpu: ['x64'],
    optional: true,
    os: ['win32'],
  });
});

test('the lockfile of this repository is one that npm ci accepts everywhere', () => {
  const lock = JSON.parse(
    readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  );
  const addressed = Object.entries(lock.packages).filter(
    ([, entry]) => entry.link !== true && entry.resolved !== undefined,
  );
  expect(addressed, 'run: node scripts/complete-lockfile.mjs').toEqual([]);
  const missing = findMissing(lock.packages).map(({ name }) => name);
  expect(missing, 'run: node scripts/complete-lockfile.mjs').toEqual([]);
});
