import { bindRoutes, platformRoutes, type BoundRoute } from '@automatos/contracts';
import {
  isPlatformError,
  PlatformError,
  type Clock,
  type Logger,
  type WorkspaceId,
} from '@automatos/kernel';
import type { Invariants, RunReads, Runs } from '@automatos/runs';
import type { EndpointFigures, SystemSample, Telemetry } from '@automatos/telemetry';

/** Something the product cannot work without. `check` returns a word on its state, or throws. */
export interface HealthCheck {
  name: string;
  check(): Promise<string>;
}

export interface SystemRoutesDeps {
  version: string;
  clock: Clock;
  logger: Logger;
  telemetry: Pick<Telemetry, 'exposition' | 'sample' | 'endpointStats'>;
  checks: readonly HealthCheck[];
  runs: Pick<RunReads, 'counts'> & Pick<Runs, 'invariants'>;
  /** Sentences for the operator: settings without effect, providers that are missing. */
  notes: (workspaceId: WorkspaceId) => Promise<readonly string[]>;
  /** True once the process was told to stop: it must get no new work. */
  isStopping?: () => boolean;
}

type Status = 'healthy' | 'warning' | 'critical';
interface Component {
  name: string;
  status: Status;
  detail: string;
  latency_ms: number | null;
}
interface CheckResult {
  name: string;
  ok: boolean;
  detail: string;
  latencyMs: number;
}

const CHECK_MS_MAX = 3000;
/** DESIGN 5: the figures of the in-app status. */
const THRESHOLDS = {
  responseMs: { warning: 500, critical: 1000 },
  errorRate: { warning: 0.02, critical: 0.05 },
  cpuPercent: { warning: 70, critical: 90 },
  memoryPercent: { warning: 70, critical: 85 },
} as const;

/** Health, readiness, metrics and figures per endpoint. */
export function createSystemRoutes(deps: SystemRoutesDeps): BoundRoute[] {
  const { clock, telemetry } = deps;
  const startedAt = clock.now();
  const { systemHealth, invariants, endpoints, health, ready, metrics } = platformRoutes;

  const runChecks = () => Promise.all(deps.checks.map((check) => runCheck(deps, check)));

  return bindRoutes(
    { systemHealth, invariants, endpoints, health, ready, metrics },
    {
      async systemHealth(call) {
        const [checks, runs, notes] = await Promise.all([
          runChecks(),
          deps.runs.counts(call.workspaceId),
          deps.notes(call.workspaceId),
        ]);
        const sample = telemetry.sample();
        const components = [
          ...checks.map(checkComponent),
          ...loadComponents(sample, telemetry.endpointStats.list()),
        ];
        const now = clock.now();
        return {
          body: {
            status: worstOf(components.map((component) => component.status)),
            version: deps.version,
            started_at: new Date(startedAt).toISOString(),
            uptime_ms: Math.round(now - startedAt),
            components,
            process: toProcess(sample),
            runs,
            notes: [...notes],
          },
        };
      },
      async invariants(call) {
        const found = await deps.runs.invariants(call.workspaceId);
        return {
          body: { ...toInvariants(found), checked_at: new Date(clock.now()).toISOString() },
        };
      },
      async endpoints() {
        return { body: { items: telemetry.endpointStats.list().map(endpointRow) } };
      },
      async health() {
        return { body: { status: 'ok' as const, version: deps.version } };
      },
      async ready() {
        const results = await runChecks();
        const checks = results.map(({ name, ok, detail }) => ({ name, ok, detail }));
        if (deps.isStopping?.() === true)
          checks.push({ name: 'process', ok: false, detail: 'is shutting down' });
        const isReady = checks.every((check) => check.ok);
        return { body: { ready: isReady, checks }, status: isReady ? 200 : 503 };
      },
      async metrics() {
        const content = await telemetry.exposition();
        return { bytes: { content, contentType: 'text/plain; version=0.0.4; charset=utf-8' } };
      },
    },
  );
}

function toProcess(sample: SystemSample) {
  return {
    memory_bytes: sample.memoryBytes,
    cpu_percent: sample.cpuPercent,
    event_loop_lag_ms: sample.eventLoopLagMs.p99,
  };
}

function toInvariants({ invariants, workers }: Invariants) {
  return {
    holds: invariants.every(({ violations }) => violations === 0),
    invariants,
    workers: workers.map(({ beatAgeMs, ...worker }) => ({ ...worker, beat_age_ms: beatAgeMs })),
  };
}

async function runCheck(
  deps: Pick<SystemRoutesDeps, 'clock' | 'logger'>,
  { name, check }: HealthCheck,
): Promise<CheckResult> {
  const { clock } = deps;
  const began = clock.now();
  const timer = new AbortController();
  const tooLate = clock.sleep(CHECK_MS_MAX, timer.signal).then(() => {
    throw new PlatformError({
      code: 'system.check.timeout',
      kind: 'timeout',
      message: `no answer in ${CHECK_MS_MAX} ms`,
    });
  });
  // The loser of the race may reject later; nobody waits for it then.
  tooLate.catch(() => undefined);
  try {
    const detail = await Promise.race([check(), tooLate]);
    return { name, ok: true, detail, latencyMs: clock.now() - began };
  } catch (error) {
    deps.logger.warn({ check: name, reason: (error as Error).message }, 'a health check failed');
    const detail = isPlatformError(error) ? error.message : 'failed; the log says why';
    return { name, ok: false, detail, latencyMs: clock.now() - began };
  } finally {
    timer.abort(new Error('done'));
  }
}

function checkComponent(result: CheckResult): Component {
  const status = result.ok ? statusAt(result.latencyMs, THRESHOLDS.responseMs) : 'critical';
  return { name: result.name, status, detail: result.detail, latency_ms: result.latencyMs };
}

function loadComponents(sample: SystemSample, figures: readonly EndpointFigures[]): Component[] {
  const calls = figures.reduce((sum, row) => sum + row.calls, 0);
  const errors = figures.reduce((sum, row) => sum + row.errors, 0);
  const meanMs =
    calls === 0 ? 0 : figures.reduce((sum, row) => sum + row.meanMs * row.calls, 0) / calls;
  const errorRate = calls === 0 ? 0 : errors / calls;
  return [
    {
      name: 'api',
      status: worstOf([
        statusAt(meanMs, THRESHOLDS.responseMs),
        statusAt(errorRate, THRESHOLDS.errorRate),
      ]),
      detail:
        calls === 0
          ? 'no request yet'
          : `${calls} requests, ${(errorRate * 100).toFixed(1)} % failed, ${meanMs.toFixed(1)} ms on average`,
      latency_ms: calls === 0 ? null : meanMs,
    },
    {
      name: 'cpu',
      status: statusAt(sample.cpuPercent, THRESHOLDS.cpuPercent),
      detail: `${sample.cpuPercent.toFixed(0)} % in use`,
      latency_ms: null,
    },
    {
      name: 'memory',
      status: statusAt(sample.memoryPercent, THRESHOLDS.memoryPercent),
      detail: `${sample.memoryPercent.toFixed(0)} % in use`,
      latency_ms: null,
    },
  ];
}

function statusAt(value: number, limits: { warning: number; critical: number }): Status {
  if (value > limits.critical) return 'critical';
  return value > limits.warning ? 'warning' : 'healthy';
}

function worstOf(statuses: readonly Status[]): Status {
  if (statuses.includes('critical')) return 'critical';
  return statuses.includes('warning') ? 'warning' : 'healthy';
}

function endpointRow(row: EndpointFigures) {
  return {
    method: row.method,
    endpoint: row.endpoint,
    calls: row.calls,
    errors: row.errors,
    error_rate: row.errorRate,
    mean_ms: row.meanMs,
    p95_ms: row.p95Ms,
  };
}
