import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_KINDS } from '@automatos/kernel';
import { beforeAll, expect, test } from 'vitest';
import { findUsedCodes, readErrorCodes, renderErrorReference } from './lib/error-reference.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let rows;
let found;

beforeAll(async () => {
  rows = await readErrorCodes(root);
  found = findUsedCodes(root);
});

test('docs/errors.md is current: node scripts/write-error-reference.mjs', () => {
  const file = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  expect(file).toBe(renderErrorReference(ERROR_KINDS, rows));
});

test('every code that the sources use is documented', () => {
  expect(found.files).toBeGreaterThan(300);
  const documented = new Set(rows.map(({ code }) => code));
  const missing = [...found.used].filter(([code]) => !documented.has(code));
  expect(missing).toEqual([]);
});

test('every documented code is used', () => {
  expect(rows.length).toBeGreaterThan(150);
  expect(rows.map(({ code }) => code).filter((code) => !found.used.has(code))).toEqual([]);
});

test('codes have the form area.noun.reason, and their sentences end', () => {
  for (const { code, doc } of rows) {
    expect(code).toMatch(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/);
    expect(doc, code).toMatch(/\.$/);
  }
});
