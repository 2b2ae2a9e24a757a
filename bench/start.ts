/**
 * Start time and idle memory of the built product: first on a new data folder, then on the same one again.
 * `node bench/start.ts`, after one `npm start` has built the web application.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { median, table } from './measure.ts';

const MAIN = join(import.meta.dirname, '../apps/server/src/main.ts');
const ROUNDS = 5;
const IDLE_MS = 5_000;

interface Figures {
  pageMs: number;
  rssMb: number;
}

async function measure(dataDir: string, env: Record<string, string> = {}): Promise<Figures> {
  const startedAt = performance.now();
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--max-semi-space-size=4',
    MAIN,
    '--port',
    '3777',
    '--api-port',
    '8777',
    '--data',
    dataDir,
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  try {
    const pageMs = await firstPage(
      startedAt,
      () => child.exitCode !== null,
      () => errors,
    );
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    return { pageMs, rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024 };
  } finally {
    child.kill('SIGINT');
    await exited;
  }
}

/** Asks for the sign-in page until it is answered; returns ms since `startedAt`. */
async function firstPage(
  startedAt: number,
  hasEnded: () => boolean,
  output: () => string,
): Promise<number> {
  while (!hasEnded()) {
    const answer = await fetch('http://127.0.0.1:3777/sign-in').catch(() => null);
    if (answer?.ok) {
      await answer.text();
      return performance.now() - startedAt;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the product did not start: ${output()}`);
}

const rows: Record<string, string | number>[] = [];
async function report(what: string, one: () => Promise<Figures>): Promise<void> {
  const figures: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++) figures.push(await one());
  rows.push({
    what,
    'page after s': (median(figures.map((figure) => figure.pageMs)) / 1000).toFixed(2),
    'idle MB': Math.round(median(figures.map((figure) => figure.rssMb))),
  });
}

const kept = await mkdtemp(join(tmpdir(), 'automatos-bench-'));
await report('embedded, new data folder', async () => {
  const fresh = await mkdtemp(join(tmpdir(), 'automatos-bench-'));
  const figures = await measure(fresh);
  await rm(fresh, { recursive: true });
  return figures;
});
await measure(kept);
await report('embedded, existing data folder', () => measure(kept));
if (databaseKind() === 'server') {
  const own = await createTestDatabase();
  await report('server database', () => measure(kept, { DATABASE_URL: own.url as string }));
  await own.close();
}
process.stdout.write(`${table(rows)}\n`);
await rm(kept, { recursive: true });
