import { createWebhookDispatcher, createWebhookService } from '@automatos/integrations';
import type { WebhookService } from '@automatos/integrations';
import type { EventType } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import {
  createLearning,
  createRecipeRunControl,
  createRecipeService,
  createRunEventDispatcher,
  createScheduler,
  createScheduleService,
  createSyncFromDefinition,
  createTriggerService,
  createWebhookReceiver,
} from '@automatos/recipes';
import type {
  Learning,
  ReceiveWebhook,
  RecipeRunControl,
  RecipeService,
  ScheduleService,
  StartRecipe,
  TriggerService,
} from '@automatos/recipes';
import { createGuardedFetch, createWorkspaceRoots } from '@automatos/tools';
import type { WorkspaceRoots } from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';
import type { Work } from './compose-work.ts';
import { createLearningSweep } from './learning-sweep.ts';
import type { createSeeder } from './seeds.ts';

export interface RecipesDeps extends BaseDeps {
  work: Work;
  seeder: Awaited<ReturnType<typeof createSeeder>>;
  instanceSecret: Uint8Array;
}

/** Recipes with everything that starts them, learns from them and tells others of them. */
export interface Recipes {
  roots: WorkspaceRoots;
  recipes: RecipeService;
  control: RecipeRunControl;
  learning: Learning;
  schedules: ScheduleService;
  triggers: TriggerService;
  receive: ReceiveWebhook;
  webhooks: WebhookService;
}

/** Joins recipes, schedules, triggers, webhooks and learning; worker processes also fire, deliver and learn. */
export async function composeRecipes(deps: RecipesDeps): Promise<Recipes> {
  const { config, clock, database, work, instanceSecret, closers } = deps;
  const { registry, runs, providers } = work;
  const roots = createWorkspaceRoots([...config.workspaceRoots]);
  const emit = (
    tx: Tx,
    workspaceId: WorkspaceId,
    event: { type: EventType; subject: string; data: object },
  ) => runs.appendWorkspaceEvent(tx, workspaceId, { ...event, data: event.data as JsonObject });
  const recipes = createRecipeService({
    database,
    registry,
    runs,
    roots,
    clock,
    emit,
    syncFromDefinition: createSyncFromDefinition({ clock }),
    featured: deps.seeder.featured,
  });
  const startRecipe: StartRecipe = (tx, start) => recipes.startRecipe(tx, start);
  const learning = createLearning({
    database,
    saveVersion: recipes.saveVersion,
    emit,
    clock,
    registry,
  });
  const outbound = createGuardedFetch({ allow: [...config.outboundAllow] });
  closers.add('webhook connections', () => outbound.close());
  const sending = { database, clock, fetch: outbound.fetch, instanceSecret };
  const receiving = { database, clock, startRecipe, emit, instanceSecret };
  if (config.roles.worker) await startLoops({ ...deps, startRecipe, emit, learning, sending });
  return {
    roots,
    recipes,
    learning,
    control: createRecipeRunControl({ database, runs, registry, roots, providers }),
    schedules: createScheduleService({ database, clock }),
    triggers: createTriggerService({
      database,
      clock,
      instanceSecret,
      publicUrl: config.publicUrl,
    }),
    receive: createWebhookReceiver(receiving),
    webhooks: createWebhookService({ ...sending, onChanged: work.webhooksChanged }),
  };
}

type Emit = Parameters<typeof createRunEventDispatcher>[0]['emit'];

/** What works without being asked; every worker process does, and the database decides who gets what. */
async function startLoops(
  deps: RecipesDeps & {
    startRecipe: StartRecipe;
    emit: Emit;
    learning: Learning;
    sending: Omit<Parameters<typeof createWebhookDispatcher>[0], 'logger' | 'emit'>;
  },
): Promise<void> {
  const { work, closers } = deps;
  const loops = {
    scheduler: createScheduler({ ...deps, runs: work.runs }),
    'run event triggers': createRunEventDispatcher(deps),
    'webhook deliveries': createWebhookDispatcher({ ...deps, ...deps.sending }),
    learning: createLearningSweep(deps),
  };
  for (const [name, loop] of Object.entries(loops)) {
    await loop.start();
    closers.add(name, () => loop.stop());
  }
}
