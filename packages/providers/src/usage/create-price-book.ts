import type { Database } from '@automatos/database';
import { PlatformError, canonicalJson, invalidInput } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { findProvider } from '../catalogue/catalogue.ts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import { PRICED_PROVIDERS, SNAPSHOT_DATE, priceVersionOf } from '../catalogue/model-rows.ts';
import { readPricePackage } from '../catalogue/read-price-package.ts';
import type { SkippedModel } from '../catalogue/read-price-package.ts';
import type { PriceBook, PriceInUse } from './price-book.ts';
import {
  PRICES_CHANNEL,
  priceState,
  readPrices,
  removeOwnPrice,
  writeOwnPrice,
  writePackage,
} from './price-store.ts';
import type { OwnPriceInput, StoredPackage, StoredPrices } from './price-store.ts';
import { SHIPPED_LIST, bookOf, createPriceView } from './price-view.ts';
import type { PriceView } from './price-view.ts';

/** Fetches a price package; must keep private addresses out, follow redirects safely and bound time and size. */
export type FetchPackage = (
  url: string,
  signal?: AbortSignal,
) => Promise<{ status: number; body: Uint8Array; truncated: boolean }>;

export interface PriceBookDeps {
  database: Pick<Database, 'system' | 'workspace' | 'listen'>;
  clock: Clock;
  logger: Logger;
  fetchPackage: FetchPackage;
  /** Where the platform's price package is loaded from. */
  packageUrl: string;
}

/** What a refresh did. */
export interface Refreshed {
  version: string;
  added: number;
  changed: number;
  skipped: SkippedModel[];
}

/** The price book of a platform, with what changes it. */
export interface StoredPriceBook extends PriceBook {
  /** Version of the list that holds below the workspace's own prices. */
  versionOf(workspaceId: WorkspaceId): string;
  /** Sets an own price. Throws `providers.provider.unknown`. */
  setPrice(workspaceId: WorkspaceId, ref: ModelRef, price: OwnPriceInput): Promise<PriceInUse>;
  /** Goes back to the list price; also when there was no own one. */
  removePrice(workspaceId: WorkspaceId, ref: ModelRef): Promise<PriceInUse>;
  /**
   * Loads a price package: from the platform's address for all workspaces, from another one for this workspace alone, so that
   * nobody decides on the prices of others. Whatever fails, the one in use stays. Throws `providers.prices.*` and the guard's errors.
   */
  refresh(workspaceId: WorkspaceId, url: string | null, signal?: AbortSignal): Promise<Refreshed>;
  close(): Promise<void>;
}

/** What was sent while the listening connection was lost is found at the latest after this time. */
const LOOK_AGAIN_MS = 30_000;
const SKIPPED_SHOWN_MAX = 200;

/** Loads what is stored and keeps up with changes of all processes. */
export async function createPriceBook(deps: PriceBookDeps): Promise<StoredPriceBook> {
  const { database, clock, logger } = deps;
  let stored: StoredPrices = { platform: null, packages: new Map(), own: new Map() };
  let state = '';
  const views = new Map<WorkspaceId, PriceView>();
  let shared = createPriceView([SHIPPED_LIST]);
  let reading: Promise<void> = Promise.resolve();

  /** One after the other, so that an older reading never replaces a newer one. */
  function reload(): Promise<void> {
    reading = reading
      .catch(() => undefined)
      .then(async () => {
        // The state is read first: a change between the two readings is found by the next look.
        const nextState = await priceState(database);
        stored = await readPrices(database);
        state = nextState;
        views.clear();
        shared = createPriceView([SHIPPED_LIST, ...current(stored.platform)]);
      });
    return reading;
  }
  const reloadSoon = () =>
    void reload().catch((error: Error) =>
      logger.warn({ reason: error.message }, 'prices could not be read; those in memory hold'),
    );

  const viewOf = (workspaceId: WorkspaceId): PriceView => {
    const own = stored.own.get(workspaceId);
    const loaded = stored.packages.get(workspaceId);
    if (own === undefined && loaded === undefined) return shared;
    const known = views.get(workspaceId);
    if (known !== undefined) return known;
    const lists = [SHIPPED_LIST, ...current(stored.platform), ...current(loaded ?? null)];
    const view = createPriceView(lists, own);
    views.set(workspaceId, view);
    return view;
  };

  const stopListening = await database.listen(PRICES_CHANNEL, reloadSoon);
  await reload();
  const ended = new AbortController();
  const watching = lookNowAndThen({
    clock,
    signal: ended.signal,
    look: async () => {
      if ((await priceState(database)) !== state) await reload();
    },
    failed: (error) => logger.debug({ reason: error.message }, 'prices could not be looked at'),
  });

  const book = bookOf(viewOf);
  const changes = createChanges(deps, { book, viewOf, reload });
  return {
    ...book,
    ...changes,
    versionOf: (workspaceId) => viewOf(workspaceId).version,
    async close() {
      ended.abort(new Error('closed'));
      await stopListening();
      await watching;
      await reading.catch(() => undefined);
    },
  };
}

interface Inner {
  book: PriceBook;
  viewOf: (workspaceId: WorkspaceId) => PriceView;
  reload: () => Promise<void>;
}

function createChanges(
  { database, clock, fetchPackage, packageUrl }: PriceBookDeps,
  { book, viewOf, reload }: Inner,
): Pick<StoredPriceBook, 'setPrice' | 'removePrice' | 'refresh'> {
  return {
    async setPrice(workspaceId, ref, price) {
      checkProvider(ref);
      const at = new Date(clock.now());
      const named = { provider: ref.provider, model: canonicalId(viewOf(workspaceId), ref) };
      const version = `own:${priceVersionOf(at.toISOString(), canonicalJson(price))}`;
      await database.workspace(workspaceId, (tx) =>
        writeOwnPrice(tx, workspaceId, { ref: named, price, version, at }),
      );
      await reload();
      return book.priceOf(workspaceId, ref);
    },
    async removePrice(workspaceId, ref) {
      checkProvider(ref);
      const named = { provider: ref.provider, model: canonicalId(viewOf(workspaceId), ref) };
      await database.workspace(workspaceId, (tx) => removeOwnPrice(tx, workspaceId, named));
      await reload();
      return book.priceOf(workspaceId, ref);
    },
    async refresh(workspaceId, url, signal) {
      const sourceUrl = url ?? packageUrl;
      const scope = sourceUrl === packageUrl ? null : workspaceId;
      const content = await loadPackage(fetchPackage, sourceUrl, signal);
      const loadedAt = new Date(clock.now());
      const today = loadedAt.toISOString();
      const read = readPricePackage(content, {
        known: PRICED_PROVIDERS,
        pricedOn: today.slice(0, 7),
      });
      if (read === null) throw packageInvalid(sourceUrl, 'it is not in the form of api.json');
      if (read.rows.length === 0)
        throw packageInvalid(sourceUrl, 'it names no model of a provider of this version');
      const list = { version: priceVersionOf(today, read.rows), rows: read.rows };
      const before = viewOf(workspaceId);
      const after = createPriceView([{ version: before.version, rows: before.rows }, list]);
      await writePackage(database, scope, { ...list, loadedAt, sourceUrl });
      await reload();
      return { version: list.version, ...difference(before, after), skipped: shown(read.skipped) };
    },
  };
}

async function loadPackage(
  fetchPackage: FetchPackage,
  url: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { status, body, truncated } = await fetchPackage(url, signal);
  if (status !== 200) throw packageUnreadable(url, `it answered with status ${status}`);
  if (truncated) throw packageUnreadable(url, 'it is larger than allowed');
  try {
    return JSON.parse(Buffer.from(body).toString()) as unknown;
  } catch (cause) {
    throw packageInvalid(url, 'it is not JSON', cause);
  }
}

function packageUnreadable(url: string, why: string): PlatformError {
  return new PlatformError({
    code: 'providers.prices.unreadable',
    kind: 'upstream-failed',
    message: `The price package at ${url} could not be loaded: ${why}. The prices in use stay.`,
  });
}

function packageInvalid(url: string, why: string, cause?: unknown): PlatformError {
  return new PlatformError({
    code: 'providers.prices.package_invalid',
    kind: 'upstream-failed',
    message: `What ${url} answered is no price package: ${why}. The prices in use stay.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A package older than the one that is shipped must not bring old prices back after an update of the product. */
function current(loaded: StoredPackage | null): StoredPackage[] {
  return loaded === null || loaded.loadedAt.toISOString().slice(0, 10) < SNAPSHOT_DATE
    ? []
    : [loaded];
}

function checkProvider({ provider }: ModelRef): void {
  if (findProvider(provider) !== undefined) return;
  throw invalidInput(
    `There is no provider "${provider}".`,
    [{ pointer: '/provider', message: 'unknown provider' }],
    'providers.provider.unknown',
  );
}

/** An own price set for an alias belongs to the model. */
function canonicalId(view: PriceView, ref: ModelRef): string {
  return view.find(ref.provider, ref.model)?.id ?? ref.model;
}

function difference(before: PriceView, after: PriceView): { added: number; changed: number } {
  let added = 0;
  let changed = 0;
  for (const row of after.rows) {
    const old = before.find(row.provider, row.id);
    if (old === undefined) added += 1;
    else if (
      old.priceSource !== 'operator' &&
      canonicalJson(old.price) !== canonicalJson(row.price)
    )
      changed += 1;
  }
  return { added, changed };
}

function shown(skipped: SkippedModel[]): SkippedModel[] {
  const rest = skipped.length - SKIPPED_SHOWN_MAX;
  return rest <= 0
    ? skipped
    : [...skipped.slice(0, SKIPPED_SHOWN_MAX), { model: '…', reason: `${rest} more` }];
}

async function lookNowAndThen(deps: {
  clock: Clock;
  signal: AbortSignal;
  look: () => Promise<void>;
  failed: (error: Error) => void;
}): Promise<void> {
  const { signal } = deps;
  while (!signal.aborted) {
    const isOver = await deps.clock.sleep(LOOK_AGAIN_MS, signal).then(
      () => false,
      () => true,
    );
    if (isOver) return;
    await deps.look().catch(deps.failed);
  }
}
