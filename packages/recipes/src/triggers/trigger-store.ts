import { notify } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, desc, eq, getTableColumns, inArray, ne, sql } from 'drizzle-orm';
import { recipes } from '../recipes/recipe-tables.ts';
import { triggerDeliveries, triggers } from './trigger-tables.ts';

export type TriggerRow = typeof triggers.$inferSelect;
export type DeliveryRow = typeof triggerDeliveries.$inferSelect;
/** A trigger with the slug of its recipe, deleted or not. */
export type ListedTrigger = TriggerRow & { recipeSlug: string };

/** Tells all processes that the triggers of a workspace changed; the payload is its id. */
export const TRIGGERS_CHANNEL = 'automatos_triggers';
/** Refused deliveries kept per trigger: anybody can cause them. */
const REFUSED_KEPT = 100;
/** Deliveries kept per trigger; as long as one is kept, its repetition is known. */
const DELIVERIES_KEPT = 10_000;

const listed = { ...getTableColumns(triggers), recipeSlug: recipes.slug };

/** By name; one row more than `limit` when there is a next page. */
export async function listTriggers(
  tx: Tx,
  filter: {
    limit: number;
    recipe?: string | undefined;
    after?: { name: string; id: string } | undefined;
  },
): Promise<ListedTrigger[]> {
  const { recipe, after } = filter;
  return tx
    .select(listed)
    .from(triggers)
    .innerJoin(recipes, eq(recipes.id, triggers.recipeId))
    .where(
      and(
        recipe === undefined
          ? undefined
          : sql`(${recipes.slug} = ${recipe} OR ${recipes.id}::text = ${recipe})`,
        after === undefined
          ? undefined
          : sql`(${triggers.name}, ${triggers.id}) > (${after.name}, ${after.id}::uuid)`,
      ),
    )
    .orderBy(triggers.name, triggers.id)
    .limit(filter.limit + 1);
}

export async function findTrigger(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<ListedTrigger | undefined> {
  const query = tx
    .select(listed)
    .from(triggers)
    .innerJoin(recipes, eq(recipes.id, triggers.recipeId))
    .where(eq(triggers.id, id));
  const [row] = options.lock === true ? await query.for('update', { of: triggers }) : await query;
  return row;
}

export async function insertTrigger(tx: Tx, row: TriggerRow): Promise<void> {
  await tx.insert(triggers).values(row);
  await notify(tx, TRIGGERS_CHANNEL, row.workspaceId);
}

export async function updateTrigger(
  tx: Tx,
  row: Pick<TriggerRow, 'id' | 'workspaceId'>,
  change: Partial<TriggerRow>,
): Promise<void> {
  await tx.update(triggers).set(change).where(eq(triggers.id, row.id));
  await notify(tx, TRIGGERS_CHANNEL, row.workspaceId);
}

export async function deleteTriggers(
  tx: Tx,
  rows: Pick<TriggerRow, 'id' | 'workspaceId'>[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const ids = rows.map(({ id }) => id);
  await tx.delete(triggers).where(inArray(triggers.id, ids));
  await notify(tx, TRIGGERS_CHANNEL, first.workspaceId);
}

/** Those that stand in the recipe, in its order. */
export async function triggersOfRecipe(tx: Tx, recipeId: string): Promise<TriggerRow[]> {
  return tx
    .select()
    .from(triggers)
    .where(and(eq(triggers.recipeId, recipeId), eq(triggers.source, 'recipe')))
    .orderBy(triggers.position)
    .for('update');
}

/** Newest first; one row more than `limit` when there is a next page. Index `trigger_deliveries_by_time`. */
export async function listDeliveries(
  tx: Tx,
  triggerId: string,
  page: { limit: number; before?: { at: string; id: string } | undefined },
): Promise<DeliveryRow[]> {
  const { receivedAt, id } = triggerDeliveries;
  const { before } = page;
  return tx
    .select()
    .from(triggerDeliveries)
    .where(
      and(
        eq(triggerDeliveries.triggerId, triggerId),
        before === undefined
          ? undefined
          : sql`(${receivedAt}, ${id}) < (${before.at}::timestamptz, ${before.id}::uuid)`,
      ),
    )
    .orderBy(desc(receivedAt), desc(id))
    .limit(page.limit + 1);
}

/**
 * The row of a delivery, taken by this transaction: `fresh` when it is new. One at a time per delivery: an equal one
 * waits here until the first is committed. Index `trigger_deliveries_once`.
 */
export async function claimDelivery(
  tx: Tx,
  delivery: DeliveryRow,
): Promise<{ row: DeliveryRow; fresh: boolean }> {
  const written = await tx
    .insert(triggerDeliveries)
    .values(delivery)
    .onConflictDoNothing()
    .returning();
  if (written[0] !== undefined) return { row: written[0], fresh: true };
  const [row] = await tx
    .select()
    .from(triggerDeliveries)
    .where(
      and(
        eq(triggerDeliveries.triggerId, delivery.triggerId),
        eq(triggerDeliveries.deliveryId, delivery.deliveryId),
        ne(triggerDeliveries.outcome, 'refused'),
      ),
    )
    .for('update');
  if (row === undefined) throw new Error('a delivery vanished while it was taken');
  return { row, fresh: false };
}

/** Gives the id of an older delivery free, so that an equal one counts again. */
export async function forgetBefore(
  tx: Tx,
  delivery: Pick<DeliveryRow, 'triggerId' | 'deliveryId'>,
  before: Date,
): Promise<void> {
  await tx.execute(sql`
    UPDATE trigger_deliveries SET delivery_id = delivery_id || '@' || id
    WHERE trigger_id = ${delivery.triggerId} AND delivery_id = ${delivery.deliveryId} AND outcome <> 'refused'
      AND received_at < ${before.toISOString()}::timestamptz`);
}

export async function settleDelivery(
  tx: Tx,
  id: string,
  change: Pick<DeliveryRow, 'outcome' | 'runId' | 'error'>,
): Promise<void> {
  await tx.update(triggerDeliveries).set(change).where(eq(triggerDeliveries.id, id));
}

/** Keeps a refused delivery for the list; only the newest of them stay. */
export async function recordRefused(tx: Tx, delivery: DeliveryRow): Promise<void> {
  await tx.insert(triggerDeliveries).values(delivery);
  await tx.execute(sql`
    DELETE FROM trigger_deliveries WHERE id IN (
      SELECT id FROM trigger_deliveries WHERE trigger_id = ${delivery.triggerId} AND outcome = 'refused'
      ORDER BY received_at DESC, id DESC OFFSET ${REFUSED_KEPT})`);
}

/** Keeps the newest deliveries of each trigger. */
export async function pruneDeliveries(tx: Tx): Promise<void> {
  await tx.execute(sql`
    DELETE FROM trigger_deliveries WHERE id IN (
      SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY trigger_id ORDER BY received_at DESC, id DESC) AS place FROM trigger_deliveries
      ) old WHERE place > ${DELIVERIES_KEPT})`);
}
