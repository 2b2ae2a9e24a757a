/*
 * Entry of the processes that run tools. Everything that leaves here is bounded: the result is checked and cut on this
 * side, progress and logs are rationed, and what a tool prints goes nowhere.
 */
import { Worker } from 'node:worker_threads';
import { cutText, isPlatformError, serializeError, type Logger } from '@automatos/kernel';
import { builtInTools } from '../built-in-tools.ts';
import type { ToolDefinition, ToolEnvironment } from '../definition.ts';
import { createGuardedFetch } from '../outbound/guarded-fetch.ts';
import { toolError } from '../tool-error.ts';
import { createWorkspaceRoots } from '../workspace/roots.ts';
import { completeRun } from './complete-run.ts';
import { toRunError } from './failure.ts';
import type { WorkerJob, WorkerMessage, WorkerSettings } from './worker-protocol.ts';

const PROGRESS_INTERVAL_MS = 100;
const LOGS_MAX = 100;

function post(message: WorkerMessage): void {
  process.send?.(message);
}

/**
 * Ends this process soon after its parent is gone, even while a tool computes without a pause and hears nothing: a
 * tiny thread looks at the parent's id.
 */
function endWithParent(): void {
  const watch = `const parent = ${process.ppid};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
  new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }).unref();
}

async function loadTool(job: WorkerJob): Promise<ToolDefinition> {
  const loaded: unknown =
    job.module === null
      ? builtInTools().find((tool) => tool.name === job.tool)
      : ((await import(job.module.url)) as Record<string, unknown>)[job.module.exportName];
  if (typeof loaded === 'object' && loaded !== null && 'run' in loaded)
    return loaded as ToolDefinition;
  throw toolError(
    'tools.registry.invalid',
    'internal',
    `Tool "${job.tool}" could not be loaded in a worker.`,
  );
}

function boundedLogger(id: number): Logger {
  let sent = 0;
  const log = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    sent += 1;
    if (sent > LOGS_MAX) return;
    const text = cutText(JSON.stringify(fields), 2000);
    post({ type: 'log', id, level, fields: { fields: text }, message: cutText(message, 500) });
  };
  const logger: Logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: () => logger,
  };
  return logger;
}

function boundedProgress(id: number): ToolEnvironment['progress'] {
  let lastMs = 0;
  return (message, ratio) => {
    const now = performance.now();
    if (now - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = now;
    post({ type: 'progress', id, message: cutText(message, 200), ratio: ratio ?? null });
  };
}

async function runJob(job: WorkerJob, settings: WorkerSettings): Promise<void> {
  const outbound = createGuardedFetch({ allow: settings.outboundAllow });
  try {
    const tool = await loadTool(job);
    const result = await tool.run(job.input, {
      roots: createWorkspaceRoots(job.roots),
      // Cancel and time-out end the whole process, so this one never fires.
      signal: new AbortController().signal,
      idempotencyKey: job.idempotencyKey,
      progress: boundedProgress(job.id),
      fetch: outbound.fetch,
      resolveAddress: outbound.resolve,
      logger: boundedLogger(job.id),
    });
    post({ type: 'done', id: job.id, result: completeRun(tool, result, job.limits) });
  } catch (error) {
    post({
      type: 'failed',
      id: job.id,
      error: serializeError(isPlatformError(error) ? error : toRunError(job.tool, error)),
    });
  } finally {
    await outbound.close();
  }
}

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
endWithParent();
process.on('disconnect', () => process.exit());
process.on('message', (job) => void runJob(job as WorkerJob, settings));
