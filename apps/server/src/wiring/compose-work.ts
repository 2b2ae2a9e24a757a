import { createAgentRuntime } from '@automatos/agents';
import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import { createProviders, findProvider } from '@automatos/providers';
import type { Providers } from '@automatos/providers';
import { createWebhookProjection } from '@automatos/integrations';
import { createRecipeKind, createRunEventProjection } from '@automatos/recipes';
import { createEffectLedger, createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createToolExecutor, createToolRegistry, withEffectLedger } from '@automatos/tools';
import type { ToolRegistry } from '@automatos/tools';
import type { Config } from '../config.ts';
import type { Closers } from './closers.ts';
import { environmentCredentials } from './credentials.ts';
import { projectUsage } from './usage-projection.ts';

/** Provider that answers without a model; it cannot judge. */
const OFFLINE = 'offline';

export interface BaseDeps {
  config: Config;
  logger: Logger;
  clock: Clock;
  metrics: Metrics;
  closers: Closers;
  database: Database;
}

/** What executes: models, tools, agents and recipes behind the runs room. */
export interface Work {
  providers: Providers;
  registry: ToolRegistry;
  runs: RunsRoom;
}

/** Joins the rooms that do the work, and lets the runs of a process that is gone go on. */
export async function composeWork({
  config,
  logger,
  clock,
  metrics,
  closers,
  database,
}: BaseDeps): Promise<Work> {
  const providers = createProviders({
    credentials: environmentCredentials(config.providers.env),
    clock,
    metrics,
    logger,
    ...defaultModel(config),
  });
  closers.add('providers', () => providers.close());
  const registry = createToolRegistry();
  const tools = createToolExecutor({
    registry,
    roots: () => [...config.workspaceRoots],
    outboundAllow: [...config.outboundAllow],
    clock,
    metrics,
    logger,
  });
  closers.add('tools', () => tools.close());
  const executor = withEffectLedger(tools, {
    ledger: createEffectLedger({ database, clock }),
    registry,
  });
  const runEvents = createRunEventProjection({ database, clock });
  const webhooks = createWebhookProjection({ database, clock });
  for (const projection of [runEvents, webhooks]) {
    closers.add('projections', await projection.listen());
  }
  const runtime = createAgentRuntime({ providers, executor, registry, clock, metrics, logger });

  const runs = createRuns({
    database,
    logger,
    clock,
    metrics,
    projections: [projectUsage, runEvents.project, webhooks.project],
    worker: config.roles.worker,
    activeMax: config.runs.activeMax,
    workspaceMax: config.runs.perWorkspace,
    drainMs: config.runs.drainMs,
  });
  runs.registerKind(
    createRecipeKind({
      agents: runtime,
      executor,
      judgeModel: (workspaceId) => judgeModel(providers, workspaceId),
      clock,
    }),
  );
  await runs.launch();
  closers.add('runs', () => runs.stop());
  return { providers, registry, runs };
}

/** The workspace's default model, unless that is none. */
async function judgeModel(providers: Providers, workspaceId: WorkspaceId) {
  const model = await providers.defaultRef(workspaceId);
  return model.provider === OFFLINE ? null : model;
}

/** The operator's choice of model; without one the providers room takes the first that is configured. */
function defaultModel(config: Config): { defaultModel?: { provider: string; model: string } } {
  const { defaultProvider: provider, defaultModel: model } = config.providers;
  if (provider === undefined) return {};
  const chosen = model ?? findProvider(provider)?.defaultModel;
  return chosen === undefined || chosen === null
    ? {}
    : { defaultModel: { provider, model: chosen } };
}
