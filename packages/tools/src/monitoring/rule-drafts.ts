import type { Anomaly, Examined } from './examine-series.ts';
import { BURN_RULES, windowText } from './error-budget.ts';
import { figure, seriesName, type MetricSeries } from './metric-series.ts';
import type { RequestHistory } from './read-requests.ts';
import { median, robustSpread } from './series-shape.ts';

/** An alert rule before it is checked and offered. */
export interface RuleDraft {
  alert: string;
  expr: string;
  for: string;
  severity: 'critical' | 'warning' | 'info';
  summary: string;
  /** Why the rule is as it is: from which data its figures come. */
  description: string;
  /** How the rule would have done on the data; null where that cannot be told without a server. */
  onData: { fired: number; caught: number; anomalies: number } | null;
}

function camel(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('');
}

/** A name as Prometheus allows it. */
export function promName(name: string): string {
  const clean = name
    .trim()
    .replaceAll(/[^\w:]+/g, '_')
    .replace(/_+$/, '');
  return /^[a-zA-Z_:]/.test(clean) ? clean : `_${clean}`;
}

function selector({ name, labels }: MetricSeries): string {
  const parts = Object.entries(labels).map(
    ([key, value]) => `${promName(key)}=${JSON.stringify(value)}`,
  );
  return parts.length === 0 ? promName(name) : `${promName(name)}{${parts.join(',')}}`;
}

function observed(series: MetricSeries, stepMs: number): string {
  return series.kind === 'counter'
    ? `rate(${selector(series)}[${windowText(Math.max(60_000, Math.ceil((stepMs * 4) / 60_000) * 60_000))}])`
    : selector(series);
}

/** A bound with few digits that still lies on the right side. */
function roundBound(value: number, up: boolean): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  const rounded = (up ? Math.ceil : Math.floor)(value / unit) * unit;
  return Number(rounded.toPrecision(6));
}

function waitText(stepMs: number, lengths: readonly number[]): string {
  // Half of the shortest incident, so that the rule fires while it goes on.
  const steps = Math.max(1, Math.floor(Math.min(...lengths) / 2));
  const ms = Math.min(15 * 60_000, steps * stepMs);
  return ms < 60_000 || Math.min(...lengths) < 2
    ? '0m'
    : windowText(Math.floor(ms / 60_000) * 60_000);
}

function inside(anomalies: readonly Anomaly[], timeMs: number): boolean {
  return anomalies.some(({ from, to }) => timeMs >= from.timeMs && timeMs <= to.timeMs);
}

/** A bound above (or below) everything usual: between the usual extreme and the mildest anomaly where there is room. */
function thresholdRule(
  { series, points, values, stepMs }: Examined,
  anomalies: readonly Anomaly[],
  kind: 'spike' | 'drop',
): RuleDraft[] {
  const own = anomalies.filter((one) => one.kind === kind);
  if (own.length === 0) return [];
  const up = kind === 'spike';
  const usual = values.filter((_, index) => !inside(anomalies, points[index]?.timeMs ?? 0));
  const extreme = usual.reduce(
    (worst, value) => (up ? Math.max(worst, value) : Math.min(worst, value)),
    up ? -Infinity : Infinity,
  );
  const mildest =
    own.map(({ value }) => value).toSorted((a, b) => (up ? a - b : b - a))[0] ?? extreme;
  // An anomaly for its hour that is usual at another one cannot be caught by a fixed bound.
  if (up ? mildest <= extreme : mildest >= extreme) return [];
  const bound = roundBound(extreme + (mildest - extreme) / 2, up);
  const kept = (up ? bound < mildest : bound > mildest)
    ? bound
    : Number((extreme + (mildest - extreme) / 2).toPrecision(6));
  const passes = (value: number) => (up ? value > kept : value < kept);
  const fired = values.filter(passes).length;
  const severe = own.some(({ score }) => score > 18);
  return [
    {
      alert: `${camel(promName(series.name))}${up ? 'High' : 'Low'}`,
      expr: `${observed(series, stepMs)} ${up ? '>' : '<'} ${kept}`,
      for: waitText(
        stepMs,
        own.map(({ length }) => length),
      ),
      severity: severe ? 'critical' : 'warning',
      summary: `${seriesName(series)} is {{ $value }}, ${up ? 'above' : 'below'} ${kept}`,
      description: `Usual values reach ${figure(extreme)}; the mildest of ${own.length} anomalies was ${figure(mildest)}.`,
      onData: {
        fired,
        caught: own.filter(({ value }) => passes(value)).length,
        anomalies: own.length,
      },
    },
  ];
}

function absenceRule({ series, stepMs }: Examined, anomalies: readonly Anomaly[]): RuleDraft[] {
  const gaps = anomalies.filter(({ kind }) => kind === 'missing');
  if (gaps.length === 0) return [];
  const window = windowText(Math.max(60_000, Math.ceil((stepMs * 3) / 60_000) * 60_000));
  return [
    {
      alert: `${camel(promName(series.name))}Missing`,
      expr: `absent_over_time(${selector(series)}[${window}])`,
      for: '0m',
      severity: 'warning',
      summary: `${seriesName(series)} has no values`,
      description: `Values come each ${stepMs / 1000} s; ${gaps.length} times they did not, for up to ${Math.max(...gaps.map(({ length }) => length))} values.`,
      onData: null,
    },
  ];
}

function stillRule({ series, stepMs }: Examined, anomalies: readonly Anomaly[]): RuleDraft[] {
  const still = anomalies.filter(({ kind }) => kind === 'flat');
  if (still.length === 0) return [];
  const shortest = Math.min(...still.map(({ length }) => length));
  const window = windowText(
    Math.max(120_000, Math.round((stepMs * shortest) / 2 / 60_000) * 60_000),
  );
  return [
    {
      alert: `${camel(promName(series.name))}Stuck`,
      expr: `changes(${selector(series)}[${window}]) == 0`,
      for: '0m',
      severity: 'warning',
      summary: `${seriesName(series)} has not moved for ${window}`,
      description: `Otherwise it changes with nearly each value; it stood still for ${shortest} values.`,
      onData: null,
    },
  ];
}

function driftRule(
  { series, values, stepMs, level }: Examined,
  anomalies: readonly Anomaly[],
): RuleDraft[] {
  const [drift] = anomalies.filter(({ kind }) => kind === 'drift');
  if (drift === undefined) return [];
  const up = drift.value > drift.expected;
  const first = level.slice(0, level.length >> 2);
  const grown = Math.abs((values.at(-1) ?? 0) - median(first));
  const bound = roundBound(
    (values.at(-1) ?? 0) + (up ? grown : -grown) + (up ? 1 : -1) * robustSpread(first),
    up,
  );
  const back = windowText(
    Math.max(60_000, Math.round((stepMs * values.length) / 4 / 60_000) * 60_000),
  );
  const ahead = Math.round((stepMs * values.length) / 2000);
  return [
    {
      alert: `${camel(promName(series.name))}Drifting`,
      expr: `predict_linear(${selector(series)}[${back}], ${ahead}) ${up ? '>' : '<'} ${bound}`,
      for: '10m',
      severity: 'warning',
      summary: `${seriesName(series)} will pass ${bound} if it goes on like this`,
      description: `It went from ${figure(drift.expected)} to ${figure(drift.value)} in a line; the bound is once more as far. Set it to the real limit where there is one.`,
      onData: null,
    },
  ];
}

/** Rules for what was odd about one series. */
export function rulesForSeries(examined: Examined, anomalies: readonly Anomaly[]): RuleDraft[] {
  return [
    ...thresholdRule(examined, anomalies, 'spike'),
    ...thresholdRule(examined, anomalies, 'drop'),
    ...absenceRule(examined, anomalies),
    ...stillRule(examined, anomalies),
    ...driftRule(examined, anomalies),
  ];
}

/** Rules for an objective: each pair of windows one alert. */
export function sloRules(history: RequestHistory, objective: number): RuleDraft[] {
  const allowed = Number((1 - objective).toPrecision(6));
  return BURN_RULES.map(({ severity, longMs, shortMs, rate }) => {
    const [long, short] = [windowText(longMs), windowText(shortMs)];
    const bound = Number((rate * allowed).toPrecision(6));
    return {
      alert: `ErrorBudgetBurn${camel(long)}`,
      expr: `(${history.ratio(long)}) > ${bound} and (${history.ratio(short)}) > ${bound}`,
      for: '0m',
      severity: severity === 'page' ? ('critical' as const) : ('warning' as const),
      summary: `The error budget of ${figure(objective * 100)} % burns more than ${rate} times too fast`,
      description: `Over ${long} and ${short}.${history.assumes === '' ? '' : ` Needs ${history.assumes}.`}`,
      onData: null,
    };
  });
}

/** Rules as a file that Prometheus loads. */
export async function rulesYaml(
  groups: readonly { name: string; rules: readonly RuleDraft[] }[],
): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(
    {
      groups: groups
        .filter(({ rules }) => rules.length > 0)
        .map(({ name, rules }) => ({
          name,
          rules: rules.map(({ alert, expr, for: wait, severity, summary, description }) => ({
            alert,
            expr,
            for: wait,
            labels: { severity },
            annotations: { summary, description },
          })),
        })),
    },
    { lineWidth: 0 },
  );
}
