import { createAgentRuntime } from '@automatos/agents';
import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { Providers } from '@automatos/providers';
import { createWebhookProjection } from '@automatos/integrations';
import { createRecipeKind, createRunEventProjection } from '@automatos/recipes';
import { createEffectLedger, createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createToolExecutor, createToolRegistry, withEffectLedger } from '@automatos/tools';
import type { ToolRegistry } from '@automatos/tools';
import type { Config } from '../config.ts';
import type { Closers } from './closers.ts';
import { composeProviders } from './compose-providers.ts';
import type { ModelRooms } from './compose-providers.ts';
import { createUsageProjection } from './usage-projection.ts';

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
export interface Work extends ModelRooms {
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
  const rooms = await composeProviders({ config, logger, clock, metrics, closers, database });
  const { providers } = rooms;
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
    projections: [createUsageProjection(rooms.prices), runEvents.project, webhooks.project],
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
  return { ...rooms, registry, runs };
}

/** The workspace's default model, unless that is none. */
async function judgeModel(providers: Providers, workspaceId: WorkspaceId) {
  const model = await providers.defaultRef(workspaceId);
  return model.provider === OFFLINE ? null : model;
}
