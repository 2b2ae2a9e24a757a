import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkChanged, forget } from './fingerprint.mjs';

let root;
const record = () => join(root, 'out/record.json');
const check = () => checkChanged(root, ['src', 'lock.json', 'not-there'], record());

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'automatos-fingerprint-'));
  mkdirSync(join(root, 'src/deep'), { recursive: true });
  writeFileSync(join(root, 'src/deep/a.ts'), 'one');
  writeFileSync(join(root, 'lock.json'), '{}');
  check().save();
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('nothing changed after a save', () => {
  expect(check().changed).toBe(false);
});

const CHANGES = {
  'another content of the same size': () => {
    writeFileSync(join(root, 'src/deep/a.ts'), 'two');
    // The two writes may lie within one tick of the file system's clock.
    utimesSync(join(root, 'src/deep/a.ts'), 2000, 2000);
  },
  'a new file': () => writeFileSync(join(root, 'src/b.ts'), ''),
  'a file that is gone': () => rmSync(join(root, 'src/deep/a.ts')),
  'a named file': () => writeFileSync(join(root, 'lock.json'), '{"a":1}'),
  'a record that was cut off': () => writeFileSync(record(), '{"quick":"'),
  'a record that was forgotten': () => forget(record()),
};

test.each(Object.entries(CHANGES))('%s is a change', (_name, change) => {
  change();
  expect(check().changed).toBe(true);
});

const NO_CHANGES = {
  'another time': () => utimesSync(join(root, 'src/deep/a.ts'), 1000, 1000),
  'a test': () => writeFileSync(join(root, 'src/a.test.ts'), 'x'),
  'an installed package': () => mkdirSync(join(root, 'src/node_modules/x'), { recursive: true }),
  'a file that the web build writes': () => writeFileSync(join(root, 'src/next-env.d.ts'), 'x'),
};

test.each(Object.entries(NO_CHANGES))('%s is no change', (_name, change) => {
  change();
  expect(check().changed).toBe(false);
  expect(check().changed).toBe(false);
});

test('a file that changes during the build is a change at the next check', () => {
  writeFileSync(join(root, 'src/deep/a.ts'), 'before');
  const state = check();
  writeFileSync(join(root, 'src/deep/a.ts'), 'during the build');
  state.save();
  expect(check().changed).toBe(true);
});
