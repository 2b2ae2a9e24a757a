import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AGENTS_ERROR_CODES } from './error-codes.ts';

test('every documented code is thrown somewhere in this room', () => {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes('.test.') && !name.endsWith('error-codes.ts'),
  );
  const source = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  const nouns = [...source.matchAll(/notFound\('(\w+)'/g)].map(
    (match) => `${match[1]}.item.not_found`,
  );
  const unused = Object.keys(AGENTS_ERROR_CODES).filter(
    (code) => !source.includes(`'${code}'`) && !nouns.includes(code),
  );
  expect(unused).toEqual([]);
});
