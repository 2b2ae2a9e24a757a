export { createTelemetry } from './telemetry.ts';
export type { Telemetry, TelemetryDeps } from './telemetry.ts';
export { METRIC_DEFINITIONS } from './metric-definitions.ts';
export type { MetricDefinition, MetricName } from './metric-definitions.ts';
export type { EndpointFigures, EndpointStats } from './endpoint-stats.ts';
export type { SystemSample } from './system-sampler.ts';
