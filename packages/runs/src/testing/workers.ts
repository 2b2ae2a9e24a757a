import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Database } from '@automatos/database';
import { deferred } from '@automatos/kernel';
import type { ChildOptions } from './worker-child.ts';

/** One call that a worker made: the recorder keeps it, and answers it when told, or at once. */
export interface RecordedCall {
  runId: string;
  name: string;
  key: string;
  answer: () => void;
}

/** Records the calls of workers. Those whose name is in `hold` wait for `answer`. */
export async function createCallRecorder() {
  const calls: RecordedCall[] = [];
  const hold = new Set<string>();
  const listeners = new Set<() => void>();
  let open = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const [, runId = '', name = ''] = (request.url ?? '').split('/');
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.once('close', () => (open -= 1));
    const answer = () => {
      if (response.headersSent || response.destroyed) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name }));
    };
    calls.push({ runId, name, key: String(request.headers['idempotency-key']), answer });
    if (!hold.has(name)) answer();
    for (const listener of listeners) listener();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    hold,
    /** Most calls that were open at once. */
    mostOpen: () => mostOpen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves with the calls when `enough` holds of them. */
    async until(enough: (calls: RecordedCall[]) => boolean): Promise<RecordedCall[]> {
      while (!enough(calls)) {
        const news = deferred<void>();
        const listener = () => news.resolve();
        listeners.add(listener);
        await news.promise;
        listeners.delete(listener);
      }
      return calls;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A process that executes runs; see worker-child.ts. */
export function startWorker(options: ChildOptions) {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'worker-child.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const exited = deferred<void>();
  let errors = '';
  const tell = () => {
    for (const listener of listeners) listener();
  };
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', () => {
    exited.resolve();
    tell();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    tell();
  });
  /** Resolves with the first line that starts with `start`. */
  async function line(start: string): Promise<string> {
    for (;;) {
      const found = lines.find((entry) => entry.startsWith(start));
      if (found !== undefined) return found;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`worker ended before "${start}": ${errors}\n${lines.join('\n')}`);
      const news = deferred<void>();
      const listener = () => news.resolve();
      listeners.add(listener);
      await news.promise;
      listeners.delete(listener);
    }
  }
  return {
    child,
    lines,
    line,
    exited: exited.promise,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Ids of the runs it started, when there are `count`. */
    async started(count: number): Promise<string[]> {
      const ids: string[] = [];
      const all = () =>
        lines.filter((entry) => entry.startsWith('started ')).map((l) => l.slice(8));
      while (all().length < count) {
        const news = deferred<void>();
        const listener = () => news.resolve();
        listeners.add(listener);
        await news.promise;
        listeners.delete(listener);
      }
      ids.push(...all());
      return ids;
    },
    async end(): Promise<void> {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await exited.promise;
    },
  };
}

export async function statuses(
  database: Pick<Database, 'pool'>,
): Promise<Record<string, { status: string; code: string | null }>> {
  const { rows } = await database.pool.query<{ id: string; status: string; code: string | null }>(
    `SELECT id, status, error->>'code' AS code FROM runs ORDER BY created_at`,
  );
  return Object.fromEntries(rows.map(({ id, status, code }) => [id, { status, code }]));
}

export { eventually } from './eventually.ts';
