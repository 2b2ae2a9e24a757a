import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.ts';

test('a text that comes again gets one name and keeps it; others have none, or another', () => {
  const nameOf = createStatementNames();
  const names = ['a', 'a', 'a', 'b', 'a', 'b', 'b'].map(nameOf);
  expect(names).toEqual([
    undefined,
    undefined,
    'automatos_read_0',
    undefined,
    'automatos_read_0',
    undefined,
    'automatos_read_1',
  ]);
});

test('names are bounded, and ever new texts crowd nobody out', () => {
  const nameOf = createStatementNames();
  for (let text = 0; text < 10_000; text += 1) nameOf(`once ${text}`);
  const names = new Set<string | undefined>();
  for (let text = 0; text < 300; text += 1)
    for (let count = 0; count < 3; count += 1) names.add(nameOf(`often ${text}`));
  names.delete(undefined);
  expect(names.size).toBe(200);
});
