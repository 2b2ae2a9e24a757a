import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TASKS_ERROR_CODES } from './error-codes.ts';

test('every documented code is thrown somewhere in this room', () => {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes('.test.') && !name.endsWith('error-codes.ts'),
  );
  const source = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  const unused = Object.keys(TASKS_ERROR_CODES).filter(
    (code) => !source.includes(`'${code}'`) && code !== 'task.item.not_found',
  );
  expect(unused).toEqual([]);
  expect(source).toContain("notFound('task'");
});
