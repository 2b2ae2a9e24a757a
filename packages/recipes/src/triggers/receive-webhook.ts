import type { Database } from '@automatos/database';
import { isUuid, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { fireTrigger } from './fire-trigger.ts';
import type { FactOutcome, FireTriggerDeps } from './fire-trigger.ts';
import { readDelivery, requireSize } from './read-delivery.ts';
import { deriveSecret } from './secrets.ts';
import { toErrorInfo } from './start-recipe.ts';
import { itemNotFound } from './trigger-errors.ts';
import { findTrigger, forgetBefore, recordRefused } from './trigger-store.ts';
import type { ListedTrigger } from './trigger-store.ts';
import { verifyDelivery } from './verify-signature.ts';
import type { DeliveryName, Headers, Incoming, WebhookSpec } from './verify-signature.ts';

export interface WebhookReceiverDeps extends FireTriggerDeps {
  database: Pick<Database, 'system' | 'workspace'>;
  clock: Pick<Clock, 'now'>;
  instanceSecret: Uint8Array;
}

export interface Delivery {
  triggerId: string;
  /** Names in lower case. */
  headers: Headers;
  /** The bytes as they came. */
  body: Uint8Array;
}

/**
 * Takes a delivery: the sender is proved first, then the run starts in the transaction that keeps the delivery's id, so
 * that a repetition answers `duplicate` with the run of the first. Throws `triggers.trigger.not_found` (unknown or
 * switched off), `triggers.signature.*`, `triggers.delivery.*`, and what keeps the recipe from running; such a delivery may
 * be sent again under the same id.
 */
export type ReceiveWebhook = (
  delivery: Delivery,
) => Promise<{ outcome: 'started' | 'filtered' | 'duplicate'; run_id: string | null }>;

type WebhookTrigger = ListedTrigger & { spec: WebhookSpec };

export function createWebhookReceiver(deps: WebhookReceiverDeps): ReceiveWebhook {
  return async ({ triggerId, headers, body }) => {
    const trigger = await findWebhook(deps, triggerId);
    const incoming: Incoming = { headers, body, receivedMs: deps.clock.now() };
    const name = await prove(deps, trigger, incoming);
    const workspaceId = trigger.workspaceId as WorkspaceId;
    const done = await deps.database.workspace(workspaceId, async (tx): Promise<FactOutcome> => {
      const at = new Date(incoming.receivedMs);
      if (name.brief) {
        const before = new Date(incoming.receivedMs - trigger.spec.replay_window_ms);
        await forgetBefore(tx, { triggerId, deliveryId: name.deliveryId }, before);
      }
      const roots = () => readDelivery(trigger.spec, headers, body);
      return fireTrigger(deps, { tx, trigger }, { ...name, at, depth: 0, roots });
    });
    done.announce?.();
    if (done.outcome === 'failed') throw done.thrown;
    return { outcome: done.outcome, run_id: done.runId };
  };
}

/** By the id alone: the workspace follows from it. */
async function findWebhook(deps: WebhookReceiverDeps, id: string): Promise<WebhookTrigger> {
  const row = isUuid(id) ? await deps.database.system((tx) => findTrigger(tx, id)) : undefined;
  if (row === undefined || !row.enabled || row.spec.type !== 'webhook') {
    throw itemNotFound('trigger', id);
  }
  return { ...row, spec: row.spec };
}

async function prove(
  deps: WebhookReceiverDeps,
  trigger: WebhookTrigger,
  incoming: Incoming,
): Promise<DeliveryName> {
  const { id, secretVersion: version, workspaceId } = trigger;
  try {
    requireSize(incoming.body);
    const secret = deriveSecret(deps.instanceSecret, { kind: 'trigger', id, version });
    return verifyDelivery(trigger.spec, secret, incoming);
  } catch (error) {
    const refused = {
      id: newId<'delivery'>(incoming.receivedMs),
      workspaceId,
      triggerId: id,
      deliveryId: claimedId(incoming.headers),
      receivedAt: new Date(incoming.receivedMs),
      outcome: 'refused' as const,
      runId: null,
      error: toErrorInfo(error),
    };
    await deps.database.workspace(workspaceId as WorkspaceId, (tx) => recordRefused(tx, refused));
    throw error;
  }
}

/** What a refused delivery calls itself, for the list. */
function claimedId(headers: Headers): string {
  return (headers['webhook-id'] ?? headers['x-github-delivery'] ?? 'unknown').slice(0, 100);
}
