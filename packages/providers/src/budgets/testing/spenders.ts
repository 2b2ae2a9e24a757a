import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { deferred } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { createRandom } from '../../router/strategies/sample-beta.ts';

export interface SpenderOptions {
  url: string;
  workspaceId: WorkspaceId;
  runId: string;
  vendor: string;
  concurrency: number;
  seed: number;
  leaseMs: number;
  /** Output limit of the model, tokens. */
  outputMax: number;
}

/** A vendor that charges truthfully for what it was asked and has said; its bill is the truth of a trial. */
export async function createBillingVendor(seed: number) {
  const random = createRandom(seed);
  const bill = { micros: 0, calls: 0, refusals: 0, atFirstRefusal: null as number | null };
  const watchers: { micros: number; reached: () => void }[] = [];

  function charge(micros: number): void {
    bill.micros += micros;
    for (const watcher of watchers) if (bill.micros >= watcher.micros) watcher.reached();
  }
  function answer(query: URLSearchParams, response: ServerResponse): void {
    bill.calls += 1;
    const manner = query.get('manner');
    if (manner === 'refuse') {
      response.writeHead(500).end();
      return;
    }
    const price = Number(query.get('price'));
    const tokens = Math.floor(random() * (Number(query.get('most')) + 1));
    charge((Number(query.get('input')) + tokens) * price);
    response.writeHead(200);
    // An answer that breaks off has mostly said how far it had come.
    if (manner === 'cut') {
      response.write(random() < 0.9 ? `so far ${tokens}\n` : 'text\n');
      setTimeout(() => response.destroy(), 2);
    } else setTimeout(() => response.end(`usage ${tokens}\n`), Math.floor(random() * 8));
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://vendor');
    if (url.pathname === '/v') return answer(url.searchParams, response);
    bill.refusals += 1;
    bill.atFirstRefusal ??= bill.micros;
    return response.end();
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    bill,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when the bill has reached so much. */
    billed(micros: number): Promise<void> {
      const { promise, resolve } = deferred<void>();
      watchers.push({ micros, reached: resolve });
      return promise;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A process that spends; see spender-child.ts. */
export function startSpender(options: SpenderOptions) {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'spender-child.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = deferred<{ code: number | null; errors: string }>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', (code) => ended.resolve({ code, errors }));
  return { ended: ended.promise, kill: () => child.kill('SIGKILL') };
}
