import type { WorkspaceId } from '@automatos/kernel';
import { findProvider, openModel, resolveRef } from '../catalogue/catalogue.ts';
import type { ModelKind, ModelPrice, ModelRef, ModelRow } from '../catalogue/catalogue-types.ts';
import { MODEL_ROWS, PRICE_VERSION } from '../catalogue/model-rows.ts';
import type { PriceBook, PriceInUse, PricedModel } from './price-book.ts';

/** A list of models with the version that names it. */
export interface PriceList {
  version: string;
  rows: readonly ModelRow[];
}

/** A price set by hand. */
export interface OwnPrice extends ModelRef {
  price: ModelPrice;
  version: string;
}

/** All models and prices of one workspace, ready to be looked up. */
export interface PriceView {
  /** Version of the list below the workspace's own prices. */
  version: string;
  rows: readonly PricedModel[];
  find(providerId: string, modelId: string): PricedModel | undefined;
  ids(providerId: string, kind: ModelKind): string[];
}

/** The list that is shipped. */
export const SHIPPED_LIST: PriceList = { version: PRICE_VERSION, rows: MODEL_ROWS };

/** Lays newer lists over older ones, and the own prices over all. */
export function createPriceView(
  lists: readonly PriceList[],
  own: readonly OwnPrice[] = [],
): PriceView {
  const models = new Map<string, PricedModel>();
  for (const list of lists)
    for (const row of list.rows) {
      const key = keyOf(row.provider, row.id);
      const below = models.get(key);
      models.set(
        key,
        below === undefined ? pricedRow(row, list.version) : overlay(below, row, list.version),
      );
    }
  const canonical = new Map<string, string>();
  for (const row of models.values())
    for (const alias of row.aliases)
      canonical.set(keyOf(row.provider, alias), keyOf(row.provider, row.id));
  for (const each of own) {
    const asked = keyOf(each.provider, each.model);
    const key = models.has(asked) ? asked : (canonical.get(asked) ?? asked);
    const row = models.get(key) ?? unlisted(each);
    if (row === null) continue;
    // Fees of searches and the like are not part of what is set by hand: they stay.
    const fees = row.price.fees === undefined ? {} : { fees: row.price.fees };
    models.set(key, {
      ...row,
      price: { ...each.price, ...fees },
      priceSource: 'operator',
      priceVersion: each.version,
    });
  }
  return {
    version: lists.at(-1)?.version ?? PRICE_VERSION,
    rows: [...models.values()],
    find(providerId, modelId) {
      const key = keyOf(providerId, modelId);
      return models.get(key) ?? models.get(canonical.get(key) ?? '');
    },
    ids: (providerId, kind) =>
      [...models.values()]
        .filter((row) => row.provider === providerId && row.kind === kind)
        .map((row) => row.id),
  };
}

/** A book over views; `viewOf` must answer from memory. */
export function bookOf(viewOf: (workspaceId: WorkspaceId) => PriceView): PriceBook {
  return {
    priceOf: (workspaceId, ref) => lookUp(viewOf(workspaceId), ref),
    resolve: (workspaceId, ref, kind = 'chat') =>
      resolveRef(ref, { kind, models: viewOf(workspaceId) }),
    models: (workspaceId) => [...viewOf(workspaceId).rows],
  };
}

/** The book of a platform without a database: shipped prices only. */
export function createShippedPriceBook(): PriceBook {
  const view = createPriceView([SHIPPED_LIST]);
  return bookOf(() => view);
}

function lookUp(view: PriceView, ref: ModelRef): PriceInUse {
  const known = view.find(ref.provider, ref.model);
  if (known !== undefined)
    return { price: known.price, source: known.priceSource, version: known.priceVersion };
  const provider = findProvider(ref.provider);
  const price = provider === undefined ? UNKNOWN : openModel(provider, ref.model).price;
  return { price, source: price.inputMicros === null ? 'none' : 'package', version: view.version };
}

const UNKNOWN: ModelPrice = {
  inputMicros: null,
  outputMicros: null,
  cachedInputMicros: null,
  cacheWriteMicros: null,
};

function pricedRow(row: ModelRow, version: string): PricedModel {
  const priceSource = row.price.inputMicros === null ? 'none' : 'package';
  return { ...row, priceSource, priceVersion: version };
}

/** A newer row over an older: what it does not say stays; a price is taken as a whole or not at all. */
function overlay(below: PricedModel, above: ModelRow, version: string): PricedModel {
  const hasPrice = above.price.inputMicros !== null;
  const fees = above.price.fees ?? below.price.fees;
  return {
    ...below,
    name: above.name,
    aliases: [...new Set([...below.aliases, ...above.aliases])],
    contextWindow: above.contextWindow ?? below.contextWindow,
    outputLimit: above.outputLimit ?? below.outputLimit,
    capabilities: [...new Set([...below.capabilities, ...above.capabilities])],
    status: above.status === 'legacy' ? 'legacy' : below.status,
    releasedOn: above.releasedOn ?? below.releasedOn,
    retiredOn: above.retiredOn ?? below.retiredOn,
    ...(hasPrice
      ? {
          price: { ...above.price, ...(fees === undefined ? {} : { fees }) },
          pricedOn: above.pricedOn,
          priceSource: 'package',
          priceVersion: version,
        }
      : {}),
  };
}

/** Row of a model that stands in no list; null when its provider is none of the catalogue. */
function unlisted(own: OwnPrice): PricedModel | null {
  const provider = findProvider(own.provider);
  return provider === undefined ? null : pricedRow(openModel(provider, own.model), own.version);
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
