/** Work units per second with `at` of them under way at once. */
export async function throughput(
  work: () => Promise<unknown>,
  options: { at: number; total: number },
): Promise<number> {
  let left = options.total;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: options.at }, async () => {
      while (left-- > 0) await work();
    }),
  );
  return options.total / ((performance.now() - startedAt) / 1000);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Rows of equal keys as a Markdown table. */
export function table(rows: readonly Record<string, string | number>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    line(names),
    line(names.map(() => '---')),
    ...rows.map((row) => line(names.map((name) => row[name] ?? ''))),
  ].join('\n');
}
