import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventEnvelope, Run } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import { silentLogger, systemClock } from '@automatos/kernel';
import { compose } from '../../compose.ts';
import type { App } from '../../compose.ts';
import { loadConfig } from '../../config.ts';
import { createOutsideWorld } from './outside-world.ts';
import type { OutsideWorld } from './outside-world.ts';
import { EXPECTED, MAIN_RECIPE, SUB_RECIPE } from './scenario.ts';
import type { CrashPoint } from './database-proxy.ts';
import { createWorkerPool } from './worker-pool.ts';
import type { MatrixWorker, WorkerPool } from './worker-pool.ts';

/** One kill and what became of the run. */
export interface Trial {
  workers: number;
  point: CrashPoint;
  /** Null when the run was over before the point came. */
  killedAt: string | null;
  verdict: Verdict;
}

export interface Verdict {
  status: string;
  /** A run that did not complete, or whose results, steps or events are not whole. */
  lost: string | null;
  stuck: boolean;
  duplicatedEffects: number;
  repeatedModelCalls: number;
}

export interface Matrix {
  trial(options: { workers: number; point: CrashPoint }): Promise<Trial>;
  /** Violations of `/api/system/invariants` now. */
  invariants(): Promise<{ name: string; violations: number }[]>;
  close(): Promise<void>;
}

const KEY = 'ak_srv_crash_matrix_operator_key_0001';
const SECRET = 'crash-matrix-installation-secret-0001';
const STUCK_MS = 45_000;
const LOOK_MS = 25;

/** Everything a crash matrix needs: database, workers, and an outside world that remembers. Needs a database server. */
export async function createMatrix(): Promise<Matrix> {
  const database = await createTestDatabase();
  if (database.url === undefined)
    throw new Error(
      'the crash matrix kills processes that share a database server: run the suite "server"',
    );
  const dataDir = await mkdtemp(join(tmpdir(), 'automatos-matrix-'));
  const world = await createOutsideWorld();
  const env = {
    DATABASE_URL: database.url,
    AUTOMATOS_DATA_DIR: dataDir,
    AUTOMATOS_SECRET: SECRET,
    AUTOMATOS_OUTBOUND_ALLOW: '127.0.0.1',
    AUTOMATOS_ROOTS: dataDir,
    OPENAI_COMPATIBLE_BASE_URL: `${world.model.url}/v1`,
    LLM_DEFAULT_PROVIDER: 'openai-compatible',
    LLM_DEFAULT_MODEL: 'fake-model',
    RATE_LIMIT_PRINCIPAL_PER_MINUTE: '1000000',
  };
  const app = await composeApi(env, dataDir);
  const call = caller(app);
  for (const yaml of [SUB_RECIPE, MAIN_RECIPE])
    await call('POST', '/api/workflow-recipes', { yaml });
  const pool = createWorkerPool({ databaseUrl: database.url, env, spares: 2 });
  const live: MatrixWorker[] = [];
  return {
    trial: (options) => runTrial({ call, world, pool, live }, options),
    async invariants() {
      const { invariants } = await call<{ invariants: { name: string; violations: number }[] }>(
        'GET',
        '/api/system/invariants',
      );
      return invariants.filter(({ violations }) => violations > 0);
    },
    async close() {
      await Promise.all(live.map((worker) => worker.close()));
      await pool.close();
      await app.stop();
      await world.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function composeApi(env: Record<string, string>, dataDir: string): Promise<App> {
  const config = loadConfig({
    env: { ...env, AUTOMATOS_ROLES: 'api' },
    argv: [],
    cwd: dataDir,
    home: dataDir,
    isTerminal: false,
  });
  return compose({ config, logger: silentLogger, operatorKey: KEY, progress: () => undefined });
}

type Call = <T>(method: 'GET' | 'POST', url: string, body?: object) => Promise<T>;

function caller(app: App): Call {
  return async <T>(method: 'GET' | 'POST', url: string, body?: object) => {
    const response = await app.edge.inject({
      method,
      url,
      headers: { authorization: `Bearer ${KEY}` },
      ...(body === undefined ? {} : { payload: body }),
    });
    if (response.statusCode >= 400) throw new Error(`${method} ${url}: ${response.body}`);
    return response.json() as T;
  };
}

interface Site {
  call: Call;
  world: OutsideWorld;
  pool: WorkerPool;
  /** Workers that live now; a killed one is replaced. */
  live: MatrixWorker[];
}

async function runTrial(
  site: Site,
  { workers, point }: { workers: number; point: CrashPoint },
): Promise<Trial> {
  const { call, live, pool } = site;
  while (live.length > workers) await live.pop()?.close();
  while (live.length < workers) live.push(await pool.start());
  let killedAt: string | null = null;
  // With several workers nobody knows who gets the run: all are armed, and the first that reaches the point dies.
  const deaths = live.map(async (worker) => {
    const statement = await worker.killedAt(point);
    killedAt ??= statement;
    live.splice(live.indexOf(worker), 1);
    for (const other of live) other.disarm();
    live.push(await pool.start());
  });
  const run = await call<Run>('POST', '/api/workflow-recipes/crash-matrix/execute', {
    inputs: { effects: site.world.effectsUrl, items: ['a', 'b', 'c'] },
    title: `${workers} workers, write ${point.write}, ${point.when}`,
  });
  const ended = await watch(site, run.id);
  for (const worker of live) worker.disarm();
  if (killedAt !== null) await Promise.any(deaths);
  return { workers, point, killedAt, verdict: await judge(site, run.id, ended) };
}

/** Waits for the end and decides the approval in between, as a person would. */
async function watch({ call }: Site, runId: string): Promise<Run | null> {
  const until = Date.now() + STUCK_MS;
  while (Date.now() < until) {
    const run = await call<Run>('GET', `/api/runs/${runId}`);
    if (run.finished_at !== null) return run;
    if (run.open_approvals > 0) {
      const { items } = await call<{ items: { id: string }[] }>(
        'GET',
        `/api/approvals?status=open&run=${runId}`,
      );
      for (const { id } of items)
        await call('POST', `/api/approvals/${id}/decision`, { decision: 'approve' });
    }
    await systemClock.sleep(LOOK_MS);
  }
  return null;
}

async function judge({ call, world }: Site, runId: string, run: Run | null): Promise<Verdict> {
  const traces = world.tracesOf(runId);
  const repeated = [...traces.modelCalls.values()].reduce((sum, times) => sum + times - 1, 0);
  const duplicated = [...traces.keysByEffect.values()].reduce(
    (sum, keys) => sum + keys.size - 1,
    0,
  );
  const common = { duplicatedEffects: duplicated, repeatedModelCalls: repeated };
  if (run === null) return { status: 'not ended', lost: null, stuck: true, ...common };
  const { items: events } = await call<{ items: EventEnvelope[] }>(
    'GET',
    `/api/runs/${runId}/events?limit=1000`,
  );
  const lost = whatIsLost(run, events, {
    effects: [...traces.keysByEffect.keys()],
    modelCalls: traces.modelCalls.size,
  });
  return { status: run.status, lost, stuck: false, ...common };
}

function whatIsLost(
  run: Run,
  events: EventEnvelope[],
  seen: { effects: string[]; modelCalls: number },
): string | null {
  if (run.status !== 'completed') return `ended ${run.status}: ${run.error?.message ?? ''}`;
  if (JSON.stringify(sorted(run.outputs ?? {})) !== JSON.stringify(sorted(EXPECTED.outputs)))
    return `outputs ${JSON.stringify(run.outputs)}`;
  const effects = seen.effects.toSorted().join();
  if (effects !== EXPECTED.effects.toSorted().join()) return `effects ${effects}`;
  if (seen.modelCalls !== EXPECTED.modelCalls) return `${seen.modelCalls} model calls`;
  if (events.some((event, index) => event.seq !== index + 1)) return 'a gap in the events';
  const ends = events.filter(({ type }) => /^run\.(?:completed|failed|cancelled)$/.test(type));
  if (ends.length !== 1 || events.at(-1) !== ends[0]) return `${ends.length} ends in the event log`;
  // The call of the sub-run stands in its own log, and quality may be judged by a model besides.
  const calls = events.filter(
    ({ type, data }) => type === 'llm.completed' && data['agent'] === 'documentation',
  ).length;
  return calls === EXPECTED.modelCalls - 1 ? null : `${calls} model calls in the event log`;
}

const sorted = (value: object) => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
