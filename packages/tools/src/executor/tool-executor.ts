import {
  isPlatformError, noMetrics, serializeError, silentLogger, systemClock, toPlatformError,
  type Clock, type Logger, type Metrics, type PlatformError, type WorkspaceId,
} from '@automatos/kernel';
import type { ToolDefinition, ToolExecutor, ToolInvocation, ToolOutcome } from '../definition.ts';
import { assertOffered, assertPermitted } from '../grants.ts';
import { createGuardedFetch } from '../outbound/guarded-fetch.ts';
import { unknownTool, type ToolRegistry } from '../registry.ts';
import { toolError } from '../tool-error.ts';
import { createWorkspaceRoots } from '../workspace/roots.ts';
import { assertSafeArguments, parseArguments } from './check-arguments.ts';
import { completeRun, type BoundedResult } from './complete-run.ts';
import { toRunError } from './failure.ts';
import { DEFAULT_LIMITS, type ExecutorLimits } from './limits.ts';
import { createWorkerPool } from './worker-pool.ts';

export interface ToolExecutorDeps {
  registry: ToolRegistry;
  /** Absolute folders that tools of a workspace may touch. */
  roots: (workspaceId: WorkspaceId) => string[];
  /** `host` or `host:port` that tools may reach although it is not public. */
  outboundAllow: string[];
  /** More checks before a run (workspace settings, quotas); throwing refuses the call. */
  permit?: (tool: ToolDefinition, call: ToolInvocation) => void | Promise<void>;
  limits?: Partial<ExecutorLimits>;
  clock?: Clock;
  metrics?: Metrics;
  logger?: Logger;
}

interface Prepared {
  tool: ToolDefinition;
  input: unknown;
  timeoutMs: number;
}

/** A refusal, told apart from failures of a tool that was allowed to run. */
class Refusal {
  readonly error: PlatformError;
  constructor(error: PlatformError) {
    this.error = error;
  }
}

function failureOutcome(status: 'error' | 'denied' | 'timeout', error: PlatformError): Omit<ToolOutcome, 'durationMs'> {
  return { status, output: null, summary: error.message, findings: [], findingsTotal: 0, error: serializeError(error), truncated: false, outputBytes: 0, tainted: false };
}

function successOutcome(result: BoundedResult, tainted: boolean): Omit<ToolOutcome, 'durationMs'> {
  return { status: 'success', ...result, tainted };
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

/**
 * Makes the one way to run tools: resolve → permit → validate → run isolated and timed → check and bound the
 * result → record. Close it to stop its threads and connections.
 */
export function createToolExecutor(deps: ToolExecutorDeps): ToolExecutor & { close(): Promise<void> } {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const clock = deps.clock ?? systemClock;
  const metrics = deps.metrics ?? noMetrics;
  const logger = deps.logger ?? silentLogger;
  const pool = createWorkerPool(limits, { outboundAllow: deps.outboundAllow });
  const outbound = createGuardedFetch({ allow: deps.outboundAllow });

  function resolveTool(call: ToolInvocation): ToolDefinition {
    const tool = deps.registry.get(call.tool);
    if (tool === undefined) throw new Refusal(unknownTool(call.tool, deps.registry.forGrants(call.grants).map((known) => known.name)));
    assertOffered(tool, call.grants);
    return tool;
  }

  /** Everything that may refuse; whatever goes wrong in a check is a refusal, never a pass. */
  async function prepare(call: ToolInvocation): Promise<Prepared> {
    const tool = resolveTool(call);
    assertSafeArguments(call.input, limits.inputBytesMax);
    const input = parseArguments(tool, call.input);
    assertPermitted(tool, input, { grants: call.grants, allowedCapabilities: call.allowedCapabilities });
    await deps.permit?.(tool, call);
    return { tool, input, timeoutMs: Math.min(call.timeoutMs ?? tool.timeoutMs, limits.timeoutMsMax) };
  }

  async function runInline({ tool, input, timeoutMs }: Prepared, call: ToolInvocation): Promise<BoundedResult> {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort(toolError('tools.run.timeout', 'timeout', `Tool "${tool.name}" did not end within ${timeoutMs} ms and was stopped.`));
    }, timeoutMs);
    const signal = AbortSignal.any([controller.signal, call.signal]);
    const aborted = abortion(signal);
    try {
      const run = tool.run(input, {
        roots: createWorkspaceRoots(deps.roots(call.workspaceId)),
        signal,
        idempotencyKey: call.idempotencyKey,
        progress: (message, ratio) => call.onProgress?.(message, ratio),
        fetch: (url, request = {}) => outbound.fetch(url, { ...request, signal: request.signal === undefined ? signal : AbortSignal.any([signal, request.signal]) }),
        logger,
      });
      return completeRun(tool, await Promise.race([run, aborted.promise]), limits);
    } finally {
      clearTimeout(timer);
      aborted.release();
    }
  }

  function runInWorker({ tool, input, timeoutMs }: Prepared, call: ToolInvocation): Promise<BoundedResult> {
    return pool.run({
      job: {
        tool: tool.name,
        module: tool.workerModule ?? null,
        input,
        roots: deps.roots(call.workspaceId),
        idempotencyKey: call.idempotencyKey,
        limits: { findingsMax: limits.findingsMax, outputBytesMax: limits.outputBytesMax, summaryCharsMax: limits.summaryCharsMax },
      },
      timeoutMs,
      signal: call.signal,
      onProgress: (message, ratio) => call.onProgress?.(message, ratio),
      onLog: (level, fields, message) => logger[level]({ tool: tool.name, call_id: call.callId, ...fields }, message),
    });
  }

  async function attempt(call: ToolInvocation): Promise<Omit<ToolOutcome, 'durationMs'>> {
    let prepared: Prepared;
    try {
      prepared = await prepare(call);
    } catch (error) {
      return refused(error);
    }
    call.signal.throwIfAborted();
    try {
      const result = await (prepared.tool.isolation === 'worker' ? runInWorker(prepared, call) : runInline(prepared, call));
      return successOutcome(result, prepared.tool.tainted ?? true);
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      const known = toRunError(call.tool, error);
      return failureOutcome(known.code === 'tools.run.timeout' ? 'timeout' : 'error', known);
    }
  }

  function refused(error: unknown): Omit<ToolOutcome, 'durationMs'> {
    if (error instanceof Refusal) return failureOutcome('denied', error.error);
    if (isPlatformError(error)) return failureOutcome(error.kind === 'invalid-input' ? 'error' : 'denied', error);
    logger.error({ error: toPlatformError(error).internalMessage }, 'a permission check failed');
    return failureOutcome('denied', toolError('tools.permission.check_failed', 'forbidden', { message: 'The permission check failed, so the tool was not run.', cause: error }));
  }

  function record(call: ToolInvocation, outcome: ToolOutcome): void {
    // Names that nobody registered would make one time series each.
    const tool = deps.registry.get(call.tool) === undefined ? 'unknown' : call.tool;
    metrics.count('amas_tool_calls_total', { tool, status: outcome.status });
    metrics.observe('amas_tool_duration_seconds', { tool }, outcome.durationMs / 1000);
    const fields = {
      tool, call_id: call.callId, workspace_id: call.workspaceId, run_id: call.runId, step_id: call.stepId, agent: call.agent,
      status: outcome.status, duration_ms: outcome.durationMs, output_bytes: outcome.outputBytes, findings: outcome.findingsTotal, code: outcome.error?.code,
    };
    logger[outcome.status === 'success' ? 'info' : 'warn'](fields, 'tool call');
  }

  return {
    async execute(call) {
      call.signal.throwIfAborted();
      const startedMs = clock.now();
      const outcome: ToolOutcome = { ...(await attempt(call)), durationMs: Math.max(0, clock.now() - startedMs) };
      record(call, outcome);
      return outcome;
    },
    async close() {
      await pool.close();
      await outbound.close();
    },
  };
}
