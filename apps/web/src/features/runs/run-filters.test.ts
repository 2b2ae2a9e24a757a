import { expect, it } from 'vitest';
import { chipsOf, readFilters, toggledStatus, toQuery } from './run-filters.ts';

const read = (address: string) => readFilters(new URLSearchParams(address));

it('reads from the address what the API understands, and leaves out the rest', () => {
  const filters = read(
    'status=failed,nonsense,running&recipe=review&trigger=webhook&grade=B&from=2026-11-02&to=2026-11-03&q=+shop+',
  );
  expect(filters.statuses).toEqual(['running', 'failed']);
  expect(toQuery(filters)).toEqual({
    statuses: 'running,failed',
    recipe: 'review',
    trigger: 'webhook',
    grade: 'B',
    from: new Date(2026, 10, 2).toISOString(),
    // The whole of the last day.
    to: new Date(2026, 10, 4).toISOString(),
    search: 'shop',
  });
  expect(toQuery(read('status=x&trigger=y&grade=Z&from=soon&to=2026-99-01'))).toEqual({});
});

it('puts a status in and takes it out', () => {
  expect(toggledStatus([], 'failed')).toBe('failed');
  expect(toggledStatus(['failed'], 'running')).toBe('running,failed');
  expect(toggledStatus(['failed'], 'failed')).toBeNull();
});

it('has one chip for each filter, which leads to the list without it', () => {
  const names = {
    status: (status: string) => status.toUpperCase(),
    recipe: (slug: string) => slug,
  };
  const chips = chipsOf(read('status=running,failed&grade=A&q=shop'), names);
  expect(chips).toEqual([
    { label: 'RUNNING', without: { status: 'failed' } },
    { label: 'FAILED', without: { status: 'running' } },
    { label: 'Grade A', without: { grade: null } },
    { label: '“shop”', without: { q: null } },
  ]);
  expect(chipsOf(read(''), names)).toEqual([]);
});
