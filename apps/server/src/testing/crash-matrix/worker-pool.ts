import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createDatabaseProxy } from './database-proxy.ts';
import type { CrashPoint, DatabaseProxy } from './database-proxy.ts';

const MAIN = join(import.meta.dirname, 'crash-worker.ts');

/** A process that executes runs, behind a proxy of its own. */
export interface MatrixWorker {
  /** Resolves with the statement at which it was killed. */
  killedAt(point: CrashPoint): Promise<string>;
  disarm(): void;
  readonly writes: number;
  close(): Promise<void>;
}

export interface WorkerPool {
  /** Lets a loaded process work; resolves when it takes runs. */
  start(): Promise<MatrixWorker>;
  close(): Promise<void>;
}

/** Keeps `spares` loaded processes ready, because loading takes longer than everything else of a trial. */
export function createWorkerPool(options: {
  databaseUrl: string;
  env: Record<string, string>;
  spares: number;
}): WorkerPool {
  const loaded: Loaded[] = [];
  const all = new Set<ChildProcess>();
  const fill = () => {
    while (loaded.length < options.spares) loaded.push(load(options, all));
  };
  fill();
  return {
    async start() {
      const next = loaded.shift() ?? load(options, all);
      fill();
      return begin(options.databaseUrl, await next);
    },
    async close() {
      for (const child of all) child.kill('SIGKILL');
      await Promise.allSettled(loaded);
    },
  };
}

interface Process {
  child: ChildProcess;
  /** Resolves with the next line of that text; rejects when the process ends before. */
  line(text: string): Promise<void>;
}
type Loaded = Promise<Process>;

async function load(
  options: { env: Record<string, string> },
  all: Set<ChildProcess>,
): Promise<Process> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env },
  });
  all.add(child);
  child.once('exit', () => all.delete(child));
  let complaint = '';
  child.stderr.on(
    'data',
    (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)),
  );
  child.stdin.on('error', (error) => (complaint += error.message));
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  createInterface({ input: child.stdout }).on('line', (line) => waiting.get(line)?.resolve());
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`a worker ended with ${code ?? signal} before it was ready:\n${complaint}`));
  });
  const process_: Process = {
    child,
    line(text) {
      const promise = Promise.withResolvers<void>();
      waiting.set(text, promise);
      return promise.promise;
    },
  };
  await process_.line('loaded');
  return process_;
}

async function begin(databaseUrl: string, { child, line }: Process): Promise<MatrixWorker> {
  const proxy: DatabaseProxy = await createDatabaseProxy(databaseUrl);
  const ready = line('ready');
  child.stdin?.write(`go ${proxy.url}\n`);
  await ready;
  return {
    killedAt: (point) =>
      new Promise((resolve) => {
        proxy.arm(point, (statement) => {
          child.kill('SIGKILL');
          child.once('exit', () => void proxy.close().then(() => resolve(statement)));
        });
      }),
    disarm: () => proxy.disarm(),
    get writes() {
      return proxy.writes;
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await proxy.close();
    },
  };
}
