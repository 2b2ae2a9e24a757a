import { expect, test } from 'vitest';
import { readAssessmentFilters, toAssessmentQuery } from './assessment-filters.ts';

const read = (address: string) => readAssessmentFilters(new URLSearchParams(address));

test('what an address asks for goes to the API, and what cannot be is left out', () => {
  expect(toAssessmentQuery(read('level=high&category=sqli&principal=user&q=union'))).toEqual({
    level: 'high',
    category: 'sqli',
    principal: 'user',
    search: 'union',
  });
  expect(toAssessmentQuery(read('level=terrible&category=&from=yesterday'))).toEqual({});
});

test('the last day is included whole', () => {
  const { from, to } = toAssessmentQuery(read('from=2026-03-01&to=2026-03-01'));
  expect(Date.parse(to as string) - Date.parse(from as string)).toBe(86_400_000);
});
