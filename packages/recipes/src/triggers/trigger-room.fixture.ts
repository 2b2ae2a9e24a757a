import type { BoundRoute, Call, EventEnvelope } from '@automatos/contracts';
import { triggerRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { PlatformError, newId, silentLogger } from '@automatos/kernel';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import { createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createScheduleService } from '../schedules/schedule-service.ts';
import type { ScheduleService } from '../schedules/schedule-service.ts';
import { createScheduler } from '../schedules/scheduler.ts';
import type { Scheduler } from '../schedules/scheduler.ts';
import { createWebhookReceiver } from './receive-webhook.ts';
import { createRunEventDispatcher } from './run-event-handler.ts';
import { createRunEventProjection } from './run-event-projection.ts';
import type { RecipeStart, StartRecipe } from './start-recipe.ts';
import { createSyncFromDefinition } from './sync-from-definition.ts';
import { createTriggerRoutes } from './trigger-routes.ts';
import { createTriggerService } from './trigger-service.ts';

/** A clock that stands until it is set; who sleeps wakes when its time has come. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];
  constructor(now: string) {
    this.#now = Date.parse(now);
  }
  now(): number {
    return this.#now;
  }
  set(now: string | number | Date): void {
    this.#now = new Date(now).getTime();
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
    });
  }
}

export const INSTANCE_SECRET = new TextEncoder().encode('an instance secret of 32 characters');

/** Schedules and triggers on a real database and the real runs room, whose runs wait for ever unless `worker`. */
export async function createTriggerRoom(options: { worker?: boolean } = {}) {
  const test: TestDatabase = await createTestDatabase();
  const { database, workspaceId } = test;
  const clock = new ManualClock('2026-01-01T00:00:00.000Z');
  const projection = createRunEventProjection({ database, clock });
  const runs = createRuns({
    database,
    logger: silentLogger,
    projections: [projection.project],
    worker: options.worker ?? false,
  });
  runs.registerKind({ kind: 'test', execute: async ({ inputs }) => Promise.resolve(inputs) });
  await runs.launch();
  const stopProjection = await projection.listen();
  const starts: RecipeStart[] = [];
  const deps = {
    database,
    clock,
    logger: silentLogger,
    instanceSecret: INSTANCE_SECRET,
    publicUrl: 'https://automatos.test',
    runs,
    startRecipe: startThrough(runs, starts),
    emit: runs.appendWorkspaceEvent,
  };
  const schedules = createScheduleService(deps);
  const triggers = createTriggerService(deps);
  const receive = createWebhookReceiver(deps);
  const dispatcher = createRunEventDispatcher(deps);
  return {
    ...deps,
    workspaceId,
    otherWorkspaceId: test.otherWorkspaceId,
    schedules,
    triggers,
    receive,
    dispatcher,
    projection,
    starts,
    routes: createTriggerRoutes({ schedules, triggers, receive }),
    sync: createSyncFromDefinition(deps),
    scheduler: (): Scheduler => createScheduler(deps),
    addRecipe: (slug: string, disabled = false) => addRecipe(test, slug, disabled),
    ...createReads({ database, schedules, workspaceId }),
    async close() {
      await runs.stop();
      await stopProjection();
      await test.close();
    },
  };
}
export type TriggerRoom = Awaited<ReturnType<typeof createTriggerRoom>>;

/** What tests look at. */
function createReads({
  database,
  schedules,
  workspaceId,
}: {
  database: Database;
  schedules: ScheduleService;
  workspaceId: WorkspaceId;
}) {
  return {
    async fires(scheduleId: string) {
      const { items } = await schedules.fires(workspaceId, scheduleId, { limit: 100 });
      return items.toReversed().map(({ due_at, outcome }) => `${due_at.slice(0, 19)}Z ${outcome}`);
    },
    async events(type: string): Promise<EventEnvelope[]> {
      const { rows } = await database.pool.query<EventEnvelope>(
        'SELECT * FROM events WHERE type = $1 ORDER BY id',
        [type],
      );
      return rows;
    },
    async count(statement: string, values: unknown[] = []): Promise<number> {
      const { rows } = await database.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM ${statement}`,
        values,
      );
      return rows[0]?.n ?? 0;
    },
  };
}

/** As the recipe service does it, without the checks; recipes whose name starts with "broken" do not start. */
function startThrough(runs: RunsRoom, starts: RecipeStart[]): StartRecipe {
  return async (tx, start) => {
    const { rows } = await tx.execute<{ slug: string; name: string }>(
      `SELECT slug, name FROM recipes WHERE id = '${start.recipeId}' AND deleted_at IS NULL`,
    );
    const slug = rows[0]?.slug ?? '';
    if (slug === '' || slug.startsWith('broken')) {
      const message = 'Agent "gone" is not there.';
      throw new PlatformError({ code: 'recipes.recipe.not_runnable', kind: 'conflict', message });
    }
    const { workspaceId, inputs, trigger, idempotencyKey, by } = start;
    const recipe = { id: start.recipeId, slug, version: 1 };
    const request = { kind: 'test', title: slug, plan: {}, steps: [] };
    const started = await runs.startIn(tx, workspaceId, {
      ...request,
      inputs,
      recipe,
      trigger,
      idempotencyKey,
      by,
    });
    starts.push(start);
    return started;
  };
}

async function addRecipe(test: TestDatabase, slug: string, deleted: boolean): Promise<string> {
  const id = newId<'recipe'>();
  await test.database.pool.query(
    `INSERT INTO recipes (id, workspace_id, slug, name, description, tags, version, seeded, step_count, agents, created_at, updated_at, deleted_at)
     VALUES ($1, $2, $3, $3, '', '[]', 1, false, 0, '[]', now(), now(), $4)`,
    [id, test.workspaceId, slug, deleted ? new Date() : null],
  );
  return id;
}

/** Calls a route as the edge does: what it declares is parsed first, and its answer must fit the contract. */
export async function callRoute<Answer = JsonObject>(
  room: { routes: BoundRoute[]; workspaceId: WorkspaceId },
  name: keyof typeof triggerRoutes,
  part: { params?: object; query?: object; body?: unknown; headers?: object; rawBody?: Uint8Array },
): Promise<Answer> {
  const spec = triggerRoutes[name];
  const bound = room.routes.find((route) => route.spec.operationId === spec.operationId);
  if (bound === undefined) throw new Error(`no route ${name}`);
  const reply = await bound.handle({
    params: 'params' in spec ? spec.params.parse(part.params ?? {}) : undefined,
    query: 'query' in spec ? spec.query.parse(part.query ?? {}) : undefined,
    body: 'body' in spec ? spec.body.parse(part.body) : undefined,
    headers: part.headers ?? {},
    rawBody: part.rawBody,
    workspaceId: room.workspaceId,
    principal: null,
  } as unknown as Call);
  return ('response' in spec ? spec.response.parse(reply.body) : undefined) as Answer;
}
