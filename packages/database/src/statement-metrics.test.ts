import { describe, expect, it } from 'vitest';
import type { Metrics } from '@automatos/kernel';
import { classify, measured } from './statement-metrics.ts';

describe('classify', () => {
  it.each([
    ['select "id" from "agents" where "id" = $1', 'select', 'agents'],
    ['  INSERT INTO outbox (a) VALUES ($1)', 'insert', 'outbox'],
    ['update "public"."runs" set x = 1', 'update', 'runs'],
    ['delete from only notes', 'delete', 'notes'],
    ['SELECT * FROM generate_series(1, 3)', 'select', 'other'],
    ['SELECT 1', 'select', 'other'],
    ['BEGIN', 'other', 'other'],
  ])('%s', (sql, operation, table) => {
    expect(classify(sql)).toEqual({ operation, table });
  });
});

describe('measured', () => {
  it('counts failures and successes, and passes both on', async () => {
    const counted: string[] = [];
    const metrics: Metrics = {
      count: (name, labels) => void counted.push(`${name} ${labels?.['status']}`),
      observe: (name, _labels, value) => void counted.push(`${name} ${value >= 0}`),
      set: () => undefined,
    };
    expect(await measured(metrics, 'SELECT 1', () => Promise.resolve(7))).toBe(7);
    await expect(
      measured(metrics, 'SELECT 1', () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    const duration = 'amas_db_query_duration_seconds true';
    expect(counted).toEqual([
      'amas_db_queries_total ok',
      duration,
      'amas_db_queries_total error',
      duration,
    ]);
  });
});
