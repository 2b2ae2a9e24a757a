import { expect, test } from 'vitest';
import { actionText, exportHref, readFilters, toQuery } from './audit-filters.ts';

const read = (address: string) => readFilters(new URLSearchParams(address));

test('an address becomes a query; what cannot be is left out', () => {
  expect(toQuery(read(''))).toEqual({});
  expect(toQuery(read('action=api_key.create&outcome=denied&actor=user&q=%20Ada%20'))).toEqual({
    action: 'api_key.create',
    outcome: 'denied',
    actor: 'user',
    search: 'Ada',
  });
  expect(toQuery(read('outcome=constructor&from=never&to=2026-99-99'))).toEqual({});
});

test('the last day is included whole', () => {
  const { from, to } = toQuery(read('from=2026-11-21&to=2026-11-21'));
  expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(86_400_000);
});

test('an export holds what the list shows', () => {
  expect(exportHref(read('action=run.start&q=a%26b'), 'csv')).toBe(
    '/api/audit/export?action=run.start&search=a%26b&format=csv',
  );
});

test.each([
  ['api_key.first_use', 'API key: first use'],
  ['run.start', 'Run: start'],
])('%s reads "%s"', (action, text) => expect(actionText(action)).toBe(text));
