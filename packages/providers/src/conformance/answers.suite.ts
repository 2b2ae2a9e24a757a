import { expect, it } from 'vitest';
import { buildRepairMessages, resolveRef } from '../index.ts';
import { costOf } from '../usage/cost.ts';
import { CLOCK, KEY, PLACE, WEATHER, answer, failure } from './rig.fixture.ts';
import type { Rig } from './rig.fixture.ts';
import type { VendorUnderTest } from './vendors.fixture.ts';

const COUNTED = {
  inputTokens: 1000,
  outputTokens: 200,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  cacheWriteTokens: 0,
  estimated: false,
};

/** Text, stream, usage and cost: what every provider must do. */
export function answersSuite(vendor: VendorUnderTest, rig: Rig): void {
  const { model } = resolveRef({ provider: vendor.id, model: vendor.model });

  it('answers with text, usage, exact cost and metrics, in one request', async () => {
    const result = await rig.providers.call(rig.ask());
    expect(result).toMatchObject({
      text: 'Hello world',
      finishReason: 'stop',
      provider: vendor.id,
      model: vendor.model,
      offline: false,
      usageEstimated: false,
      costMicros: costOf(COUNTED, model.price).micros,
      costIsUpperBound: false,
    });
    expect(result.usage).toEqual({
      inputTokens: 1000,
      outputTokens: 200,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    });
    expect(result.firstTokenMs).toBeLessThanOrEqual(result.durationMs);
    expect(rig.server.records).toHaveLength(1);
    expect(rig.server.records[0]).toMatchObject({
      state: 'complete',
      cancels: 0,
      request: { wire: vendor.wire, model: vendor.model, stream: true, userText: 'Say hello' },
    });
    expect(JSON.stringify(rig.server.records[0]?.request.body)).toContain('Be brief.');
    expect(rig.metrics).toContain(
      `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} success`,
    );
  });

  it('delivers the first text before the server has sent the second', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: { text: string; piecesSent: number }[] = [];
    rig.reply = answer({
      text: ['one ', 'two ', 'three'],
      beforePiece: (index) => (index === 1 ? gate.promise : Promise.resolve()),
    });
    const result = await rig.providers.call(
      rig.ask({
        onDelta: (text) => {
          seen.push({ text, piecesSent: rig.server.records[0]?.piecesSent ?? -1 });
          gate.resolve();
        },
      }),
    );
    expect(seen.map((piece) => piece.text).join('')).toBe('one two three');
    expect(seen[0]?.piecesSent).toBeLessThanOrEqual(1);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(result.text).toBe('one two three');
  });

  it.each([1, 7, 64])(
    'reads a stream cut at every %i bytes, with keep-alives, inside UTF-8 characters',
    async (chunkBytes) => {
      const text = ['Grüße ', '世界 ', 'two\nlines ', '👩‍🚀 ok'];
      rig.reply = answer({ text, chunkBytes, pings: true });
      expect((await rig.providers.call(rig.ask())).text).toBe(text.join(''));
    },
  );

  it('counts cached and reasoning tokens where the vendor tells them', async () => {
    const { cached, reasoning } = vendor.counts;
    rig.reply = answer({
      text: ['ok'],
      usage: { input: 1000, output: 200, cached: cached ? 400 : 0, reasoning: reasoning ? 50 : 0 },
    });
    const result = await rig.providers.call(rig.ask());
    const usage = {
      inputTokens: 1000,
      outputTokens: 200,
      cachedInputTokens: cached ? 400 : 0,
      reasoningTokens: reasoning ? 50 : 0,
    };
    expect(result.usage).toEqual(usage);
    const cost = costOf({ ...COUNTED, ...usage }, model.price);
    expect([result.costMicros, result.costIsUpperBound]).toEqual([cost.micros, cost.isUpperBound]);
  });

  it('estimates and marks usage that the vendor left out', async () => {
    rig.reply = answer({ text: ['four words of text'], usage: null });
    const result = await rig.providers.call(rig.ask());
    expect(result.usageEstimated).toBe(true);
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBeGreaterThan(2);
    expect(rig.metrics).toContain(`amas_ai_provider_usage_estimated_total ${vendor.id}`);
  });

  it('sends the idempotency key, and the API key only in its header', async () => {
    await rig.providers.call(rig.ask({ idempotencyKey: 'step-7' }));
    const record = rig.server.records[0];
    expect(record?.idempotencyKey).toBe('step-7');
    expect(JSON.stringify(record?.request.body)).not.toContain(KEY);
    expect(JSON.stringify(record?.request.headers)).toContain(KEY);
  });

  const { length, filtered } = vendor.finish;
  it.runIf(length !== null)('says that the output limit ended the text', async () => {
    rig.reply = answer({ text: ['half a'], finish: length ?? '' });
    expect((await rig.providers.call(rig.ask())).finishReason).toBe('length');
  });

  it.runIf(filtered !== null)('says that the vendor withheld the answer', async () => {
    rig.reply = answer({ text: ['I c'], finish: filtered ?? '' });
    expect((await rig.providers.call(rig.ask())).finishReason).toBe('content_filter');
  });

  it.runIf(vendor.refusal)(
    'gives a refusal as what the model said, never as a plain answer',
    async () => {
      rig.reply = answer({ refusal: 'I will not do that.' });
      const result = await rig.providers.call(rig.ask());
      expect([result.text, result.finishReason]).toEqual(['I will not do that.', 'content_filter']);
    },
  );

  it.runIf(vendor.thoughts)('keeps thoughts apart from the text', async () => {
    const heard: string[] = [];
    rig.reply = answer({ reasoning: ['Let me ', 'think.'], text: ['Yes.'] });
    const result = await rig.providers.call(rig.ask({ onDelta: (text) => heard.push(text) }));
    expect([result.text, heard.join('')]).toEqual(['Yes.', 'Yes.']);
    expect(JSON.stringify(result.message)).toContain('Let me think.');
  });

  it('holds the wanted output to the limit of the model', async () => {
    await rig.providers.call(rig.ask({ maxOutputTokens: 900_000 }));
    const sent = JSON.stringify(rig.server.records[0]?.request.body);
    expect(sent).toContain(String(model.outputLimit ?? 900_000));
    expect(sent.includes('900000')).toBe(model.outputLimit === null);
  });
}

/** Function tools, for providers that claim them. */
export function toolsSuite(vendor: VendorUnderTest, rig: Rig): void {
  it('gives one tool call with its arguments, and continues with the result', async () => {
    rig.reply = answer({
      toolCalls: [{ name: 'get_weather', input: { city: 'Zürich' } }],
      chunkBytes: 11,
    });
    const first = await rig.providers.call(rig.ask({ tools: [WEATHER] }));
    expect(first.finishReason).toBe('tool_calls');
    expect(first.toolCalls).toEqual([
      { id: expect.any(String), name: 'get_weather', input: { city: 'Zürich' } },
    ]);
    expect(rig.server.records[0]?.request.tools.map((each) => each.name)).toEqual(['get_weather']);
    rig.reply = answer({ text: ['Sunny.'] });
    const call = first.toolCalls[0] as { id: string; name: string };
    const result = {
      type: 'tool-result' as const,
      toolCallId: call.id,
      toolName: call.name,
      output: { type: 'json' as const, value: { sky: 'clear' } },
    };
    const second = await rig.providers.call(
      rig.ask({
        tools: [WEATHER],
        messages: [
          ...rig.ask().messages,
          JSON.parse(JSON.stringify(first.message)),
          { role: 'tool', content: [result] },
        ],
      }),
    );
    expect(second.text).toBe('Sunny.');
    expect(rig.server.records[1]?.request.toolResults).toBe(1);
    const signed = JSON.stringify(rig.server.records[1]?.request.body).includes('c2lnbmF0dXJl');
    expect(signed, 'thought signatures go back unchanged').toBe(vendor.wire === 'gemini');
  });

  it('gives two tool calls of one answer in order, though their pieces are interleaved', async () => {
    rig.reply = answer({
      text: ['Looking.'],
      toolCalls: [
        { name: 'get_weather', input: { city: 'Rome' } },
        { name: 'get_time', input: { city: 'Oslo' } },
      ],
    });
    const result = await rig.providers.call(rig.ask({ tools: [WEATHER, CLOCK] }));
    expect(result.toolCalls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'get_weather', input: { city: 'Rome' } },
      { name: 'get_time', input: { city: 'Oslo' } },
    ]);
    expect(new Set(result.toolCalls.map((call) => call.id)).size).toBe(2);
    expect(result.text).toBe(vendor.plans === true ? '' : 'Looking.');
    expect(JSON.stringify(result.message)).toContain('Looking.');
  });

  it('joins arguments that were cut inside a character', async () => {
    const city = '😀😀😀😀😀';
    const whole = JSON.stringify({ city });
    expect(whole.charCodeAt(Math.floor(whole.length / 2))).toBeGreaterThanOrEqual(0xdc00);
    rig.reply = answer({ toolCalls: [{ name: 'get_weather', input: { city } }], chunkBytes: 3 });
    const result = await rig.providers.call(rig.ask({ tools: [WEATHER] }));
    expect(result.toolCalls[0]?.input).toEqual({ city });
  });

  it('refuses broken arguments', async () => {
    rig.reply = answer({ toolCalls: [{ name: 'get_weather', raw: '{"city": "Ber' }] });
    expect(await failure(rig.providers.call(rig.ask({ tools: [WEATHER] })))).toMatchObject({
      code: 'providers.answer.tool_call_malformed',
      retryable: true,
    });
  });
}

/** JSON by schema, for providers that claim it. */
export function jsonSuite(_vendor: VendorUnderTest, rig: Rig): void {
  it('sends the schema and returns the validated object', async () => {
    rig.reply = answer({ text: ['{"city":"Bern",', '"population":134000}'] });
    const result = await rig.providers.call(rig.ask({ responseSchema: PLACE }));
    expect(result.object).toEqual({ city: 'Bern', population: 134000 });
    expect(JSON.stringify(rig.server.records[0]?.request.body)).toContain('population');
  });

  it('refuses an object that does not fit, and helps to repair it', async () => {
    rig.reply = answer({ text: ['{"city":"Bern"}'] });
    const error = await failure(rig.providers.call(rig.ask({ responseSchema: PLACE })));
    expect(error).toMatchObject({
      code: 'providers.answer.schema_mismatch',
      retryable: false,
      errors: [{ pointer: '/population' }],
    });
    const repair = buildRepairMessages(rig.ask().messages, error, PLACE) ?? [];
    expect(repair).toHaveLength(4);
    expect(repair.at(-1)?.content).toContain('/population');
  });
}

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Images, for providers that claim them. */
export function visionSuite(vendor: VendorUnderTest, rig: Rig): void {
  it.each([
    ['bytes', () => new Uint8Array(Buffer.from(PNG, 'base64'))],
    ['a data: URL', () => `data:image/png;base64,${PNG}`],
  ])('sends an image given as %s with its text', async (_form, image) => {
    await rig.providers.call(
      rig.ask({
        ref: { provider: vendor.id, model: vendor.sees ?? '' },
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image', image: image() },
            ],
          },
        ],
      }),
    );
    const { request } = rig.server.records[0] ?? {};
    expect(request?.userText).toContain('What is this?');
    expect(JSON.stringify(request?.body)).toContain(PNG);
  });
}
