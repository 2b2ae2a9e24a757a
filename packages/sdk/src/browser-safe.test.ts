import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('no source of the SDK imports Node, zod or another package at run time', async () => {
  const root = new URL('./', import.meta.url);
  const names = (await readdir(root, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  expect(names.length).toBeGreaterThan(10);
  const statement = /^(?:import|export)\s+(type\s)?[^;]*?from\s+["']([^"']+)["']/gm;
  for (const name of names) {
    const source = await readFile(new URL(name, root), 'utf8');
    for (const [, type, from] of source.matchAll(statement)) {
      expect(type !== undefined || from?.startsWith('.'), `${name} imports ${from}`).toBe(true);
    }
  }
});
