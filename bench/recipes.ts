/**
 * Recipes beside bare DBOS workflows and a bare loop, interleaved in one run; medians over rounds.
 * `node bench/recipes.ts [--rounds 5]`, on the server of AUTOMATOS_TEST_DATABASE_URL or, without it, embedded.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { createAgentRuntime, seedAgents } from '@automatos/agents';
import { createTestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import type { ModelResult } from '@automatos/providers';
import { createRecipeKind, createRecipeService } from '@automatos/recipes';
import { createEffectLedger, createRuns } from '@automatos/runs';
import type { Actor } from '@automatos/runs';
import {
  createToolExecutor,
  createToolRegistry,
  createWorkspaceRoots,
  withEffectLedger,
} from '@automatos/tools';
import { projectUsage } from '../apps/server/src/wiring/usage-projection.ts';
import { median, table, throughput } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const STEPS = 10;
const ANSWER: Omit<ModelResult, 'provider' | 'model'> = {
  text: 'done',
  toolCalls: [],
  finishReason: 'stop',
  usage: {
    inputTokens: 100,
    outputTokens: 20,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    cacheWriteTokens: 0,
  },
  usageEstimated: false,
  costMicros: 12,
  priceVersion: 'bench',
  durationMs: 0,
  firstTokenMs: 0,
  offline: false,
} as never;
/** The model that every contender calls: it answers at once, so that only the engines are measured. */
const model = () => Promise.resolve({ ...ANSWER, provider: 'openai', model: 'gpt-5.4-mini' });

const rawLine = DBOS.registerWorkflow(
  async () => {
    for (let step = 0; step < STEPS; step++) await DBOS.runStep(model, { name: `step${step}` });
  },
  { name: 'bench.line' },
);
const rawFan = DBOS.registerWorkflow(
  async () => {
    await Promise.all(
      Array.from({ length: STEPS }, (_, step) => DBOS.runStep(model, { name: `step${step}` })),
    );
  },
  { name: 'bench.fan' },
);

const { database, workspaceId, close } = await createTestDatabase();
const registry = createToolRegistry();
const providers = createProviders({
  credentials: () => Promise.resolve({ apiKey: 'unused' }),
  clock: systemClock,
  metrics: noMetrics,
  logger: silentLogger,
});
const bare = createToolExecutor({ registry, roots: () => [], outboundAllow: [] });
const executor = withEffectLedger(bare, {
  ledger: createEffectLedger({ database, clock: systemClock }),
  registry,
});
const runs = createRuns({ database, logger: silentLogger, projections: [projectUsage] });
const runtime = createAgentRuntime({
  providers: {
    call: model,
    resolve: providers.resolve,
    defaultRef: () => Promise.resolve({ provider: 'openai', model: 'gpt-5.4-mini' }),
  },
  executor,
  registry,
  clock: systemClock,
  metrics: noMetrics,
  logger: silentLogger,
});
runs.registerKind(createRecipeKind({ agents: runtime, executor, clock: systemClock }));
await database.workspace(workspaceId, (tx) => seedAgents(tx, workspaceId, Date.now()));
await runs.launch();

const by: Actor = { kind: 'system', id: 'bench', name: 'bench' };
const recipes = createRecipeService({
  database,
  registry,
  runs,
  roots: createWorkspaceRoots([]),
  clock: systemClock,
});
const step = (n: number) => ({
  step_id: `s${n}`,
  agent: 'documentation',
  prompt_template: 'answer',
  tools: [],
});
const steps = Array.from({ length: STEPS }, (_, n) => step(n));
await recipes.create({ workspaceId, by }, { definition: { slug: 'line', name: 'line', steps } });
await recipes.create(
  { workspaceId, by },
  {
    definition: {
      slug: 'fan',
      name: 'fan',
      execution: { parallel_limit: STEPS },
      steps: [{ step_id: 'all', type: 'parallel', steps }],
    },
  },
);

const waiting = new Map<string, () => void>();
const endedEarly = new Set<string>();
runs.watchWorkspace(workspaceId, (events) => {
  for (const event of events) {
    if (event.type === 'run.failed') throw new Error(JSON.stringify(event.data));
    if (event.type !== 'run.completed' || !event.run_id) continue;
    const resolve = waiting.get(event.run_id);
    if (resolve) resolve();
    else endedEarly.add(event.run_id);
  }
});
async function recipe(slug: string): Promise<void> {
  const run = await recipes.execute({ workspaceId, by }, { ref: slug, inputs: {} });
  if (!endedEarly.delete(run.id))
    await new Promise<void>((resolve) => waiting.set(run.id, resolve));
  waiting.delete(run.id);
}
const raw = async (workflow: () => Promise<void>) =>
  (await DBOS.startWorkflow(workflow)()).getResult();
async function loop(): Promise<void> {
  for (let n = 0; n < STEPS; n++) await model();
}

const shapes = [
  { shape: '10 steps in a line', ours: () => recipe('line'), dbos: () => raw(rawLine) },
  { shape: '1×10 fan-out', ours: () => recipe('fan'), dbos: () => raw(rawFan) },
];
const rows: Record<string, string | number>[] = [];
for (const { shape, ours, dbos } of shapes) {
  for (const at of [1, 50]) {
    const total = at === 1 ? 30 : 150;
    const figures = {
      ours: [] as number[],
      dbos: [] as number[],
      loop: [] as number[],
      ratio: [] as number[],
    };
    // The first round warms up and is not counted.
    for (let round = 0; round <= Number(values.rounds); round++) {
      const rawRate = await throughput(dbos, { at, total });
      const ourRate = await throughput(ours, { at, total });
      const loopRate = await throughput(loop, { at, total: 20_000 });
      if (round === 0) continue;
      figures.dbos.push(rawRate);
      figures.ours.push(ourRate);
      figures.loop.push(loopRate);
      figures.ratio.push(ourRate / rawRate);
    }
    rows.push({
      work: shape,
      'at once': at,
      'recipe runs/s': median(figures.ours).toFixed(1),
      'raw DBOS runs/s': median(figures.dbos).toFixed(1),
      'recipe / raw DBOS': median(figures.ratio).toFixed(2),
      'bare loop runs/s': Math.round(median(figures.loop)),
    });
  }
}
process.stdout.write(
  `${database.capabilities.multiProcess ? 'server' : 'embedded'} database, ${cpus().length} cores, Node ${process.version}, ${values.rounds} rounds\n\n${table(rows)}\n`,
);
await runs.stop();
await bare.close();
await providers.close();
await close();
process.exit(0);
