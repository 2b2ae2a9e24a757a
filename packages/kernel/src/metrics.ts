/** Where rooms report numbers; `telemetry` declares every name, its labels and buckets, and refuses others. */
export interface Metrics {
  count(name: string, labels?: Record<string, string>, by?: number): void;
  observe(name: string, labels: Record<string, string>, value: number): void;
  set(name: string, labels: Record<string, string>, value: number): void;
}

export const noMetrics: Metrics = { count() {}, observe() {}, set() {} };
