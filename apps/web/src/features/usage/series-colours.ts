/** Colours of the series of a chart, in order; the seventh stands for all others. */
const COLOURS = [
  'var(--chart-1)',
  'var(--chart-2)',
  'var(--chart-3)',
  'var(--chart-4)',
  'var(--chart-5)',
  'var(--chart-6)',
] as const;

export function seriesColour(index: number, key: string | null): string {
  return key === null ? 'var(--chart-rest)' : (COLOURS[index] ?? 'var(--chart-rest)');
}
