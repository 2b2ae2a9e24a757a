import { Worker } from 'node:worker_threads';
import { deferred, deserializeError, type Deferred } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';
import type { BoundedResult } from './complete-run.ts';
import type { ExecutorLimits } from './limits.ts';
import type { WorkerJob, WorkerMessage, WorkerSettings } from './worker-protocol.ts';

/** A job with what the caller wants to hear. */
export interface PoolRequest {
  job: Omit<WorkerJob, 'id'>;
  timeoutMs: number;
  /** Aborting stops the thread and rejects with the signal's reason. */
  signal: AbortSignal;
  onProgress(message: string, ratio?: number): void;
  onLog(level: 'debug' | 'info' | 'warn' | 'error', fields: object, message: string): void;
}

export interface WorkerPool {
  /** Runs a job in a thread of its own for that time; rejects with typed errors. Waiting for a thread is not counted as run time. */
  run(request: PoolRequest): Promise<BoundedResult>;
  /** Stops all threads; waiting and running jobs are rejected. */
  close(): Promise<void>;
}

interface Waiting {
  request: PoolRequest;
  outcome: Deferred<BoundedResult>;
}

interface Thread {
  worker: Worker;
  current: { id: number; waiting: Waiting; stop(error: unknown): void } | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

const MEMORY_POLL_MS = 250;

function outOfMemory(tool: string, limitMb: number) {
  return toolError('tools.run.out_of_memory', 'limit-reached', `Tool "${tool}" used more than ${limitMb} MB of memory and was stopped. Give it a smaller folder or file.`);
}

/**
 * Stops a thread whose buffers outgrow the limit: `resourceLimits` bounds the JavaScript heap only, and buffers lie
 * outside of it. Asking works while the thread is busy, because V8 answers between two statements.
 */
function watchMemory(worker: Worker, limitMb: number, onExceeded: () => void): () => void {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    worker.getHeapStatistics().then(
      (heap) => {
        asking = false;
        if ((heap.external_memory + heap.malloced_memory) / 1_048_576 > limitMb) onExceeded();
      },
      () => {
        asking = false; // the thread has ended; its exit event tells the story
      },
    );
  }, MEMORY_POLL_MS);
  return () => clearInterval(timer);
}

/** A bounded set of threads for tools; a thread that must be stopped is replaced, an idle one ends after a while. */
export function createWorkerPool(limits: ExecutorLimits, settings: WorkerSettings): WorkerPool {
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  let closed = false;
  let lastId = 0;

  function discard(thread: Thread): Promise<number> {
    threads.delete(thread);
    clearTimeout(thread.idleTimer);
    return thread.worker.terminate();
  }

  function onMessage(thread: Thread, message: WorkerMessage): void {
    const current = thread.current;
    if (current === undefined || message.id !== current.id) return;
    const { request, outcome } = current.waiting;
    if (message.type === 'progress') request.onProgress(message.message, message.ratio ?? undefined);
    else if (message.type === 'log') request.onLog(message.level, message.fields, message.message);
    else {
      release(thread);
      if (message.type === 'done') outcome.resolve(message.result);
      else outcome.reject(deserializeError(message.error));
    }
  }

  function onThreadError(thread: Thread, error: unknown): void {
    const tool = thread.current?.waiting.request.job.tool ?? 'unknown';
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? outOfMemory(tool, limits.workerMemoryMb)
        : toolError('tools.worker.failed', 'internal', {
            message: `The thread that ran "${tool}" ended unexpectedly.`,
            internalMessage: error instanceof Error ? (error.stack ?? error.message) : String(error),
            cause: error,
          });
    thread.current?.stop(reason);
    void discard(thread);
    dispatch();
  }

  function start(): Thread {
    const worker = new Worker(new URL('./worker-main.ts', import.meta.url), {
      workerData: settings,
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.workerMemoryMb, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    const thread: Thread = { worker, current: undefined, idleTimer: undefined };
    threads.add(thread);
    worker.on('message', (message: WorkerMessage) => onMessage(thread, message));
    worker.on('error', (error) => onThreadError(thread, error));
    worker.on('exit', (code) => {
      if (threads.has(thread)) onThreadError(thread, new Error(`the thread ended with code ${code}`));
    });
    return thread;
  }

  function release(thread: Thread): void {
    thread.current?.stop(undefined);
    thread.worker.unref();
    thread.idleTimer = setTimeout(() => void discard(thread), limits.workerIdleMs);
    thread.idleTimer.unref();
    queueMicrotask(dispatch);
  }

  function assign(thread: Thread, waiting: Waiting): void {
    const { request, outcome } = waiting;
    const id = ++lastId;
    const tool = request.job.tool;
    const kill = (reason: unknown) => {
      thread.current?.stop(reason);
      void discard(thread);
      dispatch();
    };
    const timer = setTimeout(() => {
      kill(toolError('tools.run.timeout', 'timeout', `Tool "${tool}" did not end within ${request.timeoutMs} ms and was stopped.`));
    }, request.timeoutMs);
    const onAbort = () => kill(request.signal.reason);
    request.signal.addEventListener('abort', onAbort, { once: true });
    const stopWatching = watchMemory(thread.worker, limits.workerMemoryMb, () => kill(outOfMemory(tool, limits.workerMemoryMb)));
    clearTimeout(thread.idleTimer);
    thread.worker.ref();
    thread.current = {
      id,
      waiting,
      stop(error) {
        clearTimeout(timer);
        stopWatching();
        request.signal.removeEventListener('abort', onAbort);
        thread.current = undefined;
        if (error !== undefined) outcome.reject(error);
      },
    };
    thread.worker.postMessage({ ...request.job, id } satisfies WorkerJob);
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const idle = [...threads].find((thread) => thread.current === undefined);
      if (idle === undefined && threads.size >= limits.workers) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      if (waiting.request.signal.aborted) waiting.outcome.reject(waiting.request.signal.reason);
      else assign(idle ?? start(), waiting);
    }
  }

  function enqueue(request: PoolRequest): Promise<BoundedResult> {
    const waiting: Waiting = { request, outcome: deferred() };
    queue.push(waiting);
    const onAbort = () => {
      const at = queue.indexOf(waiting);
      if (at === -1) return; // running already: its own listener ends it
      queue.splice(at, 1);
      waiting.outcome.reject(request.signal.reason);
    };
    request.signal.addEventListener('abort', onAbort, { once: true });
    dispatch();
    return waiting.outcome.promise.finally(() => request.signal.removeEventListener('abort', onAbort));
  }

  return {
    async run(request) {
      if (closed) throw toolError('tools.executor.closed', 'unavailable', 'The server is shutting down and starts no more tools.');
      request.signal.throwIfAborted();
      if (queue.length >= limits.waitingMax) {
        throw toolError('tools.worker.overloaded', 'unavailable', `${queue.length} tool calls are waiting already; try again in a moment.`);
      }
      return enqueue(request);
    },
    async close() {
      closed = true;
      const reason = toolError('tools.executor.closed', 'unavailable', 'The server is shutting down; this tool call was stopped.');
      for (const waiting of queue.splice(0)) waiting.outcome.reject(reason);
      const ending = [...threads].map((thread) => {
        thread.current?.stop(reason);
        return discard(thread);
      });
      await Promise.all(ending);
    },
  };
}
