import type { Metrics } from '@automatos/kernel';

const OPERATIONS = new Set(['select', 'insert', 'update', 'delete', 'with']);
const TABLE = /\b(?:from|into|update)\s+(?:only\s+)?(?:"?public"?\.)?"?([a-z_][a-z0-9_]*)\b(?!\()/i;

/** What a statement does and to which table, for labels; `other` where its text does not say it plainly. */
export function classify(sql: string): { operation: string; table: string } {
  const word = /^\s*([a-z]+)/i.exec(sql)?.[1]?.toLowerCase() ?? '';
  return {
    operation: OPERATIONS.has(word) ? word : 'other',
    table: TABLE.exec(sql)?.[1]?.toLowerCase() ?? 'other',
  };
}

/** Runs one statement and reports its outcome and duration. */
export async function measured<T>(
  metrics: Metrics,
  sql: string,
  run: () => Promise<T>,
): Promise<T> {
  const labels = classify(sql);
  const startedAt = performance.now();
  let status = 'error';
  try {
    const result = await run();
    status = 'ok';
    return result;
  } finally {
    metrics.count('amas_db_queries_total', { ...labels, status });
    metrics.observe(
      'amas_db_query_duration_seconds',
      labels,
      (performance.now() - startedAt) / 1000,
    );
  }
}
