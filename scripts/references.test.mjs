import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { findUsedCodes, readErrorCodes } from './lib/error-reference.mjs';
import { renderReferences } from './lib/reference-tables.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let rows;
let found;

beforeAll(async () => {
  rows = await readErrorCodes(root);
  found = findUsedCodes(root);
});

test('generated pages are current: node scripts/write-references.mjs (Node 24)', async () => {
  const pages = await renderReferences(root);
  expect(Object.keys(pages)).toContain('docs/errors.md');
  for (const [page, text] of Object.entries(pages))
    expect(readFileSync(join(root, page), 'utf8'), page).toBe(text);
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
