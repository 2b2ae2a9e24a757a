import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import { PACKAGE_FORM, modelPrices, pricePackages } from './price-tables.ts';
import type { OwnPrice, PriceList } from './price-view.ts';

/** NOTIFY channel of changed prices; the payload is the workspace, or {@link PLATFORM}. */
export const PRICES_CHANNEL = 'automatos_prices';
/** Stands for all workspaces. */
export const PLATFORM = '*';

/** Everything stored about prices. */
export interface StoredPrices {
  platform: StoredPackage | null;
  packages: Map<WorkspaceId, StoredPackage>;
  own: Map<WorkspaceId, OwnPrice[]>;
}

export interface StoredPackage extends PriceList {
  loadedAt: Date;
}

/** Changes whenever anything stored about prices does. */
export async function priceState(database: Pick<Database, 'system'>): Promise<string> {
  const { rows } = await database.system((tx) =>
    tx.execute<{ state: string }>(sql`
      SELECT concat_ws('/',
        (SELECT count(*) || ':' || coalesce(max(updated_at)::text, '') FROM ${modelPrices}),
        (SELECT count(*) || ':' || coalesce(max(loaded_at)::text, '') FROM ${pricePackages})) AS state`),
  );
  return rows[0]?.state ?? '';
}

/** Reads the prices of all workspaces: own prices are few, and a package is stored once per workspace at most. */
export async function readPrices(database: Pick<Database, 'system'>): Promise<StoredPrices> {
  return database.system(async (tx) => {
    const stored: StoredPrices = { platform: null, packages: new Map(), own: new Map() };
    for (const row of await tx.select().from(pricePackages)) {
      if (row.models.form !== PACKAGE_FORM) continue;
      const list = { version: row.version, rows: row.models.rows, loadedAt: row.loadedAt };
      if (row.workspaceId === null) stored.platform = list;
      else stored.packages.set(row.workspaceId as WorkspaceId, list);
    }
    for (const row of await tx.select().from(modelPrices)) {
      const { workspaceId, provider, model, version, ...rest } = row;
      const { inputMicros, outputMicros, cachedInputMicros, cacheWriteMicros } = rest;
      const price = { inputMicros, outputMicros, cachedInputMicros, cacheWriteMicros };
      const list = stored.own.get(workspaceId as WorkspaceId) ?? [];
      stored.own.set(workspaceId as WorkspaceId, [...list, { provider, model, version, price }]);
    }
    return stored;
  });
}

/** A price as it is set by hand: what a call needs is given, or the price is not set at all. */
export interface OwnPriceInput {
  inputMicros: number;
  outputMicros: number;
  cachedInputMicros: number | null;
  cacheWriteMicros: number | null;
}

/** Writes an own price and tells all processes. */
export async function writeOwnPrice(
  tx: Tx,
  workspaceId: WorkspaceId,
  { ref, price, version, at }: { ref: ModelRef; price: OwnPriceInput; version: string; at: Date },
): Promise<void> {
  const row = {
    workspaceId,
    ...ref,
    ...price,
    version,
    updatedAt: at,
  };
  await tx
    .insert(modelPrices)
    .values(row)
    .onConflictDoUpdate({
      target: [modelPrices.workspaceId, modelPrices.provider, modelPrices.model],
      set: row,
    });
  await notify(tx, PRICES_CHANNEL, workspaceId);
}

/** Removes an own price and tells all processes; true when there was one. */
export async function removeOwnPrice(
  tx: Tx,
  workspaceId: WorkspaceId,
  ref: ModelRef,
): Promise<boolean> {
  const gone = await tx
    .delete(modelPrices)
    .where(
      and(
        eq(modelPrices.workspaceId, workspaceId),
        eq(modelPrices.provider, ref.provider),
        eq(modelPrices.model, ref.model),
      ),
    )
    .returning({ model: modelPrices.model });
  await notify(tx, PRICES_CHANNEL, workspaceId);
  return gone.length > 0;
}

/** Replaces the package of the workspace, or of the platform with null, in one transaction. */
export async function writePackage(
  database: Pick<Database, 'system'>,
  workspaceId: WorkspaceId | null,
  loaded: StoredPackage & { sourceUrl: string },
): Promise<void> {
  await database.system(async (tx) => {
    await tx
      .delete(pricePackages)
      .where(
        workspaceId === null
          ? isNull(pricePackages.workspaceId)
          : eq(pricePackages.workspaceId, workspaceId),
      );
    await tx
      .insert(pricePackages)
      .values({
        id: newId(),
        workspaceId,
        version: loaded.version,
        sourceUrl: loaded.sourceUrl,
        models: { form: PACKAGE_FORM, rows: [...loaded.rows] },
        loadedAt: loaded.loadedAt,
      })
      // Another process was faster by a moment: its package stays, it came from the same place.
      .onConflictDoNothing();
    await notify(tx, PRICES_CHANNEL, workspaceId ?? PLATFORM);
  });
}
