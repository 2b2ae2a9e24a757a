/** The rooms that benchmarks measure, composed over a database of their own and a model that answers at once. */
import { setTimeout as delay } from 'node:timers/promises';
import { createAgentRuntime, seedAgents } from '@automatos/agents';
import type { Database } from '@automatos/database';
import { createTestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { createProviders, createShippedPriceBook } from '@automatos/providers';
import type { ModelResult } from '@automatos/providers';
import { createWebhookProjection } from '@automatos/integrations';
import {
  createRecipeKind,
  createRecipeService,
  createRunEventProjection,
  createSyncFromDefinition,
} from '@automatos/recipes';
import { createEffectLedger, createRuns } from '@automatos/runs';
import type { Actor } from '@automatos/runs';
import {
  createToolExecutor,
  createToolRegistry,
  createWorkspaceRoots,
  withEffectLedger,
} from '@automatos/tools';
import { createUsageProjection } from '../apps/server/src/wiring/usage-projection.ts';

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
export const model = () =>
  Promise.resolve({ ...ANSWER, provider: 'openai', model: 'gpt-5.4-mini' });

export const by: Actor = { kind: 'system', id: 'bench', name: 'bench' };

/** Agent step without tools: one model call. */
export const agentStep = (n: number, options: object = {}) => ({
  step_id: `s${n}`,
  agent: 'documentation',
  prompt_template: 'answer',
  tools: [],
  ...options,
});

function composeTools(database: Database) {
  const registry = createToolRegistry();
  const bare = createToolExecutor({ registry, roots: () => [], outboundAllow: [] });
  const ledger = createEffectLedger({ database, clock: systemClock });
  return { registry, bare, executor: withEffectLedger(bare, { ledger, registry }) };
}

function composeRuns(database: Database, options: { activeMax?: number; workspaceMax?: number }) {
  const projections = [
    createRunEventProjection({ database, clock: systemClock }),
    createWebhookProjection({ database, clock: systemClock }),
  ];
  return createRuns({
    database,
    logger: silentLogger,
    projections: [
      createUsageProjection(createShippedPriceBook()),
      ...projections.map(({ project }) => project),
    ],
    activeMax: 50,
    workspaceMax: 1_000,
    ...options,
  });
}

/** Everything that a worker process of the product has, but HTTP: all projections, the ledger, quality and the queue. */
export async function composeRooms({
  modelMs = 0,
  ...options
}: { activeMax?: number; workspaceMax?: number; modelMs?: number } = {}) {
  const { database, workspaceId, otherWorkspaceId, close } = await createTestDatabase();
  const { registry, bare, executor } = composeTools(database);
  const base = { clock: systemClock, metrics: noMetrics, logger: silentLogger };
  const providers = createProviders({
    credentials: () => Promise.resolve({ apiKey: 'unused' }),
    ...base,
  });
  const runs = composeRuns(database, options);
  const agents = createAgentRuntime({
    providers: {
      call: modelMs === 0 ? model : () => delay(modelMs).then(model),
      resolve: providers.resolve,
      defaultRef: () => Promise.resolve({ provider: 'openai', model: 'gpt-5.4-mini' }),
    },
    executor,
    registry,
    ...base,
  });
  const judgeModel = () => Promise.resolve(null);
  runs.registerKind(createRecipeKind({ agents, executor, judgeModel, clock: systemClock }));
  for (const id of [workspaceId, otherWorkspaceId])
    await database.workspace(id, (tx) => seedAgents(tx, id as WorkspaceId, Date.now()));
  await runs.launch();
  const recipes = createRecipeService({
    database,
    registry,
    runs,
    roots: createWorkspaceRoots([]),
    clock: systemClock,
    emit: () => Promise.resolve(),
    syncFromDefinition: createSyncFromDefinition({ clock: systemClock }),
    featured: { shipped: [], waiting: [] },
  });
  return {
    database,
    workspaceId,
    otherWorkspaceId,
    runs,
    recipes,
    async close() {
      await runs.stop();
      await bare.close();
      await providers.close();
      await close();
    },
  };
}

export type Rooms = Awaited<ReturnType<typeof composeRooms>>;

/** Starts runs of a recipe and resolves when they completed. */
export function createCook({ runs, recipes, workspaceId }: Rooms) {
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
  return async function cook(slug: string): Promise<string> {
    const run = await recipes.execute({ workspaceId, by }, { ref: slug, inputs: {} });
    if (!endedEarly.delete(run.id))
      await new Promise<void>((resolve) => waiting.set(run.id, resolve));
    waiting.delete(run.id);
    return run.id;
  };
}
