import { expect, it } from 'vitest';
import { embedOnce, estimateTokens, rerankOnce, resolveRef } from '../index.ts';
import type { CodecIo, EmbedRequest, RerankRequest } from '../index.ts';
import { KEY, answer, failure } from './rig.fixture.ts';
import type { Rig } from './rig.fixture.ts';
import type { VendorUnderTest } from './vendors.fixture.ts';

const io = (): CodecIo => ({ fetch, signal: new AbortController().signal, nowMs: 0 });

/** Vectors, for providers that claim them. */
export function embeddingsSuite(vendor: VendorUnderTest, rig: Rig): void {
  const { model = '', usage = false } = vendor.embeds ?? {};
  const embed = (request: EmbedRequest) =>
    embedOnce(
      resolveRef({ provider: vendor.id, model }, { kind: 'embedding' }),
      { apiKey: KEY, baseUrl: `${rig.server.url}${vendor.base}` },
      request,
      io(),
    );

  it('gives one vector per text in their order, and counts the tokens', async () => {
    rig.reply = answer({ usage: { input: 42, output: 0 } });
    const result = await embed({ values: ['Bern', 'Grüße aus Zürich'] });
    expect(result.vectors.map((vector) => vector.slice(0, 2))).toEqual([
      [16, -49],
      [21, -36],
    ]);
    expect(new Set(result.vectors.map((vector) => vector.length))).toEqual(new Set([8]));
    const guess = estimateTokens('Bern') + estimateTokens('Grüße aus Zürich');
    expect([result.usageEstimated, result.inputTokens]).toEqual([!usage, usage ? 42 : guess]);
    const [record] = rig.server.records;
    expect(record?.request).toMatchObject({ wire: 'embeddings', model });
    expect(JSON.stringify(record?.request.headers)).toContain(KEY);
    expect(JSON.stringify(record?.request.body)).not.toContain(KEY);
  });

  it.runIf(vendor.id !== 'huggingface')('asks for shorter vectors', async () => {
    const result = await embed({ values: ['Bern'], dimensions: 5, inputType: 'query' });
    expect(result.vectors[0]).toHaveLength(5);
  });

  it('refuses before sending what cannot be sent', async () => {
    const codes = await Promise.all(
      [[], [''], Array.from({ length: 97 }, () => 'x')].map(
        async (values) => (await failure(embed({ values }))).code,
      ),
    );
    expect(new Set(codes)).toEqual(new Set(['providers.call.values_invalid']));
    expect(rig.server.records).toHaveLength(0);
  });

  it('turns refusals and strange answers into typed errors', async () => {
    rig.reply = vendor.signals.rateLimited;
    expect(await failure(embed({ values: ['x'] }))).toMatchObject({
      code: 'providers.call.rate_limited',
      retryAfterMs: vendor.signals.waitMs,
    });
    rig.reply = answer({ vectors: [[1, 2], [3]] });
    expect((await failure(embed({ values: ['x', 'y'] }))).code).toBe('providers.answer.malformed');
    rig.reply = { kind: 'garbage', body: '<html>', contentType: 'text/html' };
    expect((await failure(embed({ values: ['x'] }))).code).toBe('providers.answer.malformed');
  });

  it('goes through the router with its cost', async () => {
    rig.reply = answer({ usage: { input: 42, output: 0 } });
    const call = rig.ask();
    const result = await rig.providers.embed({
      workspaceId: call.workspaceId,
      signal: call.signal,
      ref: { provider: vendor.id, model },
      values: ['Bern'],
    });
    expect(result).toMatchObject({ provider: vendor.id, model });
    const { price } = resolveRef({ provider: vendor.id, model }, { kind: 'embedding' }).model;
    expect(result.costMicros === null).toBe(price.inputMicros === null);
  });
}

/** Rankings, for providers that claim them. */
export function rerankSuite(vendor: VendorUnderTest, rig: Rig): void {
  const { model = '', counts } = vendor.reranks ?? {};
  const rank = (request: RerankRequest) =>
    rerankOnce(
      resolveRef({ provider: vendor.id, model }, { kind: 'rerank' }),
      { apiKey: KEY, baseUrl: `${rig.server.url}${vendor.base}` },
      request,
      io(),
    );

  it('orders the documents, best first, and says what was billed', async () => {
    rig.reply = answer({ scores: [0.1, 0.9, 0.5], usage: { input: 42, output: 0 } });
    const result = await rank({ query: 'bears', documents: ['a', 'b', 'c'], topN: 2 });
    expect(result.ranking).toEqual([
      { index: 1, score: 0.9 },
      { index: 2, score: 0.5 },
    ]);
    expect([result.inputTokens, result.searchUnits]).toEqual(
      counts === 'tokens' ? [42, null] : [null, 1],
    );
    expect(rig.server.records[0]?.request).toMatchObject({ wire: 'rerank', userText: 'bears' });
  });

  it('refuses before sending what cannot be sent', async () => {
    expect((await failure(rank({ query: ' ', documents: ['a'] }))).code).toBe(
      'providers.call.values_invalid',
    );
    expect((await failure(rank({ query: 'q', documents: [] }))).code).toBe(
      'providers.call.values_invalid',
    );
    expect(rig.server.records).toHaveLength(0);
  });

  it('turns refusals into typed errors', async () => {
    rig.reply = vendor.signals.badKey;
    expect((await failure(rank({ query: 'q', documents: ['a'] }))).code).toBe(
      'providers.credential.rejected',
    );
  });
}
