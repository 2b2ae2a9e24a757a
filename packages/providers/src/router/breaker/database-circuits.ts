import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { and, eq, lte, sql } from 'drizzle-orm';
import { providerCircuits } from '../router-tables.ts';
import type { CircuitStore, StoredCircuit } from './circuit-store.ts';

/** Tells all processes that a circuit changed; the payload is its id. */
const CIRCUITS_CHANNEL = 'automatos_circuits';
/** More open circuits than this are not looked at together. */
const LOADED_MAX = 1_000;

type Row = typeof providerCircuits.$inferSelect;

/** Circuits in the database, where all processes of an installation find them and a restart does not forget them. */
export function createDatabaseCircuits(database: Database): CircuitStore {
  return {
    async recover(now) {
      if (database.capabilities.multiProcess) return;
      await database.system((tx) =>
        tx
          .update(providerCircuits)
          .set({ state: 'open', probeToken: null, retryAt: new Date(now) })
          .where(eq(providerCircuits.state, 'half_open')),
      );
    },
    load: () =>
      database.system(async (tx) =>
        (await tx.select().from(providerCircuits).limit(LOADED_MAX)).map(toStored),
      ),
    read: (id) =>
      database.system(async (tx) => {
        const [row] = await tx.select().from(providerCircuits).where(eq(providerCircuits.id, id));
        return row === undefined ? null : toStored(row);
      }),
    open: (circuit) => database.system((tx) => openUnlessKnown(tx, circuit)),
    claimProbe: (id, { token, now, until }) =>
      database.system(async (tx) => {
        // One statement decides: of all processes one finds the time of the row still in the past.
        const claimed = await tx
          .update(providerCircuits)
          .set({ state: 'half_open', probeToken: token, retryAt: new Date(until) })
          .where(and(eq(providerCircuits.id, id), lte(providerCircuits.retryAt, new Date(now))))
          .returning({ id: providerCircuits.id });
        if (claimed.length > 0) await notify(tx, CIRCUITS_CHANNEL, id);
        return claimed.length > 0;
      }),
    endProbe: (id, token, after) =>
      database.system(async (tx) => {
        const mine = and(eq(providerCircuits.id, id), eq(providerCircuits.probeToken, token));
        const ended =
          after === null
            ? await tx.delete(providerCircuits).where(mine).returning({ id: providerCircuits.id })
            : await tx
                .update(providerCircuits)
                .set({ ...toRow(after), openedAt: sql`opened_at`, probeToken: null })
                .where(mine)
                .returning({ id: providerCircuits.id });
        if (ended.length > 0) await notify(tx, CIRCUITS_CHANNEL, id);
        return ended.length > 0;
      }),
    close: (id) =>
      database.system(async (tx) => {
        await tx.delete(providerCircuits).where(eq(providerCircuits.id, id));
        await notify(tx, CIRCUITS_CHANNEL, id);
      }),
    listen: (onChange) =>
      database.capabilities.multiProcess
        ? database.listen(CIRCUITS_CHANNEL, onChange)
        : Promise.resolve(() => Promise.resolve()),
  };
}

async function openUnlessKnown(tx: Tx, circuit: StoredCircuit): Promise<StoredCircuit> {
  const [opened] = await tx
    .insert(providerCircuits)
    .values(toRow(circuit))
    .onConflictDoNothing()
    .returning();
  if (opened !== undefined) {
    await notify(tx, CIRCUITS_CHANNEL, circuit.id);
    return toStored(opened);
  }
  const [known] = await tx
    .select()
    .from(providerCircuits)
    .where(eq(providerCircuits.id, circuit.id));
  return known === undefined ? circuit : toStored(known);
}

function toStored({ probeToken: _token, openedAt, retryAt, ...row }: Row): StoredCircuit {
  return { ...row, openedAt: openedAt?.getTime() ?? null, retryAt: retryAt.getTime() };
}

function toRow(circuit: StoredCircuit): typeof providerCircuits.$inferInsert {
  const { id, provider, model, credential, reason, failures, cooldownMs } = circuit;
  return {
    id,
    provider,
    model,
    credential,
    state: circuit.state === 'half_open' ? 'half_open' : 'open',
    reason,
    failures,
    openedAt: circuit.openedAt === null ? null : new Date(circuit.openedAt),
    retryAt: new Date(circuit.retryAt ?? 0),
    cooldownMs: Math.round(cooldownMs),
  };
}
