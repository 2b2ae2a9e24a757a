import type { EventType } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { deferred } from '@automatos/kernel';
import type { Clock, JsonObject, Logger, WorkspaceId } from '@automatos/kernel';
import { nextWaitMs } from './retry-plan.ts';
import { sendWebhook } from './send-webhook.ts';
import type { SendDeps, SendResult } from './send-webhook.ts';
import {
  claimDeliveries,
  DELIVERIES_CHANNEL,
  findWebhook,
  nextAttempt,
  pruneDeliveries,
  settleAttempt,
  updateWebhook,
} from './webhook-store.ts';
import type { ClaimedDelivery, WebhookRow } from './webhook-store.ts';

/** Stores an event of the workspace in the transaction of what it tells of. Filled by the composition. */
export type EmitWebhookEvent = (
  tx: Tx,
  workspaceId: WorkspaceId,
  event: { type: EventType; subject: string; data: JsonObject },
) => Promise<void>;

export interface WebhookDispatcherDeps extends SendDeps {
  database: Pick<Database, 'system' | 'workspace' | 'listen'>;
  clock: Clock;
  logger: Logger;
  emit: EmitWebhookEvent;
}

export interface WebhookDispatcher {
  /** Sends what is due, until {@link stop}. Any number of processes may do so. */
  start(): Promise<void>;
  /** Ends after the requests under way. */
  stop(): Promise<void>;
  /** Sends everything that is due now; resolves when all of it was answered. */
  tick(): Promise<void>;
}

/** Requests at once in this process, and to one webhook of them. */
const PLACES = { all: 32, perWebhook: 4 } as const;
/** Longer than one attempt can take. */
const CLAIM_MS = 60_000;
const SLEEP_MS_MAX = 5_000;
const SOON_MS = 1_000;
/** Deliveries given up one after another until a webhook is switched off. */
const DEAD_IN_A_ROW_MAX = 20;
const KEPT_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Delivers events to webhooks at least once, each attempt signed anew, slow receivers beside the others. */
export function createWebhookDispatcher(deps: WebhookDispatcherDeps): WebhookDispatcher {
  return new PollingWebhookDispatcher(deps);
}

class PollingWebhookDispatcher implements WebhookDispatcher {
  readonly #deps: WebhookDispatcherDeps;
  readonly #stopping = new AbortController();
  readonly #inFlight = new Map<Promise<void>, string>();
  #wake = deferred<void>();
  #loop: Promise<void> = Promise.resolve();
  #unlisten: (() => Promise<void>) | undefined;
  #prunedAt = 0;

  constructor(deps: WebhookDispatcherDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#deps.database.listen(DELIVERIES_CHANNEL, () =>
      this.#wake.resolve(),
    );
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#loop;
    await Promise.all(this.#inFlight.keys());
    await this.#unlisten?.();
  }

  async tick(): Promise<void> {
    while ((await this.#fill()) > 0) await Promise.all(this.#inFlight.keys());
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      this.#wake = deferred();
      const waitMs = await this.#round().catch((error: unknown) => {
        logger.warn(
          { error: String(error) },
          'webhook deliveries cannot be read; tried again soon',
        );
        return SOON_MS;
      });
      const asleep = new AbortController();
      const signal = AbortSignal.any([this.#stopping.signal, asleep.signal]);
      const sleep = clock.sleep(Math.max(waitMs, 20), signal).catch(() => undefined);
      await Promise.race([this.#wake.promise, sleep, ...this.#inFlight.keys()]);
      asleep.abort();
    }
  }

  /** Sends what there is room for; resolves to how long to wait for more, ms. */
  async #round(): Promise<number> {
    const { clock, database } = this.#deps;
    while ((await this.#fill()) > 0);
    const now = clock.now();
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
      await database.system((tx) => pruneDeliveries(tx, new Date(now - KEPT_MS)));
      this.#prunedAt = now;
    }
    // Due ones that found no place are looked at again when a request ends.
    if (this.#inFlight.size > 0) return SOON_MS;
    const next = await database.system(nextAttempt);
    return next === null ? SLEEP_MS_MAX : Math.min(SLEEP_MS_MAX, Math.max(0, next.getTime() - now));
  }

  /** Number of requests begun. */
  async #fill(): Promise<number> {
    const free = PLACES.all - this.#inFlight.size;
    if (free <= 0 || this.#stopping.signal.aborted) return 0;
    const now = new Date(this.#deps.clock.now());
    const limit = Math.min(free, PLACES.perWebhook);
    const claim = { now, claimMs: CLAIM_MS, limit, busy: this.#busy() };
    const claimed = await this.#deps.database.system((tx) => claimDeliveries(tx, claim));
    for (const delivery of claimed) {
      const sending = this.#deliver(delivery).finally(() => this.#inFlight.delete(sending));
      this.#inFlight.set(sending, delivery.webhook_id);
    }
    return claimed.length;
  }

  #busy(): string[] {
    const counts = Map.groupBy(this.#inFlight.values(), (id) => id);
    return [...counts].flatMap(([id, all]) => (all.length >= PLACES.perWebhook ? [id] : []));
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const endpoint = {
      id: delivery.webhook_id,
      url: delivery.url,
      secretVersion: delivery.secret_version,
      rotatedAt: delivery.rotated_at === null ? null : new Date(delivery.rotated_at),
    };
    const message = { id: delivery.event_id, payload: delivery.payload };
    const about = { webhook_id: delivery.webhook_id, delivery_id: delivery.id };
    try {
      const result = await sendWebhook(this.#deps, endpoint, message);
      const workspaceId = delivery.workspace_id as WorkspaceId;
      await this.#deps.database.workspace(workspaceId, (tx) =>
        settle(this.#deps, tx, { delivery, result }),
      );
    } catch (error) {
      // It stays claimed, and comes again.
      this.#deps.logger.warn({ ...about, error: String(error) }, 'a delivery was not settled');
    }
  }
}

interface Attempted {
  delivery: ClaimedDelivery;
  result: SendResult;
}

async function settle(deps: WebhookDispatcherDeps, tx: Tx, attempted: Attempted): Promise<void> {
  const { delivery, result } = attempted;
  const now = new Date(deps.clock.now());
  const said = { responseStatus: result.status, error: result.error };
  const webhook = await findWebhook(tx, delivery.webhook_id, { lock: true });
  if (webhook === undefined) return;
  if (result.delivered) {
    const arrived = { status: 'delivered' as const, deliveredAt: now, nextAttemptAt: null };
    const isFirst = await settleAttempt(tx, delivery, { ...arrived, ...said });
    if (isFirst && webhook.deadInARow > 0) await updateWebhook(tx, webhook, { deadInARow: 0 });
    return;
  }
  const waitMs =
    result.status === 410 ? null : nextWaitMs(delivery.id, delivery.attempts, result.retryAfterMs);
  if (waitMs !== null) {
    const nextAttemptAt = new Date(now.getTime() + waitMs);
    await settleAttempt(tx, delivery, { nextAttemptAt, ...said });
    return;
  }
  const dead = { status: 'dead' as const, nextAttemptAt: null, ...said };
  if (await settleAttempt(tx, delivery, dead)) await bury(deps, tx, { webhook, ...attempted });
}

/** Tells of a delivery that was given up, and switches a webhook off that takes nothing any more. */
async function bury(
  deps: WebhookDispatcherDeps,
  tx: Tx,
  { webhook, delivery, result }: Attempted & { webhook: WebhookRow },
): Promise<void> {
  const deadInARow = webhook.deadInARow + 1;
  const reason =
    result.status === 410
      ? 'The receiver answered 410: it wants no more deliveries.'
      : deadInARow >= DEAD_IN_A_ROW_MAX
        ? `${deadInARow} deliveries in a row were given up; the last failed with: ${result.error ?? 'no answer'}`
        : null;
  await updateWebhook(tx, webhook, {
    deadInARow,
    ...(reason === null ? {} : { enabled: false, disabledReason: reason }),
  });
  // Two webhooks that are both away must not tell of each other for ever.
  if (delivery.event_type === 'webhook.dead') return;
  await deps.emit(tx, webhook.workspaceId as WorkspaceId, {
    type: 'webhook.dead',
    subject: `webhook:${webhook.id}`,
    data: { webhook_id: webhook.id, delivery_id: delivery.id, url: withoutQuery(webhook.url) },
  });
}

/** Addresses often carry a token in their query. */
function withoutQuery(url: string): string {
  const parsed = new URL(url);
  return `${parsed.origin}${parsed.pathname}`;
}
