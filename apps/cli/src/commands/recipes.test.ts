import { expect, test } from 'vitest';
import { formatProblem } from './recipes.ts';

const place = { pointer: '/steps/0/tool', line: 9, column: 11, suggestion: 'secret_scan' };

test('a problem is one line that editors can link', () => {
  expect(formatProblem('a.yaml', { ...place, message: 'no such tool.' })).toBe(
    'a.yaml:9:11: no such tool. Did you mean secret_scan? (/steps/0/tool)',
  );
  expect(formatProblem('a.json', { pointer: '', message: 'is empty' })).toBe('a.json: is empty');
});

test('a suggestion that the message names itself stands there once', () => {
  const message = 'there is no tool "secret_scn"; did you mean "secret_scan"?';
  expect(formatProblem('a.yaml', { ...place, message })).toBe(
    `a.yaml:9:11: ${message} (/steps/0/tool)`,
  );
});
