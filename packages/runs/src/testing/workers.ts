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
  const news = createNews();
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
    news.tell();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    hold,
    /** Most calls that were open at once. */
    mostOpen: () => mostOpen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves with the calls when `enough` holds of them. */
    until: (enough: (calls: RecordedCall[]) => boolean) =>
      news.until(() => (enough(calls) ? calls : undefined)),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Wakes those who wait for a condition. */
function createNews() {
  const listeners = new Set<() => void>();
  return {
    tell() {
      for (const listener of listeners) listener();
    },
    /** Resolves with what `read` finds, as soon as it finds something. */
    async until<T>(read: () => T | undefined): Promise<T> {
      for (;;) {
        const found = read();
        if (found !== undefined) return found;
        const next = deferred<void>();
        const listener = () => next.resolve();
        listeners.add(listener);
        await next.promise;
        listeners.delete(listener);
      }
    },
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
  const news = createNews();
  const exited = deferred<void>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', () => {
    exited.resolve();
    news.tell();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    news.tell();
  });
  function mustLive(): undefined {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`worker has ended: ${errors}\n${lines.join('\n')}`);
  }
  const startedRuns = () =>
    lines.filter((entry) => entry.startsWith('started ')).map((entry) => entry.slice(8));
  return {
    lines,
    exited: exited.promise,
    /** Resolves with the first line that starts with `start`. */
    line: (start: string) =>
      news.until(() => lines.find((entry) => entry.startsWith(start)) ?? mustLive()),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Ids of the runs it started, when there are `count`. */
    started: (count: number) =>
      news.until(() => (startedRuns().length >= count ? startedRuns() : mustLive())),
    async end(): Promise<void> {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await exited.promise;
    },
  };
}

/** Of all runs, oldest first. */
export async function statuses(
  database: Pick<Database, 'pool'>,
): Promise<Record<string, { status: string; code: string | null }>> {
  const { rows } = await database.pool.query<{ id: string; status: string; code: string | null }>(
    `SELECT id, status, error->>'code' AS code FROM runs ORDER BY created_at`,
  );
  return Object.fromEntries(rows.map(({ id, status, code }) => [id, { status, code }]));
}

export { eventually } from './eventually.ts';
