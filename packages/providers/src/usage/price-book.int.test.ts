import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  assertTablesMatch,
  createTestDatabase,
  type TestDatabase,
} from '@automatos/database/testing';
import { silentLogger, systemClock } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findModel } from '../catalogue/catalogue.ts';
import { PRICE_VERSION } from '../catalogue/model-rows.ts';
import { createPriceBook } from './create-price-book.ts';
import type { StoredPriceBook } from './create-price-book.ts';
import { modelPrices, pricePackages } from './price-tables.ts';

/** After the day of the shipped package, whatever the machine's date is. */
const LATER = { ...systemClock, now: () => Date.parse('2027-01-01T00:00:00Z') };

let test: TestDatabase;
let answer: { status: number; body: string } = { status: 200, body: '{}' };
const source = createServer((_request, response) => {
  response.writeHead(answer.status).end(answer.body);
});
const books: StoredPriceBook[] = [];
let origin = '';

beforeAll(async () => {
  test = await createTestDatabase();
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(books.splice(0).map((book) => book.close()));
  await test.database.system(async (tx) => {
    await tx.delete(modelPrices);
    await tx.delete(pricePackages);
  });
});
afterAll(async () => {
  source.close();
  await test.close();
});

/** A book as a process of its own has it. */
async function openBook(): Promise<StoredPriceBook> {
  const book = await createPriceBook({
    database: test.database,
    clock: LATER,
    logger: silentLogger,
    packageUrl: `${origin}/api.json`,
    async fetchPackage(url) {
      const response = await fetch(url);
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, body, truncated: body.length > 100_000 };
    },
  });
  books.push(book);
  return book;
}

function serve(models: Record<string, unknown>, provider = 'openai'): void {
  answer = { status: 200, body: JSON.stringify({ [provider]: { models } }) };
}

const MINI = { provider: 'openai', model: 'gpt-5.4-mini' };
const OWN = {
  inputMicros: 111,
  outputMicros: 222,
  cachedInputMicros: 11,
  cacheWriteMicros: null,
};
const shipped = findModel('openai', 'gpt-5.4-mini')?.price;

describe('prices in use', () => {
  it('match the migration', async () => {
    await expect(
      assertTablesMatch(test.database, [modelPrices, pricePackages]),
    ).resolves.toBeUndefined();
  });

  it('are the shipped ones at first, and unknown is not 0', async () => {
    const book = await openBook();
    expect(book.priceOf(test.workspaceId, MINI)).toEqual({
      price: shipped,
      source: 'package',
      version: PRICE_VERSION,
    });
    expect(book.priceOf(test.workspaceId, { provider: 'openai', model: 'gpt-4.1' })).toMatchObject({
      price: { inputMicros: null },
      source: 'none',
    });
    expect(
      book.priceOf(test.workspaceId, { provider: 'openai-compatible', model: 'house' }),
    ).toMatchObject({ price: { inputMicros: null }, source: 'none' });
  });

  it('are the workspace’s own before the list, for it alone, in every process, until removed', async () => {
    const [here, there] = [await openBook(), await openBook()];
    const set = await here.setPrice(test.workspaceId, MINI, OWN);
    expect(set).toMatchObject({
      price: OWN,
      source: 'operator',
      version: expect.stringMatching(/^own:/),
    });
    expect(here.resolve(test.workspaceId, MINI).model.price).toEqual(OWN);
    await vi.waitFor(() => expect(there.priceOf(test.workspaceId, MINI)).toEqual(set), 10_000);
    expect(here.priceOf(test.otherWorkspaceId, MINI).price).toEqual(shipped);
    const later = await openBook();
    expect(later.priceOf(test.workspaceId, MINI)).toEqual(set);

    expect(await here.removePrice(test.workspaceId, MINI)).toMatchObject({
      price: shipped,
      source: 'package',
    });
    await vi.waitFor(
      () => expect(there.priceOf(test.workspaceId, MINI).price).toEqual(shipped),
      10_000,
    );
  });

  it('can be set for an alias, for a model of an own server, and not for an unknown provider', async () => {
    const book = await openBook();
    await book.setPrice(test.workspaceId, { provider: 'deepseek', model: 'deepseek-chat' }, OWN);
    expect(
      book.priceOf(test.workspaceId, { provider: 'deepseek', model: 'deepseek-v4-flash' }).price,
    ).toEqual(OWN);
    const house = { provider: 'openai-compatible', model: 'house' };
    await book.setPrice(test.workspaceId, house, OWN);
    expect(book.resolve(test.workspaceId, house).model).toMatchObject({
      price: OWN,
      status: 'open',
    });
    await expect(
      book.setPrice(test.workspaceId, { provider: 'nobody', model: 'x' }, OWN),
    ).rejects.toMatchObject({ code: 'providers.provider.unknown' });
  });

  it('keep the fees of the list when tokens have an own price', async () => {
    const book = await openBook();
    const sonar = { provider: 'perplexity', model: 'perplexity/sonar' };
    await book.setPrice(test.workspaceId, sonar, OWN);
    expect(book.priceOf(test.workspaceId, sonar).price).toMatchObject({
      inputMicros: 111,
      fees: { web_search: 2_500 },
    });
  });
});

describe('refresh', () => {
  it('takes new prices and models for all workspaces, survives a restart and leaves own prices', async () => {
    const [here, there] = [await openBook(), await openBook()];
    await here.setPrice(test.otherWorkspaceId, MINI, OWN);
    serve({
      'gpt-5.4-mini': { id: 'gpt-5.4-mini', cost: { input: 0.8, output: 5, cache_read: 0.08 } },
      'gpt-9': { id: 'gpt-9', cost: { input: 1, output: 2 }, limit: { context: 9_000 } },
      broken: { id: 'broken', cost: { input: 'x' } },
    });
    const done = await here.refresh(test.workspaceId, null);
    expect(done).toMatchObject({
      added: 1,
      changed: 1,
      skipped: [{ model: 'openai/broken', reason: expect.any(String) }],
    });
    expect(done.version).not.toBe(PRICE_VERSION);
    for (const book of [here, there, await openBook()]) {
      await vi.waitFor(
        () =>
          expect(book.priceOf(test.workspaceId, MINI)).toMatchObject({
            price: { inputMicros: 800_000, cachedInputMicros: 80_000 },
            version: done.version,
          }),
        10_000,
      );
      expect(
        book.resolve(test.workspaceId, { provider: 'openai', model: 'gpt-9' }).model,
      ).toMatchObject({ contextWindow: 9_000, kind: 'chat' });
      expect(book.priceOf(test.otherWorkspaceId, MINI).price).toEqual(OWN);
      // What the package does not name keeps its price and the version that it came with.
      expect(
        book.priceOf(test.workspaceId, { provider: 'anthropic', model: 'claude-sonnet-5' }).version,
      ).toBe(PRICE_VERSION);
    }
  });

  it('from an address of the workspace’s own changes nothing for others', async () => {
    const book = await openBook();
    serve({ 'gpt-5.4-mini': { id: 'gpt-5.4-mini', cost: { input: 0.1, output: 0.1 } } });
    const { version } = await book.refresh(test.workspaceId, `${origin}/mine.json`);
    expect(book.versionOf(test.workspaceId)).toBe(version);
    expect(book.priceOf(test.workspaceId, MINI).price.inputMicros).toBe(100_000);
    expect(book.priceOf(test.otherWorkspaceId, MINI).price).toEqual(shipped);
  });

  it.each<[string, { status: number; body: string }, string]>([
    ['a failing address', { status: 503, body: '{}' }, 'providers.prices.unreadable'],
    ['too much', { status: 200, body: ' '.repeat(200_000) }, 'providers.prices.unreadable'],
    ['no JSON', { status: 200, body: '<html>' }, 'providers.prices.package_invalid'],
    ['another form', { status: 200, body: '[1]' }, 'providers.prices.package_invalid'],
    [
      'nothing in it',
      { status: 200, body: '{"openai":{"models":{}}}' },
      'providers.prices.package_invalid',
    ],
  ])('of %s keeps the prices in use', async (_name, wrong, code) => {
    const book = await openBook();
    serve({ 'gpt-5.4-mini': { id: 'gpt-5.4-mini', cost: { input: 0.8, output: 5 } } });
    const { version } = await book.refresh(test.workspaceId, null);
    answer = wrong;
    await expect(book.refresh(test.workspaceId, null)).rejects.toMatchObject({ code });
    expect(book.priceOf(test.workspaceId, MINI)).toMatchObject({
      version,
      price: { inputMicros: 800_000 },
    });
  });

  it('never gives an own server a price, nor the offline provider', async () => {
    const book = await openBook();
    answer = {
      status: 200,
      body: JSON.stringify({
        openai: { models: { m: { id: 'm', cost: { input: 1, output: 1 } } } },
        ollama: { models: { m: { id: 'm', cost: { input: 5, output: 5 } } } },
        offline: { models: { 'offline-1': { id: 'offline-1', cost: { input: 5, output: 5 } } } },
      }),
    };
    await book.refresh(test.workspaceId, null);
    expect(
      book.priceOf(test.workspaceId, { provider: 'ollama', model: 'm' }).price.inputMicros,
    ).toBe(0);
    expect(
      book.priceOf(test.workspaceId, { provider: 'offline', model: 'offline-1' }).price.inputMicros,
    ).toBe(0);
  });
});
