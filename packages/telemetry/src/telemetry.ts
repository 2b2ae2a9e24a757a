import type { Clock, Logger, Metrics } from '@automatos/kernel';
import { createEndpointStats, type EndpointStats } from './endpoint-stats.ts';
import { createMetricsRegistry } from './registry.ts';
import { createSystemSampler, type SystemSample } from './system-sampler.ts';

export interface TelemetryDeps {
  clock: Clock;
  logger: Logger;
  version: string;
  /** True in tests: a metric that is not declared throws instead of being logged. */
  strict?: boolean;
}

export interface Telemetry {
  metrics: Metrics;
  /** Prometheus text; system gauges are read at this moment. */
  exposition(): Promise<string>;
  sample(): SystemSample;
  endpointStats: EndpointStats;
  stop(): void;
}

/** Returns the process's metrics, its samples of the machine and its figures per endpoint. */
export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const registry = createMetricsRegistry({ strict: deps.strict ?? false, logger: deps.logger });
  const sampler = createSystemSampler({ clock: deps.clock });
  registry.set('amas_build_info', { version: deps.version, node: process.version }, 1);
  return {
    metrics: registry,
    async exposition() {
      const sample = sampler.sample();
      registry.set('amas_system_cpu_usage_percent', {}, sample.cpuPercent);
      registry.set('amas_system_memory_usage_percent', {}, sample.memoryPercent);
      const lag = sample.eventLoopLagMs;
      registry.set('amas_event_loop_lag_seconds', { quantile: '0.5' }, lag.p50 / 1000);
      registry.set('amas_event_loop_lag_seconds', { quantile: '0.99' }, lag.p99 / 1000);
      return registry.text();
    },
    sample: () => sampler.sample(),
    endpointStats: createEndpointStats(),
    stop: () => sampler.stop(),
  };
}
