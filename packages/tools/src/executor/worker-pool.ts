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

interface Waiting {
  request: PoolRequest;
  outcome: Deferred<BoundedResult>;
}

interface Running {
  id: number;
  waiting: Waiting;
  /** Ends the watching of this call; with an error also the call itself. */
  stop(error: unknown): void;
}

interface Thread {
  worker: Worker;
  current: Running | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

const MEMORY_POLL_MS = 250;

function outOfMemory(tool: string, limitMb: number) {
  return toolError(
    'tools.run.out_of_memory',
    'limit-reached',
    `Tool "${tool}" used more than ${limitMb} MB of memory and was stopped. Give it a smaller folder or file.`,
  );
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

function startWorker(limits: ExecutorLimits, settings: WorkerSettings): Worker {
  const worker = new Worker(new URL('./worker-main.ts', import.meta.url), {
    workerData: settings,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: limits.workerMemoryMb,
      maxYoungGenerationSizeMb: 64,
      stackSizeMb: 8,
    },
  });
  // What a tool prints is dropped; unread it would pile up here.
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

/** A bounded set of threads for tools; a thread that must be stopped is replaced, an idle one ends after a while. */
export class WorkerPool {
  readonly #limits: ExecutorLimits;
  readonly #settings: WorkerSettings;
  readonly #threads = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  #closed = false;
  #lastId = 0;

  constructor(limits: ExecutorLimits, settings: WorkerSettings) {
    this.#limits = limits;
    this.#settings = settings;
  }

  /** Runs a job in a thread of its own for that time; rejects with typed errors. Waiting for a thread is not counted as run time. */
  async run(request: PoolRequest): Promise<BoundedResult> {
    if (this.#closed) {
      throw toolError(
        'tools.executor.closed',
        'unavailable',
        'The server is shutting down and starts no more tools.',
      );
    }
    request.signal.throwIfAborted();
    if (this.#queue.length >= this.#limits.waitingMax) {
      throw toolError(
        'tools.worker.overloaded',
        'unavailable',
        `${this.#queue.length} tool calls are waiting already; try again in a moment.`,
      );
    }
    return this.#enqueue(request);
  }

  /** Stops all threads; waiting and running jobs are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = toolError(
      'tools.executor.closed',
      'unavailable',
      'The server is shutting down; this tool call was stopped.',
    );
    for (const waiting of this.#queue.splice(0)) waiting.outcome.reject(reason);
    const ending = [...this.#threads].map((thread) => {
      thread.current?.stop(reason);
      return this.#discard(thread);
    });
    await Promise.all(ending);
  }

  #enqueue(request: PoolRequest): Promise<BoundedResult> {
    const waiting: Waiting = { request, outcome: deferred() };
    this.#queue.push(waiting);
    const onAbort = () => {
      const at = this.#queue.indexOf(waiting);
      if (at === -1) return; // running already: its own listener ends it
      this.#queue.splice(at, 1);
      waiting.outcome.reject(request.signal.reason);
    };
    request.signal.addEventListener('abort', onAbort, { once: true });
    this.#dispatch();
    return waiting.outcome.promise.finally(() =>
      request.signal.removeEventListener('abort', onAbort),
    );
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const idle = [...this.#threads].find((thread) => thread.current === undefined);
      if (idle === undefined && this.#threads.size >= this.#limits.workers) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      if (waiting.request.signal.aborted) waiting.outcome.reject(waiting.request.signal.reason);
      else this.#assign(idle ?? this.#start(), waiting);
    }
  }

  #start(): Thread {
    const thread: Thread = {
      worker: startWorker(this.#limits, this.#settings),
      current: undefined,
      idleTimer: undefined,
    };
    this.#threads.add(thread);
    thread.worker.on('message', (message: WorkerMessage) => this.#onMessage(thread, message));
    thread.worker.on('error', (error) => this.#onThreadError(thread, error));
    thread.worker.on('exit', (code) => {
      if (this.#threads.has(thread))
        this.#onThreadError(thread, new Error(`the thread ended with code ${code}`));
    });
    return thread;
  }

  #assign(thread: Thread, waiting: Waiting): void {
    const { request, outcome } = waiting;
    const id = ++this.#lastId;
    const tool = request.job.tool;
    const kill = (reason: unknown) => this.#kill(thread, reason);
    const timer = setTimeout(() => {
      kill(
        toolError(
          'tools.run.timeout',
          'timeout',
          `Tool "${tool}" did not end within ${request.timeoutMs} ms and was stopped.`,
        ),
      );
    }, request.timeoutMs);
    const onAbort = () => kill(request.signal.reason);
    request.signal.addEventListener('abort', onAbort, { once: true });
    const limitMb = this.#limits.workerMemoryMb;
    const stopWatching = watchMemory(thread.worker, limitMb, () =>
      kill(outOfMemory(tool, limitMb)),
    );
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

  #onMessage(thread: Thread, message: WorkerMessage): void {
    const current = thread.current;
    if (current === undefined || message.id !== current.id) return;
    const { request, outcome } = current.waiting;
    if (message.type === 'progress')
      request.onProgress(message.message, message.ratio ?? undefined);
    else if (message.type === 'log') request.onLog(message.level, message.fields, message.message);
    else {
      this.#release(thread);
      if (message.type === 'done') outcome.resolve(message.result);
      else outcome.reject(deserializeError(message.error));
    }
  }

  #onThreadError(thread: Thread, error: unknown): void {
    const tool = thread.current?.waiting.request.job.tool ?? 'unknown';
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
      this.#kill(thread, outOfMemory(tool, this.#limits.workerMemoryMb));
      return;
    }
    const message = `The thread that ran "${tool}" ended unexpectedly.`;
    const internalMessage = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#kill(
      thread,
      toolError('tools.worker.failed', 'internal', { message, internalMessage, cause: error }),
    );
  }

  #kill(thread: Thread, reason: unknown): void {
    thread.current?.stop(reason);
    void this.#discard(thread);
    this.#dispatch();
  }

  #release(thread: Thread): void {
    thread.current?.stop(undefined);
    thread.worker.unref();
    thread.idleTimer = setTimeout(() => void this.#discard(thread), this.#limits.workerIdleMs);
    thread.idleTimer.unref();
    queueMicrotask(() => this.#dispatch());
  }

  #discard(thread: Thread): Promise<number> {
    this.#threads.delete(thread);
    clearTimeout(thread.idleTimer);
    return thread.worker.terminate();
  }
}
