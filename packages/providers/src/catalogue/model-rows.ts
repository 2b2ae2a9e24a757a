import { sha256 } from '@automatos/kernel/hash';
import type { ModelRow } from './catalogue-types.ts';
import snapshot from './price-package.json' with { type: 'json' };
import { PROVIDER_ROWS } from './provider-rows.ts';
import { readPricePackage } from './read-price-package.ts';

/** Names a price list for all time: the day it was taken and a hash of what it says. */
export function priceVersionOf(date: string, content: unknown): string {
  return `${date.slice(0, 10)}+${sha256(JSON.stringify(content)).slice(0, 8)}`;
}

/** What runs on the user's own machine or network has no list price. */
const OWN_SERVERS: ReadonlySet<string> = new Set(['ollama', 'openai-compatible', 'offline']);

/** Providers that a price package may speak of. */
export const PRICED_PROVIDERS: ReadonlySet<string> = new Set(
  PROVIDER_ROWS.map((row) => row.id).filter((id) => !OWN_SERVERS.has(id)),
);

/** Day of the price package that is shipped. */
export const SNAPSHOT_DATE: string = snapshot.date;

/** Version of the shipped price package; stored with each usage row that was charged by it. */
export const PRICE_VERSION: string = priceVersionOf(SNAPSHOT_DATE, snapshot.providers);

const OFFLINE_ROW: ModelRow = {
  provider: 'offline',
  id: 'offline-1',
  name: 'Offline composer',
  kind: 'chat',
  aliases: [],
  contextWindow: null,
  outputLimit: null,
  price: { inputMicros: 0, outputMicros: 0, cachedInputMicros: 0, cacheWriteMicros: 0 },
  pricedOn: SNAPSHOT_DATE.slice(0, 7),
  capabilities: ['tools', 'streaming', 'json'],
  status: 'current',
  releasedOn: null,
  retiredOn: null,
};

/** Shared words made into numbers: no model either. */
const OFFLINE_WORDS: readonly ModelRow[] = [
  {
    ...OFFLINE_ROW,
    id: 'offline-words-1',
    name: 'Offline word hashing',
    kind: 'embedding',
    capabilities: ['embeddings'],
  },
  {
    ...OFFLINE_ROW,
    id: 'offline-rank-1',
    name: 'Offline word overlap',
    kind: 'rerank',
    capabilities: ['rerank'],
  },
];

/** Seeded models. Null price, window or limit = not known to us; cost is then unknown too, never 0. */
export const MODEL_ROWS: readonly ModelRow[] = [
  ...(readPricePackage(snapshot.providers, {
    known: PRICED_PROVIDERS,
    pricedOn: SNAPSHOT_DATE.slice(0, 7),
  })?.rows ?? []),
  OFFLINE_ROW,
  ...OFFLINE_WORDS,
];
