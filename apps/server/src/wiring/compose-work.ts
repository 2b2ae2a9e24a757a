import { createAgentKind, createAgentRuntime, createTurnProjection } from '@automatos/agents';
import type { AgentRuntime } from '@automatos/agents';
import type { AuditLog, CredentialRoom } from '@automatos/identity';
import type { WorkspaceId } from '@automatos/kernel';
import type { Providers } from '@automatos/providers';
import { createWebhookProjection } from '@automatos/integrations';
import { createRecipeKind, createRunEventProjection } from '@automatos/recipes';
import { createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createWorkspaceRoots } from '@automatos/tools';
import { createAuditProjection } from './audit-projection.ts';
import type { BaseDeps } from './base-deps.ts';
import { composeProviders } from './compose-providers.ts';
import type { ModelRooms } from './compose-providers.ts';
import { composeTaskKind } from './compose-tasks.ts';
import { composeTools } from './compose-tools.ts';
import type { ToolRooms } from './compose-tools.ts';
import { createUsageProjection, JUDGE } from './usage-projection.ts';

/** Provider that answers without a model; it cannot judge. */
const OFFLINE = 'offline';

/** What executes: models, tools, agents and recipes behind the runs room. */
export interface Work extends ModelRooms, Omit<ToolRooms, 'executor' | 'selection'> {
  runs: RunsRoom;
  /** To be called when webhooks of a workspace were changed here. */
  webhooksChanged: (workspaceId: WorkspaceId) => void;
}

/** Joins the rooms that do the work, and lets the runs of a process that is gone go on. */
export async function composeWork({
  config,
  logger,
  clock,
  metrics,
  closers,
  database,
  audit,
  credentials,
}: BaseDeps & {
  audit: Pick<AuditLog, 'note'>;
  credentials: Pick<CredentialRoom, 'use' | 'vendorKey'>;
}): Promise<Work> {
  const base = { config, logger, clock, metrics, closers, database };
  const rooms = await composeProviders({ ...base, credentials });
  const { providers } = rooms;
  const { executor, selection, ...toolRooms } = composeTools({ ...base, credentials });
  const { registry } = toolRooms;
  const runEvents = createRunEventProjection({ database, clock });
  const webhooks = createWebhookProjection({ database, clock });
  for (const projection of [runEvents, webhooks]) {
    closers.add('projections', await projection.listen());
  }
  const runtime = createAgentRuntime({
    providers,
    executor,
    registry,
    selection,
    clock,
    metrics,
    logger,
  });

  const runs = createRuns({
    database,
    logger,
    clock,
    metrics,
    projections: [
      createUsageProjection(rooms.prices),
      createTurnProjection([JUDGE]),
      runEvents.project,
      webhooks.project,
      createAuditProjection({ audit, clock }),
    ],
    worker: config.roles.worker,
    activeMax: config.runs.activeMax,
    workspaceMax: config.runs.perWorkspace,
    drainMs: config.runs.drainMs,
  });
  registerKinds(runs, { config, database, clock, providers, runtime, executor });
  await runs.launch();
  closers.add('runs', () => runs.stop());
  return { ...rooms, ...toolRooms, runs, webhooksChanged: webhooks.changed };
}

/** What runs can be of. */
function registerKinds(
  runs: RunsRoom,
  deps: Pick<BaseDeps, 'config' | 'database' | 'clock'> & {
    providers: Providers;
    runtime: AgentRuntime;
    executor: ToolRooms['executor'];
  },
): void {
  const { config, database, clock, providers, runtime: agents, executor } = deps;
  const model = (workspaceId: WorkspaceId) => judgeModel(providers, workspaceId);
  const roots = createWorkspaceRoots([...config.workspaceRoots]);
  runs.registerKind(createRecipeKind({ agents, executor, judgeModel: model, clock }));
  runs.registerKind(createAgentKind({ agents, roots, clock }));
  runs.registerKind(composeTaskKind({ database, clock, agents, roots, model }));
}

/** The workspace's default model, unless that is none. */
async function judgeModel(providers: Providers, workspaceId: WorkspaceId) {
  const model = await providers.defaultRef(workspaceId);
  return model.provider === OFFLINE ? null : model;
}
