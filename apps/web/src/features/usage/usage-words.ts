import { formatCompact, formatCost, formatNumber } from '../../lib/format.ts';

/** What usage is grouped and measured by, in words. */

export const SPLITS = {
  model: 'Model',
  agent: 'Agent',
  provider: 'Provider',
  source: 'Who asked',
} as const;
export type Split = keyof typeof SPLITS;

export const GROUPINGS = { ...SPLITS, run: 'Run' } as const;
export type Grouping = keyof typeof GROUPINGS;

const SOURCES: Record<string, string> = {
  run: 'Runs of recipes',
  api: 'The OpenAI-compatible endpoint',
  judge: 'Judges of quality',
  trial: 'Trials from the provider page',
  platform: 'The platform itself',
};

/** What a key of a group is called. */
export function keyLabel(grouping: Grouping, key: string): string {
  if (grouping === 'source') return SOURCES[key] ?? key;
  if (key !== '') return key;
  return grouping === 'run'
    ? 'Outside of runs'
    : grouping === 'agent'
      ? 'Without an agent'
      : 'Unknown';
}

export const MEASURES = {
  cost: { label: 'Cost', format: (value: number) => formatCost(value), axis: dollars },
  tokens: { label: 'Tokens', format: formatNumber, axis: formatCompact },
  calls: { label: 'Calls', format: formatNumber, axis: formatCompact },
} as const;
export type Measure = keyof typeof MEASURES;

/** Short text for an axis. */
function dollars(micros: number): string {
  const value = micros / 1_000_000;
  if (value === 0) return '$0';
  return value >= 1000
    ? `$${formatCompact(Math.round(value))}`
    : `$${Number(value.toPrecision(2)).toString()}`;
}

export const RANGES = [
  { days: 7, label: 'Last 7 days' },
  { days: 14, label: 'Last 14 days' },
  { days: 30, label: 'Last 30 days' },
  { days: 90, label: 'Last 90 days' },
  { days: 365, label: 'Last year' },
] as const;
