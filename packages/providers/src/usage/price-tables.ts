import { bigint, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { ModelRow } from '../catalogue/catalogue-types.ts';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' }).notNull();
const micros = (name: string) => bigint(name, { mode: 'number' });

/** Own prices of a workspace. */
export const modelPrices = pgTable(
  'model_prices',
  {
    workspaceId: uuid('workspace_id').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    inputMicros: micros('input_micros').notNull(),
    outputMicros: micros('output_micros').notNull(),
    cachedInputMicros: micros('cached_input_micros'),
    cacheWriteMicros: micros('cache_write_micros'),
    version: text('version').notNull(),
    updatedAt: at('updated_at'),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.provider, table.model] })],
);

/** Number of the form of `models`; what another version of the product stored in another form is not read. */
export const PACKAGE_FORM = 1;

/** The price package loaded last: of the platform where `workspaceId` is null. */
export const pricePackages = pgTable('price_packages', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id'),
  version: text('version').notNull(),
  sourceUrl: text('source_url').notNull(),
  models: jsonb('models').$type<{ form: number; rows: ModelRow[] }>().notNull(),
  loadedAt: at('loaded_at'),
});
