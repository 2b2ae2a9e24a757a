import { describe, expect, it } from 'vitest';
import { MODEL_ROWS, PROVIDER_ROWS, embedOnce, modelOffers, resolveRef } from '../index.ts';
import { answersSuite, jsonSuite, toolsSuite, visionSuite } from './answers.suite.ts';
import { boundsSuite, failuresSuite } from './failures.suite.ts';
import { WEATHER, answer, failure, useRig } from './rig.fixture.ts';
import { embeddingsSuite, rerankSuite } from './vectors.suite.ts';
import { VENDORS } from './vendors.fixture.ts';

/** Capabilities with a suite below; `local` is a fact about the place, not about the wire. */
const PROVEN = ['streaming', 'tools', 'json', 'vision', 'embeddings', 'rerank'];

const WIRED = PROVIDER_ROWS.filter((row) => row.codec !== 'offline');

describe('claims of the catalogue', () => {
  it('says "tried over the wire" of exactly the providers that this suite drives', () => {
    expect(
      WIRED.filter((row) => row.evidence === 'contract-fake')
        .map((row) => row.id)
        .toSorted(),
    ).toEqual(VENDORS.map((vendor) => vendor.id).toSorted());
  });

  it('claims only capabilities that a suite proves', () => {
    const known = new Set([...PROVEN, 'local']);
    for (const row of PROVIDER_ROWS)
      expect(
        row.capabilities.filter((each) => !known.has(each)),
        row.id,
      ).toEqual([]);
  });

  it.each(VENDORS)('$id names a model for each claim, and claims what it names', (vendor) => {
    const claims = PROVIDER_ROWS.find((row) => row.id === vendor.id)?.capabilities ?? [];
    expect({
      streaming: claims.includes('streaming'),
      vision: claims.includes('vision'),
      embeddings: claims.includes('embeddings'),
      rerank: claims.includes('rerank'),
    }).toEqual({
      streaming: true,
      vision: vendor.sees !== undefined,
      embeddings: vendor.embeds !== undefined,
      rerank: vendor.reranks !== undefined,
    });
  });

  it('lets no model claim what its provider does not', () => {
    for (const model of MODEL_ROWS) {
      const provider = PROVIDER_ROWS.find((row) => row.id === model.provider);
      const beyond = model.capabilities.filter(
        (each) => each !== 'reasoning' && provider?.capabilities.includes(each) !== true,
      );
      expect(beyond, `${model.provider} ${model.id}`).toEqual([]);
    }
  });
});

describe.each(VENDORS)('$id over its wire', (vendor) => {
  const rig = useRig(vendor);
  const claims = PROVIDER_ROWS.find((row) => row.id === vendor.id)?.capabilities ?? [];

  describe.runIf(claims.includes('streaming'))('streaming', () => {
    answersSuite(vendor, rig);
  });
  describe.runIf(claims.includes('tools'))('tools', () => {
    toolsSuite(vendor, rig);
  });
  describe.runIf(claims.includes('json'))('json', () => {
    jsonSuite(vendor, rig);
  });
  describe.runIf(claims.includes('vision'))('vision', () => {
    visionSuite(vendor, rig);
  });
  describe.runIf(claims.includes('embeddings'))('embeddings', () => {
    embeddingsSuite(vendor, rig);
  });
  describe.runIf(claims.includes('rerank'))('rerank', () => {
    rerankSuite(vendor, rig);
  });
  describe('failures', () => {
    failuresSuite(vendor, rig);
  });
  describe('bounds', () => {
    boundsSuite(vendor, rig);
  });

  it.runIf(!claims.includes('tools'))('refuses tools before anything is sent', async () => {
    expect(await failure(rig.providers.call(rig.ask({ tools: [WEATHER] })))).toMatchObject({
      code: 'providers.model.lacks_capability',
    });
    expect(rig.server.records).toHaveLength(0);
  });

  const sees = modelOffers(resolveRef({ provider: vendor.id, model: vendor.model }), 'vision');
  it.runIf(!sees)('refuses images before anything is sent', async () => {
    const content = [
      { type: 'image' as const, image: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1]) },
    ];
    expect(
      await failure(rig.providers.call(rig.ask({ messages: [{ role: 'user', content }] }))),
    ).toMatchObject({ code: 'providers.model.lacks_capability' });
    expect(rig.server.records).toHaveLength(0);
  });

  it.runIf(!claims.includes('embeddings'))('refuses to embed', async () => {
    const resolved = resolveRef({ provider: vendor.id, model: vendor.model });
    const io = { fetch, signal: new AbortController().signal, nowMs: 0 };
    expect(await failure(embedOnce(resolved, null, { values: ['x'] }, io))).toMatchObject({
      code: 'providers.model.lacks_capability',
    });
  });

  it.runIf(vendor.id === 'perplexity')('takes the cost that the vendor states', async () => {
    rig.reply = answer({ text: ['ok'], costUsd: 0.0061234 });
    const result = await rig.providers.call(rig.ask());
    expect([result.costMicros, result.costIsUpperBound]).toEqual([6124, false]);
  });

  it.runIf(vendor.id === 'perplexity')('calls a preset in place of an old model', async () => {
    await rig.providers.call(rig.ask({ ref: { provider: 'perplexity', model: 'sonar-pro' } }));
    const body = rig.server.records[0]?.request.body;
    expect([body?.['preset'], body?.['model'], body?.['store']]).toEqual([
      'fast',
      undefined,
      false,
    ]);
  });

  it.runIf(vendor.id === 'google')('says that a prompt was blocked with status 200', async () => {
    rig.reply = {
      kind: 'garbage',
      body: 'data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}\n\n',
    };
    expect((await rig.providers.call(rig.ask())).finishReason).toBe('content_filter');
  });

  it.runIf(vendor.id === 'replicate')(
    'asks the schema of a model that it does not know',
    async () => {
      await rig.providers.call(
        rig.ask({ ref: { provider: 'replicate', model: 'acme/writer-7b' } }),
      );
      expect(rig.server.records[0]?.request.body).toEqual({
        input: { text: 'Say hello', system: 'Be brief.', max_new_tokens: 500 },
        stream: true,
      });
    },
  );

  it.runIf(vendor.id === 'deepseek')('gives thoughts back with the tool calls', async () => {
    rig.reply = answer({
      reasoning: ['First the weather.'],
      toolCalls: [{ name: 'get_weather', input: { city: 'Bern' } }],
    });
    const first = await rig.providers.call(rig.ask({ tools: [WEATHER] }));
    rig.reply = answer({ text: ['Sunny.'] });
    const output = { type: 'text' as const, value: 'clear' };
    const toolCallId = first.toolCalls[0]?.id ?? '';
    await rig.providers.call(
      rig.ask({
        tools: [WEATHER],
        messages: [
          ...rig.ask().messages,
          first.message,
          {
            role: 'tool',
            content: [{ type: 'tool-result', toolCallId, toolName: 'get_weather', output }],
          },
        ],
      }),
    );
    expect(JSON.stringify(rig.server.records[1]?.request.body)).toContain('First the weather.');
  });
});
