import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel } from './catalogue.ts';
import { MODEL_ROWS, PRICE_VERSION, PRICED_PROVIDERS, priceVersionOf } from './model-rows.ts';
import { parseUsdMicros } from './parse-usd.ts';
import { readPricePackage } from './read-price-package.ts';

const read = (models: Record<string, unknown>, provider = 'openai') =>
  readPricePackage({ [provider]: { models } }, { known: PRICED_PROVIDERS, pricedOn: '2026-11' });

describe('a price in dollars', () => {
  it.each<[string | number, number | null]>([
    [0.0375, 37_500],
    ['0.0375', 37_500],
    ['2.50', 2_500_000],
    [30, 30_000_000],
    [0.1 + 0.2, 300_001],
    ['0.0000001', 1],
    [1e-7, 1],
    ['1e3', 1_000_000_000],
    ['10000', 10_000_000_000],
    ['10000.000001', null],
    ['-1', null],
    ['', null],
    ['NaN', null],
    [Number.POSITIVE_INFINITY, null],
    ['1,5', null],
    ['0x10', null],
  ])('%j → %j', (text, micros) => expect(parseUsdMicros(text)).toBe(micros));

  it('is exact for every amount of whole micro-dollars, as text and as number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (micros) => {
        const text = `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;
        expect(parseUsdMicros(text)).toBe(micros);
        expect(parseUsdMicros(Number(text))).toBe(micros);
      }),
    );
  });
});

describe('the shipped package', () => {
  it('has a version of day and content', () => {
    expect(PRICE_VERSION).toMatch(/^\d{4}-\d{2}-\d{2}\+[0-9a-f]{8}$/);
    expect(priceVersionOf('2026-11-21', { a: 1 })).not.toBe(priceVersionOf('2026-11-21', { a: 2 }));
  });

  it('lost no row on the way', async () => {
    const { default: snapshot } = await import('./price-package.json', { with: { type: 'json' } });
    const result = readPricePackage(snapshot.providers, { known: PRICED_PROVIDERS, pricedOn: '' });
    expect(result?.skipped).toEqual([]);
    expect(MODEL_ROWS.filter((row) => row.provider !== 'offline').length).toBe(
      Object.values(snapshot.providers).reduce(
        (sum, provider) => sum + Object.keys(provider.models).length,
        0,
      ),
    );
  });

  it('knows cached prices, tiers, windows and fees where the sources name them', () => {
    expect(findModel('openai', 'gpt-5.5')).toMatchObject({
      contextWindow: 1_050_000,
      price: {
        cachedInputMicros: 500_000,
        tiers: [{ aboveInputTokens: 272_000, inputMicros: 10_000_000, outputMicros: 45_000_000 }],
      },
    });
    expect(findModel('anthropic', 'claude-sonnet-5')?.price).toMatchObject({
      cacheWriteMicros: 2_500_000,
    });
    expect(findModel('perplexity', 'sonar')?.price).toMatchObject({
      inputMicros: null,
      fees: { web_search: 2_500, web_search_fast: 1_000, fetch_url: 500 },
    });
  });
});

describe('reading a package', () => {
  it('takes what it can and says of each other row why not', () => {
    const result = read({
      good: { id: 'good', cost: { input: 1, output: 2, cache_read: '0.1' } },
      free: { id: 'free', cost: { input: 0, output: 0 } },
      text: { id: 'text', cost: { input: 'cheap', output: 2 } },
      negative: { id: 'negative', cost: { input: -1, output: 2 } },
      half: { id: 'half', cost: { input: 1 } },
      picture: { id: 'picture', modalities: { input: ['text'], output: ['image'] } },
      nothing: null,
      unpriced: { id: 'unpriced' },
    });
    expect(result?.rows.map((row) => [row.id, row.price.inputMicros])).toEqual([
      ['good', 1_000_000],
      ['unpriced', null],
    ]);
    expect(result?.skipped).toEqual([
      { model: 'openai/free', reason: expect.stringContaining('price of 0') },
      { model: 'openai/text', reason: 'cost.input: is no price in dollars' },
      { model: 'openai/negative', reason: 'cost.input: is no price in dollars' },
      { model: 'openai/half', reason: 'cost.output: is missing' },
      { model: 'openai/picture', reason: 'makes no text, vectors or rankings' },
      { model: 'openai/nothing', reason: 'is no object' },
    ]);
  });

  it('maps the package’s names of providers and passes over those it does not know', () => {
    const row = { m: { id: 'm', cost: { input: 1, output: 2 } } };
    expect(read(row, 'togetherai')?.rows[0]?.provider).toBe('together');
    expect(read(row, 'nobody')).toEqual({ rows: [], skipped: [] });
  });

  it('prefers exact tiers to the older form and sorts them', () => {
    const tier = (size: number, input: number) => ({ tier: { size }, input, output: 1 });
    const [row] =
      read({
        m: {
          id: 'm',
          cost: {
            input: 1,
            output: 2,
            tiers: [tier(500, 4), tier(100, 3)],
            context_over_200k: { input: 9, output: 9 },
          },
        },
      })?.rows ?? [];
    expect(row?.price.tiers?.map((each) => [each.aboveInputTokens, each.inputMicros])).toEqual([
      [100, 3_000_000],
      [500, 4_000_000],
    ]);
    expect(
      read({
        m: { id: 'm', cost: { input: 1, output: 2, context_over_200k: { input: 3, output: 4 } } },
      })?.rows[0]?.price.tiers,
    ).toMatchObject([{ aboveInputTokens: 200_000, inputMicros: 3_000_000 }]);
  });

  it.each([null, 'text', [], { openai: [] }, { openai: { models: [] } }])(
    'refuses %j as a whole',
    (content) =>
      expect(readPricePackage(content, { known: PRICED_PROVIDERS, pricedOn: '' })).toBeNull(),
  );

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (model) => {
        expect(read({ m: model })).not.toBeNull();
      }),
    );
  });
});
