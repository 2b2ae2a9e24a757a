import {
  noMetrics,
  serializeError,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Metrics,
  type PlatformError,
  type WorkspaceId,
} from '@automatos/kernel';
import type { ToolExecutor, ToolInvocation, ToolOutcome } from '../definition.ts';
import { createGuardedFetch, type ClosableFetch } from '../outbound/guarded-fetch.ts';
import type { ToolRegistry } from '../registry.ts';
import { toolError } from '../tool-error.ts';
import type { ToolServices } from '../tool-services.ts';
import { createWorkspaceRoots } from '../workspace/roots.ts';
import { completeRun, type BoundedResult } from './complete-run.ts';
import { toRunError } from './failure.ts';
import { DEFAULT_LIMITS, type ExecutorLimits } from './limits.ts';
import { prepareCall, type Permit, type PreparedCall } from './prepare-call.ts';
import { WorkerPool } from './worker-pool.ts';

export interface ToolExecutorDeps {
  registry: ToolRegistry;
  /** Absolute folders that tools of a workspace may touch. */
  roots: (workspaceId: WorkspaceId, call: ToolInvocation) => string[];
  /** `host`, `host:port`, addresses and networks that tools may reach although they are not public. */
  outboundAllow: string[];
  /** More checks before a run (workspace settings, quotas); throwing refuses the call. */
  permit?: Permit;
  /** What inline tools get beside files and network. */
  services?: (call: ToolInvocation) => ToolServices;
  limits?: Partial<ExecutorLimits>;
  clock?: Clock;
  metrics?: Metrics;
  logger?: Logger;
}

/** What one executor holds: its dependencies with defaults, its worker processes and its way out. */
interface Engine {
  deps: ToolExecutorDeps;
  limits: ExecutorLimits;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  pool: WorkerPool;
  outbound: ClosableFetch;
}

type Untimed = Omit<ToolOutcome, 'durationMs'>;

function failureOutcome(status: 'error' | 'denied' | 'timeout', error: PlatformError): Untimed {
  return {
    status,
    output: null,
    summary: error.message,
    findings: [],
    findingsTotal: 0,
    error: serializeError(error),
    truncated: false,
    outputBytes: 0,
    tainted: false,
  };
}

/** Rejects when the signal aborts, with its reason; call the second to stop listening. */
function abortion(signal: AbortSignal): { promise: Promise<never>; release(): void } {
  let onAbort = () => {};
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => {}); // raced; an abort after the race is nobody's news
  return { promise, release: () => signal.removeEventListener('abort', onAbort) };
}

async function runInline(
  engine: Engine,
  prepared: PreparedCall,
  call: ToolInvocation,
): Promise<BoundedResult> {
  const { tool, input, timeoutMs } = prepared;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      toolError(
        'tools.run.timeout',
        'timeout',
        `Tool "${tool.name}" did not end within ${timeoutMs} ms and was stopped.`,
      ),
    );
  }, timeoutMs);
  const signal = AbortSignal.any([controller.signal, call.signal]);
  const aborted = abortion(signal);
  try {
    const run = tool.run(input, {
      roots: createWorkspaceRoots(engine.deps.roots(call.workspaceId, call)),
      signal,
      idempotencyKey: call.idempotencyKey,
      progress: (message, ratio) => call.onProgress?.(message, ratio),
      fetch: (url, request = {}) =>
        engine.outbound.fetch(url, {
          ...request,
          signal: request.signal === undefined ? signal : AbortSignal.any([signal, request.signal]),
        }),
      resolveAddress: (host, port) => engine.outbound.resolve(host, port),
      logger: engine.logger,
      services: engine.deps.services?.(call) ?? {},
    });
    return completeRun(tool, await Promise.race([run, aborted.promise]), engine.limits);
  } finally {
    clearTimeout(timer);
    aborted.release();
  }
}

async function runInWorker(
  engine: Engine,
  prepared: PreparedCall,
  call: ToolInvocation,
): Promise<BoundedResult> {
  const { tool, input, timeoutMs } = prepared;
  const { findingsMax, outputBytesMax, summaryCharsMax } = engine.limits;
  return engine.pool.run({
    job: {
      tool: tool.name,
      module: tool.workerModule ?? null,
      input,
      roots: engine.deps.roots(call.workspaceId, call),
      idempotencyKey: call.idempotencyKey,
      limits: { findingsMax, outputBytesMax, summaryCharsMax },
    },
    timeoutMs,
    signal: call.signal,
    onProgress: (message, ratio) => call.onProgress?.(message, ratio),
    onLog: (level, fields, message) =>
      engine.logger[level]({ tool: tool.name, call_id: call.callId, ...fields }, message),
  });
}

async function attempt(engine: Engine, call: ToolInvocation): Promise<Untimed> {
  const { registry, permit } = engine.deps;
  const preparation = await prepareCall(call, {
    registry,
    permit,
    limits: engine.limits,
    logger: engine.logger,
  });
  if (preparation.kind === 'refused') return failureOutcome(preparation.status, preparation.error);
  call.signal.throwIfAborted();
  const { tool } = preparation.call;
  call.onAdmitted?.();
  try {
    const run = tool.isolation === 'worker' ? runInWorker : runInline;
    return {
      status: 'success',
      ...(await run(engine, preparation.call, call)),
      tainted: tool.tainted ?? true,
    };
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    const known = toRunError(call.tool, error);
    return failureOutcome(known.code === 'tools.run.timeout' ? 'timeout' : 'error', known);
  }
}

function record(engine: Engine, call: ToolInvocation, outcome: ToolOutcome): void {
  // Names that nobody registered would make one time series each.
  const tool = engine.deps.registry.get(call.tool) === undefined ? 'unknown' : call.tool;
  engine.metrics.count('amas_tool_calls_total', { tool, status: outcome.status });
  engine.metrics.observe('amas_tool_duration_seconds', { tool }, outcome.durationMs / 1000);
  const fields = {
    tool,
    call_id: call.callId,
    workspace_id: call.workspaceId,
    run_id: call.runId,
    step_id: call.stepId,
    agent: call.agent,
    status: outcome.status,
    duration_ms: outcome.durationMs,
    output_bytes: outcome.outputBytes,
    findings: outcome.findingsTotal,
    code: outcome.error?.code,
  };
  engine.logger[outcome.status === 'success' ? 'info' : 'warn'](fields, 'tool call');
}

/**
 * Makes the one way to run tools: resolve → permit → validate → run isolated and timed → check and bound the
 * result → record. Close it to stop its processes and connections.
 */
export function createToolExecutor(
  deps: ToolExecutorDeps,
): ToolExecutor & { close(): Promise<void> } {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const engine: Engine = {
    deps,
    limits,
    clock: deps.clock ?? systemClock,
    metrics: deps.metrics ?? noMetrics,
    logger: deps.logger ?? silentLogger,
    pool: new WorkerPool(limits, { outboundAllow: deps.outboundAllow }),
    outbound: createGuardedFetch({ allow: deps.outboundAllow }),
  };
  return {
    async execute(call) {
      call.signal.throwIfAborted();
      const startedMs = engine.clock.now();
      const untimed = await attempt(engine, call);
      const outcome: ToolOutcome = {
        ...untimed,
        durationMs: Math.max(0, engine.clock.now() - startedMs),
      };
      record(engine, call, outcome);
      return outcome;
    },
    async close() {
      await engine.pool.close();
      await engine.outbound.close();
    },
  };
}
