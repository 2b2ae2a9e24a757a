/** One value of a metric; `value` is NaN where the source has none. */
export interface MetricPoint {
  timeMs: number;
  value: number;
  /** 1-based line of the source. */
  line: number;
}

export interface MetricSeries {
  /** Name as the source has it. */
  name: string;
  labels: Readonly<Record<string, string>>;
  /** `counter` values only grow (but for restarts); they are looked at as rate per second. */
  kind: 'gauge' | 'counter';
  path: string;
  /** In order of time. */
  points: MetricPoint[];
}

/** `name{label="value"}` */
export function seriesName({ name, labels }: Pick<MetricSeries, 'name' | 'labels'>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return parts.length === 0 ? name : `${name}{${parts.join(',')}}`;
}

export function looksLikeCounter(name: string): boolean {
  return /_(?:total|count|sum|bucket)$/.test(name);
}

/** Middle distance between neighbouring points, in ms; 0 with fewer than two. */
export function stepOf(points: readonly MetricPoint[]): number {
  const steps = points
    .slice(1)
    .map((point, index) => point.timeMs - (points[index]?.timeMs ?? 0))
    .filter((step) => step > 0)
    .toSorted((a, b) => a - b);
  return steps[steps.length >> 1] ?? 0;
}

/** Values as they are looked at: gauges as they are, counters as rate per second; a counter that fell was started anew. */
export function observedPoints({ kind, points }: MetricSeries): MetricPoint[] {
  if (kind === 'gauge') return points;
  return points.slice(1).map((point, index) => {
    const before = points[index];
    const seconds = (point.timeMs - (before?.timeMs ?? 0)) / 1000;
    const grown = point.value - (before?.value ?? 0);
    const value = seconds <= 0 ? Number.NaN : (grown >= 0 ? grown : point.value) / seconds;
    return { ...point, value };
  });
}

/** A number for people. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
