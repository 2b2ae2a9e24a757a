import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { deferred, deserializeError, type Deferred } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';
import type { BoundedResult } from './complete-run.ts';
import type { ExecutorLimits } from './limits.ts';
import type { WorkerJob, WorkerMessage, WorkerSettings } from './worker-protocol.ts';

/** A job with what the caller wants to hear. */
export interface PoolRequest {
  job: Omit<WorkerJob, 'id'>;
  timeoutMs: number;
  /** Aborting stops the slot and rejects with the signal's reason. */
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

interface Slot {
  child: ChildProcess;
  current: Running | undefined;
  stderr: string;
  exited: Promise<void>;
  idleTimer: NodeJS.Timeout | undefined;
}

const MEMORY_POLL_MS = 250;
const STDERR_TAIL = 4000;

function outOfMemory(tool: string, limitMb: number) {
  return toolError(
    'tools.run.out_of_memory',
    'limit-reached',
    `Tool "${tool}" used more than ${limitMb} MB of memory and was stopped. Give it a smaller folder or file.`,
  );
}

/** Resident memory of a process in bytes, or undefined where the system does not tell (only Linux does, here). */
async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]);
    return Number.isFinite(pages) ? pages * 4096 : undefined;
  } catch {
    return undefined; // another system, or the process has ended: its exit event tells the story
  }
}

/** Calls back when the process holds more than `bytesMax`: V8's own limit does not count buffers and native memory. */
function watchMemory(pid: number, bytesMax: number, onExceeded: () => void): () => void {
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (bytes !== undefined && bytes > bytesMax) onExceeded();
    });
  }, MEMORY_POLL_MS);
  return () => clearInterval(timer);
}

/** Nothing of this process but where compiled code is kept, so that a worker need not compile all tools again. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

function startProcess(limits: ExecutorLimits, settings: WorkerSettings): ChildProcess {
  return fork(
    fileURLToPath(new URL('./worker-main.ts', import.meta.url)),
    [JSON.stringify(settings)],
    {
      env: compileCache(),
      execArgv: [`--max-old-space-size=${limits.workerMemoryMb}`],
      // What a tool prints goes nowhere; the end of stderr tells why a process died.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A group of its own, so that programs which a tool started end with it.
      detached: true,
    },
  );
}

/** Ends a process and all that it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // the group is gone or never was; the process itself may still be there
  }
}

/**
 * A bounded set of processes for tools; one that must be stopped is replaced, an idle one ends after a while.
 *
 * Processes and not threads: a thread that runs out of heap can take the whole server down with it (V8 aborts the
 * process on some of its paths; seen within forty such ends), and so can a fault in a native parser.
 */
export class WorkerPool {
  readonly #limits: ExecutorLimits;
  readonly #settings: WorkerSettings;
  readonly #slots = new Set<Slot>();
  readonly #queue: Waiting[] = [];
  #closed = false;
  #lastId = 0;

  constructor(limits: ExecutorLimits, settings: WorkerSettings) {
    this.#limits = limits;
    this.#settings = settings;
  }

  /** Runs a job in a slot of its own for that time; rejects with typed errors. Waiting for a slot is not counted as run time. */
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

  /** Stops all slots; waiting and running jobs are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = toolError(
      'tools.executor.closed',
      'unavailable',
      'The server is shutting down; this tool call was stopped.',
    );
    for (const waiting of this.#queue.splice(0)) waiting.outcome.reject(reason);
    const ending = [...this.#slots].map((slot) => {
      slot.current?.stop(reason);
      // Waiting for an end needs a process that counts, or this one would end first.
      keepAlive(slot.child, true);
      return this.#discard(slot);
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
      const idle = [...this.#slots].find((slot) => slot.current === undefined);
      if (idle === undefined && this.#slots.size >= this.#limits.workers) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      if (waiting.request.signal.aborted) waiting.outcome.reject(waiting.request.signal.reason);
      else this.#assign(idle ?? this.#start(), waiting);
    }
  }

  #start(): Slot {
    const child = startProcess(this.#limits, this.#settings);
    const exited = deferred<void>();
    const slot: Slot = {
      child,
      current: undefined,
      idleTimer: undefined,
      stderr: '',
      exited: exited.promise,
    };
    this.#slots.add(slot);
    child.stderr?.on('data', (chunk: Buffer) => {
      slot.stderr = (slot.stderr + chunk.toString('utf8')).slice(-STDERR_TAIL);
    });
    child.on('message', (message) => this.#onMessage(slot, message as WorkerMessage));
    child.on('error', (error) => this.#onEnd(slot, `could not run: ${error.message}`));
    child.on('close', (code, signal) => {
      exited.resolve();
      if (this.#slots.has(slot)) this.#onEnd(slot, `ended with ${signal ?? `code ${code}`}`);
    });
    return slot;
  }

  #assign(slot: Slot, waiting: Waiting): void {
    const { request, outcome } = waiting;
    const id = ++this.#lastId;
    const tool = request.job.tool;
    const kill = (reason: unknown) => this.#kill(slot, reason);
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
    // The runtime itself and the syntax trees of native parsers come on top of the heap.
    const rssMax = (limitMb * 1.5 + 192) * 1024 * 1024;
    const stopWatching = watchMemory(slot.child.pid ?? 0, rssMax, () =>
      kill(outOfMemory(tool, limitMb)),
    );
    clearTimeout(slot.idleTimer);
    keepAlive(slot.child, true);
    slot.current = {
      id,
      waiting,
      stop(error) {
        clearTimeout(timer);
        stopWatching();
        request.signal.removeEventListener('abort', onAbort);
        slot.current = undefined;
        if (error !== undefined) outcome.reject(error);
      },
    };
    slot.child.send({ ...request.job, id } satisfies WorkerJob, (error) => {
      if (error !== null && slot.current?.id === id)
        this.#onEnd(slot, `took no job: ${error.message}`);
    });
  }

  #onMessage(slot: Slot, message: WorkerMessage): void {
    const current = slot.current;
    if (current === undefined || message.id !== current.id) return;
    const { request, outcome } = current.waiting;
    if (message.type === 'progress')
      request.onProgress(message.message, message.ratio ?? undefined);
    else if (message.type === 'log') request.onLog(message.level, message.fields, message.message);
    else {
      this.#release(slot);
      if (message.type === 'done') outcome.resolve(message.result);
      else outcome.reject(deserializeError(message.error));
    }
  }

  #onEnd(slot: Slot, how: string): void {
    const tool = slot.current?.waiting.request.job.tool ?? 'unknown';
    if (/heap out of memory|Allocation failed|Array buffer allocation/.test(slot.stderr)) {
      this.#kill(slot, outOfMemory(tool, this.#limits.workerMemoryMb));
      return;
    }
    const message = `The process that ran "${tool}" ended unexpectedly.`;
    const internalMessage = `${how}\n${slot.stderr}`;
    this.#kill(slot, toolError('tools.worker.failed', 'internal', { message, internalMessage }));
  }

  #kill(slot: Slot, reason: unknown): void {
    slot.current?.stop(reason);
    void this.#discard(slot);
    this.#dispatch();
  }

  #release(slot: Slot): void {
    slot.current?.stop(undefined);
    keepAlive(slot.child, false);
    slot.idleTimer = setTimeout(() => void this.#discard(slot), this.#limits.workerIdleMs);
    slot.idleTimer.unref();
    queueMicrotask(() => this.#dispatch());
  }

  #discard(slot: Slot): Promise<void> {
    this.#slots.delete(slot);
    clearTimeout(slot.idleTimer);
    killGroup(slot.child);
    return slot.exited;
  }
}

/** Whether the process keeps this one from ending. */
function keepAlive(child: ChildProcess, wanted: boolean): void {
  if (wanted) child.ref();
  else child.unref();
  if (wanted) child.channel?.ref();
  else child.channel?.unref();
  const pipe = child.stderr as (Readable & Pick<Socket, 'ref' | 'unref'>) | null;
  if (wanted) pipe?.ref();
  else pipe?.unref();
}
