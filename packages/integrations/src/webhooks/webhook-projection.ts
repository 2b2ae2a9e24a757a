import type { EventEnvelope } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { EventProjection } from '@automatos/runs';
import { fitsPatterns } from './event-patterns.ts';
import {
  insertDeliveries,
  listSubscriptions,
  recipesOfRuns,
  WEBHOOKS_CHANNEL,
} from './webhook-store.ts';
import type { Subscription } from './webhook-store.ts';

/** How long the webhooks of a workspace are believed to be as they were read, should a notification be lost, ms. */
const BELIEVED_MS = 10_000;

export interface WebhookProjection {
  /** In the transaction that stores events: puts those that a webhook wants on their way. */
  project: EventProjection;
  /** To be told of a change that was made in this process, once it is committed: the next event sees it. */
  changed(workspaceId: WorkspaceId): void;
  /** Hears of webhooks that other processes changed; resolves to the function that stops it. */
  listen(): Promise<() => Promise<void>>;
}

/** Notes events for the webhooks that want them. Workspaces without webhooks pay a look into a map. */
export function createWebhookProjection(deps: {
  database: Pick<Database, 'listen'>;
  clock: Pick<Clock, 'now'>;
}): WebhookProjection {
  const known = new Map<WorkspaceId, { until: number; subscriptions: Subscription[] }>();
  /** Raised by each change, so that what was read before it is not kept after it. */
  let changes = 0;

  async function subscriptionsOf(tx: Tx, workspaceId: WorkspaceId): Promise<Subscription[]> {
    const now = deps.clock.now();
    const cached = known.get(workspaceId);
    if (cached !== undefined && cached.until > now) return cached.subscriptions;
    const seen = changes;
    const subscriptions = await listSubscriptions(tx, workspaceId);
    if (seen === changes) known.set(workspaceId, { until: now + BELIEVED_MS, subscriptions });
    return subscriptions;
  }

  async function project(
    tx: Tx,
    workspaceId: WorkspaceId,
    items: readonly { event: EventEnvelope }[],
  ): Promise<void> {
    const subscriptions = await subscriptionsOf(tx, workspaceId);
    if (subscriptions.length === 0) return;
    const wanted = items
      .map(({ event }) => event)
      .flatMap((event) =>
        subscriptions
          .filter((one) => fitsPatterns(one.events, event.type) && !isAboutItself(event, one))
          .map((subscription) => ({ event, subscription })),
      );
    const fitting = await ofRecipes(tx, wanted);
    if (fitting.length === 0) return;
    const nowMs = deps.clock.now();
    const deliveries = fitting.map(({ event, subscription }) => ({
      id: newId<'delivery'>(nowMs),
      webhook_id: subscription.id,
      event_id: event.id,
      at: event.at,
    }));
    await insertDeliveries(tx, deliveries, new Date(nowMs));
  }

  function changed(workspaceId: WorkspaceId): void {
    changes += 1;
    known.delete(workspaceId);
  }

  return {
    project,
    changed,
    listen: () =>
      deps.database.listen(WEBHOOKS_CHANNEL, (workspaceId) => changed(workspaceId as WorkspaceId)),
  };
}

interface Wanted {
  event: EventEnvelope;
  subscription: Subscription;
}

/** Without those whose subscription names another recipe than that of the event's run. */
async function ofRecipes(tx: Tx, wanted: Wanted[]): Promise<Wanted[]> {
  const runIds = wanted.flatMap(({ event, subscription }) =>
    subscription.recipe === null || event.run_id === undefined ? [] : [event.run_id],
  );
  const recipes =
    runIds.length === 0
      ? new Map<string, string | null>()
      : await recipesOfRuns(tx, [...new Set(runIds)]);
  return wanted.filter(
    ({ event, subscription }) =>
      subscription.recipe === null || recipes.get(event.run_id ?? '') === subscription.recipe,
  );
}

/** A webhook that does not answer is not told so. */
function isAboutItself(event: EventEnvelope, subscription: Subscription): boolean {
  return event.type === 'webhook.dead' && event.data['webhook_id'] === subscription.id;
}
