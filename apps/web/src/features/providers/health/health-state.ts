import type { Tone } from '../../../components/ui/badge.tsx';
import type { Circuit, ModelHealth, ProviderHealth } from '../provider-types.ts';

/** What the figures of a window say about a provider or model. Pure. */

export interface HealthNow {
  tone: Tone;
  label: string;
  calls: number;
  /** 0–1; null without a call. */
  successRate: number | null;
}

/** From this share of answered calls on a provider counts as well; below the second it counts as failing. */
const WELL = 0.98;
const POOR = 0.8;

export function healthNow(models: readonly ModelHealth[], circuits: readonly Circuit[]): HealthNow {
  const calls = models.reduce((sum, { calls: each }) => sum + each, 0);
  const answered = models.reduce((sum, each) => sum + each.calls * (each.success_rate ?? 0), 0);
  const successRate = calls === 0 ? null : answered / calls;
  const open = circuits.filter(({ state }) => state !== 'closed').length;
  const base = { calls, successRate };
  if (open > 0)
    return { ...base, tone: 'bad', label: open === 1 ? 'Circuit open' : `${open} circuits open` };
  if (successRate === null) return { ...base, tone: 'idle', label: 'No calls lately' };
  if (successRate >= WELL) return { ...base, tone: 'ok', label: 'Answers well' };
  if (successRate >= POOR) return { ...base, tone: 'warn', label: 'Some calls fail' };
  return { ...base, tone: 'bad', label: 'Most calls fail' };
}

export function healthOfProvider(health: ProviderHealth, provider: string): HealthNow {
  return healthNow(
    health.models.filter((model) => model.provider === provider),
    health.circuits.filter((circuit) => circuit.provider === provider),
  );
}

/** The ends of the scales on which models are compared; at least 1, so that nothing is divided by 0. */
export interface HealthScale {
  ms: number;
  tokensPerSecond: number;
  costMicros: number;
}

export function healthScale(models: readonly ModelHealth[]): HealthScale {
  const most = (read: (model: ModelHealth) => number | null) =>
    Math.max(1, ...models.map((model) => read(model) ?? 0));
  return {
    ms: most(({ p95_ms }) => p95_ms),
    tokensPerSecond: most(({ tokens_per_second }) => tokens_per_second),
    costMicros: most(({ cost_micros }) => cost_micros),
  };
}

export interface HealthTotals {
  calls: number;
  successRate: number | null;
  inFlight: number;
  costMicros: number | null;
  slowest: ModelHealth | null;
}

/** Sums over models; the cost is null when calls were made and none has a known one. */
export function healthTotals(models: readonly ModelHealth[]): HealthTotals {
  const { calls, successRate } = healthNow(models, []);
  const known = models.filter(({ cost_micros }) => cost_micros !== null);
  const slow = models.filter(({ p95_ms }) => p95_ms !== null);
  return {
    calls,
    successRate,
    inFlight: models.reduce((sum, { in_flight }) => sum + in_flight, 0),
    costMicros:
      known.length === 0 && calls > 0
        ? null
        : known.reduce((sum, { cost_micros }) => sum + (cost_micros ?? 0), 0),
    slowest: slow.toSorted((a, b) => (b.p95_ms ?? 0) - (a.p95_ms ?? 0))[0] ?? null,
  };
}

/** `99.2 %`; whole when it is whole. */
export function percent(rate: number): string {
  const value = Math.floor(rate * 1000) / 10;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}
