import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import { and, eq, gt, ne, sql } from 'drizzle-orm';
import { providerBuckets, providerSlots } from '../router-tables.ts';
import type { LimitShares } from './limit-shares.ts';
import { refilled, waitFor } from './token-bucket.ts';

/** Shares limits between the processes of an installation through its database. */
export function createDatabaseShares(database: Database): LimitShares {
  const owner = newId();
  return {
    take: (id, { rate, need, want, now }) =>
      database.system(async (tx) => {
        const before = await lockBucket(tx, { id, capacity: rate.capacity, now });
        const level = refilled(before, rate, now);
        const waitMs = waitFor(level, rate, need);
        const granted =
          waitMs > 0 ? 0 : Math.max(need, Math.min(want, Math.floor(level.remaining)));
        // The clocks of processes differ: time of a bucket only goes forward.
        const at = new Date(Math.max(now, before.at));
        await tx
          .update(providerBuckets)
          .set({ remaining: level.remaining - granted, at })
          .where(eq(providerBuckets.id, id));
        return { granted, waitMs };
      }),
    hold: (id, { held, limit, now, until }) =>
      database.system(async (tx) => {
        await lockBucket(tx, { id, capacity: 0, now });
        if (held === 0) {
          await tx
            .delete(providerSlots)
            .where(and(eq(providerSlots.bucketId, id), eq(providerSlots.owner, owner)));
          return true;
        }
        const [others] = await tx
          .select({ held: sql<number>`coalesce(sum(${providerSlots.held}), 0)`.mapWith(Number) })
          .from(providerSlots)
          .where(
            and(
              eq(providerSlots.bucketId, id),
              ne(providerSlots.owner, owner),
              gt(providerSlots.expiresAt, new Date(now)),
            ),
          );
        if ((others?.held ?? 0) + held > limit) return false;
        const mine = { bucketId: id, owner, held, expiresAt: new Date(until) };
        await tx
          .insert(providerSlots)
          .values(mine)
          .onConflictDoUpdate({ target: [providerSlots.bucketId, providerSlots.owner], set: mine });
        return true;
      }),
  };
}

/** The bucket's row, locked until the transaction ends: one process after the other takes from it. */
async function lockBucket(
  tx: Tx,
  { id, capacity, now }: { id: string; capacity: number; now: number },
): Promise<{ remaining: number; at: number }> {
  const fresh = { id, remaining: capacity, at: new Date(now) };
  await tx.insert(providerBuckets).values(fresh).onConflictDoNothing();
  const [row] = await tx
    .select()
    .from(providerBuckets)
    .where(eq(providerBuckets.id, id))
    .for('update');
  return { remaining: row?.remaining ?? capacity, at: row?.at.getTime() ?? now };
}
