import type { RouterSettings } from '@automatos/contracts';
import { routerSettingsSchema } from '@automatos/contracts';
import { PlatformError, noMetrics, silentLogger } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelCall, ModelResult } from '../calls/model-call.ts';
import { createAnswerCache } from './answer-cache.ts';
import { cacheKeyOf, semanticQuestionOf } from './cache-key.ts';
import type { AnswerCache, CacheRequest, UpstreamHooks } from './cache-port.ts';
import { REF, result } from './answers.fixture.ts';

const WS = '01990000-0000-7000-8000-00000000000a' as WorkspaceId;
const OTHER = '01990000-0000-7000-8000-00000000000b' as WorkspaceId;
const BACKUP = { provider: 'anthropic', model: 'claude-haiku-4-5' };
const always: RouterSettings['cache'] = routerSettingsSchema.parse({
  cache: { mode: 'always' },
}).cache;

let now = 0;
const clock: Clock = {
  now: () => now,
  sleep: () => Promise.reject(new Error('nobody sleeps here')),
};
let cache: AnswerCache;
beforeEach(() => {
  now = Date.parse('2026-11-21T12:00:00Z');
  cache = createAnswerCache({ clock, logger: silentLogger, metrics: noMetrics });
});

interface Asked {
  request: CacheRequest;
  deltas: string[];
  leave: (reason?: Error) => void;
}

function ask(
  call: Partial<ModelCall> = {},
  extra: Partial<Omit<CacheRequest, 'call'>> & { workspaceId?: WorkspaceId } = {},
): Asked {
  const deltas: string[] = [];
  const leaving = new AbortController();
  const { workspaceId = WS, ...rest } = extra;
  return {
    deltas,
    leave: (reason = new Error('left')) => leaving.abort(reason),
    request: {
      owner: { workspaceId, callId: 'c', source: 'run' },
      call: {
        workspaceId,
        ref: REF,
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        temperature: 0,
        signal: leaving.signal,
        ...call,
      },
      refs: [REF],
      settings: always,
      endpoint: null,
      onDelta: (text) => deltas.push(text),
      onFallback: () => deltas.push('<discard>'),
      ...rest,
    },
  };
}

/** An upstream whose calls are counted and ended by hand. */
function upstream() {
  const calls: {
    hooks: UpstreamHooks;
    end: (value?: ModelResult) => void;
    fail: (error: Error) => void;
  }[] = [];
  const send = (hooks: UpstreamHooks) => {
    const { promise, resolve, reject } = Promise.withResolvers<ModelResult>();
    hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason as Error));
    calls.push({ hooks, end: (value = result()) => resolve(value), fail: reject });
    return promise;
  };
  /** Resolves once that many calls arrived. */
  const called = async (count: number): Promise<void> => {
    await expect.poll(() => calls.length, { interval: 1 }).toBe(count);
  };
  return { calls, send, called };
}
const answering = (value: ModelResult) => () => Promise.resolve(value);
const neverAsked = () => Promise.reject(new Error('upstream was asked'));

describe('a kept answer', () => {
  it('is given to the same call, at once, in one piece, for nothing, and says so', async () => {
    const first = ask();
    expect(await cache.answer(first.request, answering(result()))).toMatchObject({
      outcome: 'miss',
      result: { costMicros: 42 },
    });
    const second = ask();
    const taken = await cache.answer(second.request, neverAsked);
    expect(taken).toMatchObject({
      outcome: 'hit',
      result: {
        text: 'Paris.',
        costMicros: 0,
        usage: { inputTokens: 9 },
        route: { cache: 'hit', attempts: [] },
      },
    });
    expect(second.deltas).toEqual(['Paris.']);
    expect(cache.stats(WS)).toEqual({ hits: 1, misses: 1, shared: 0, entries: 1, savedMicros: 42 });
  });

  it('cannot be changed by who took it', async () => {
    await cache.answer(ask().request, answering(result()));
    const { result: mine } = await cache.answer(ask().request, neverAsked);
    mine.toolCalls.push({ id: 'x', name: 'y', input: {} });
    expect((await cache.answer(ask().request, neverAsked)).result.toolCalls).toEqual([]);
  });

  it('is never seen by another workspace', async () => {
    await cache.answer(ask().request, answering(result()));
    const other = ask({}, { workspaceId: OTHER });
    expect((await cache.answer(other.request, answering(result()))).outcome).toBe('miss');
    expect(cache.stats(OTHER).entries).toBe(1);
  });

  it('leaves by its age, also when the allowed age is lowered later', async () => {
    await cache.answer(ask().request, answering(result()));
    now += always.ttl_ms - 1;
    expect((await cache.answer(ask().request, neverAsked)).outcome).toBe('hit');
    const shorter = { settings: { ...always, ttl_ms: 1000 } };
    expect((await cache.answer(ask({}, shorter).request, answering(result()))).outcome).toBe(
      'miss',
    );
    now += always.ttl_ms;
    expect((await cache.answer(ask().request, answering(result()))).outcome).toBe('miss');
  });

  it.each<[string, Partial<ModelResult>]>([
    ['cut short', { finishReason: 'length' }],
    ['withheld', { finishReason: 'content_filter' }],
    [
      'a call of tools',
      { finishReason: 'tool_calls', toolCalls: [{ id: '1', name: 'scan', input: {} }] },
    ],
    ['from the offline provider', { offline: true }],
    ['from a fallback', { ...BACKUP }],
  ])('is not made of an answer that is %s', async (_name, extra) => {
    await cache.answer(ask().request, answering(result(extra)));
    expect((await cache.answer(ask().request, answering(result()))).outcome).toBe('miss');
  });

  it('is not made of a failure', async () => {
    await expect(
      cache.answer(ask().request, () => Promise.reject(new Error('down'))),
    ).rejects.toThrow('down');
    expect((await cache.answer(ask().request, answering(result()))).outcome).toBe('miss');
  });

  it('is forgotten on demand, also by a call that was under way', async () => {
    await cache.answer(ask().request, answering(result()));
    const vendor = upstream();
    const slow = cache.answer(ask({ topP: 0.5 }).request, vendor.send);
    await vendor.called(1);
    expect(await cache.clear(WS)).toBe(1);
    vendor.calls[0]?.end();
    await slow;
    expect(cache.stats(WS).entries).toBe(0);
    expect((await cache.answer(ask().request, answering(result()))).outcome).toBe('miss');
  });

  it('makes room by letting go of what was not asked for the longest time', async () => {
    const small = createAnswerCache({
      clock,
      logger: silentLogger,
      metrics: noMetrics,
      bytesMax: 8_000,
    });
    const about = (n: number) =>
      ask({ messages: [{ role: 'user', content: `question ${n}` }] }).request;
    const long = answering(result({ text: 'x'.repeat(400) }));
    for (const n of [1, 2, 3]) await small.answer(about(n), long);
    expect((await small.answer(about(1), neverAsked)).outcome).toBe('hit');
    for (const n of [4, 5]) await small.answer(about(n), long);
    expect((await small.answer(about(1), neverAsked)).outcome).toBe('hit');
    expect((await small.answer(about(2), long)).outcome).toBe('miss');
    const huge = answering(result({ text: 'x'.repeat(2_000_000) }));
    await small.answer(about(6), huge);
    expect((await small.answer(about(6), huge)).outcome).toBe('miss');
  });
});

describe('who may be answered from the cache', () => {
  const deterministic = { ...always, mode: 'deterministic' as const };
  const off = { ...always, mode: 'off' as const };
  it.each<[string, Partial<ModelCall>, RouterSettings['cache'], 'off' | 'miss']>([
    ['temperature 0', {}, deterministic, 'miss'],
    ['another temperature', { temperature: 0.2 }, deterministic, 'off'],
    ['another temperature, always on', { temperature: 0.2 }, always, 'miss'],
    ['opted in', { temperature: 0.2, cache: true }, deterministic, 'miss'],
    ['opted out', { cache: false }, always, 'off'],
    ['switched off', {}, off, 'off'],
    ['switched off, opted in', { cache: true }, off, 'miss'],
  ])('%s', async (_name, ...[call, settings, outcome]) => {
    const { request } = ask(call, { settings });
    expect((await cache.answer(request, answering(result()))).outcome).toBe(outcome);
  });

  it('never a call of the offline provider', async () => {
    const offline = { provider: 'offline', model: 'offline-1' };
    const { request } = ask({ ref: offline }, { refs: [offline] });
    expect((await cache.answer(request, answering(result()))).outcome).toBe('off');
  });
});

describe('the same call at the same time', () => {
  it('is sent once; all get the text, one pays', async () => {
    const vendor = upstream();
    const [first, second, third] = [ask(), ask(), ask()];
    const answers = [first, second].map((each) => cache.answer(each.request, vendor.send));
    await vendor.called(1);
    vendor.calls[0]?.hooks.onDelta('Par');
    answers.push(cache.answer(third.request, vendor.send));
    vendor.calls[0]?.hooks.onDelta('is.');
    vendor.calls[0]?.end();
    const got = await Promise.all(answers);
    expect(vendor.calls).toHaveLength(1);
    expect(got.map((each) => each.outcome)).toEqual(['miss', 'shared', 'shared']);
    expect(got.map((each) => each.result.costMicros)).toEqual([42, 0, 0]);
    expect([first, second, third].map((each) => each.deltas)).toEqual([
      ['Par', 'is.'],
      ['Par', 'is.'],
      ['Par', 'is.'],
    ]);
  });

  it('lives on when the one who started it leaves, and who stays pays', async () => {
    const vendor = upstream();
    const [starter, other] = [ask(), ask()];
    const started = cache.answer(starter.request, vendor.send);
    const joined = cache.answer(other.request, vendor.send);
    await vendor.called(1);
    starter.leave();
    await expect(started).rejects.toThrow('left');
    expect(vendor.calls[0]?.hooks.signal.aborted).toBe(false);
    vendor.calls[0]?.end();
    expect(await joined).toMatchObject({ outcome: 'miss', result: { costMicros: 42 } });
  });

  it('is aborted when the last one leaves; who asks then starts anew', async () => {
    const vendor = upstream();
    const both = [ask(), ask()];
    const answers = both.map((each) => cache.answer(each.request, vendor.send));
    await vendor.called(1);
    for (const each of both) each.leave();
    for (const each of answers) await expect(each).rejects.toThrow('left');
    expect(vendor.calls[0]?.hooks.signal.aborted).toBe(true);
    const again = cache.answer(ask().request, vendor.send);
    await vendor.called(2);
    vendor.calls[1]?.end();
    expect((await again).outcome).toBe('miss');
  });

  it('shares its failure, but not one of the starter’s own budget', async () => {
    const vendor = upstream();
    const answers = [ask(), ask()].map((each) => cache.answer(each.request, vendor.send));
    await vendor.called(1);
    vendor.calls[0]?.fail(new Error('vendor is down'));
    for (const each of await Promise.allSettled(answers)) expect(each.status).toBe('rejected');
    expect(vendor.calls).toHaveLength(1);

    const [poor, rich] = [ask(), ask()].map((each) => cache.answer(each.request, vendor.send));
    const refusal = new PlatformError({
      code: 'providers.budget.exceeded',
      kind: 'limit-reached',
      message: 'no money',
    });
    await vendor.called(2);
    vendor.calls[1]?.fail(refusal);
    await expect(poor).rejects.toBe(refusal);
    await vendor.called(3);
    vendor.calls[2]?.end();
    expect(await rich).toMatchObject({ outcome: 'miss', result: { costMicros: 42 } });
  });

  it('tells all of a change of candidate, and late ones only what counts', async () => {
    const vendor = upstream();
    const [early, late] = [ask(), ask()];
    const first = cache.answer(early.request, vendor.send);
    await vendor.called(1);
    const hooks = vendor.calls[0]?.hooks;
    hooks?.onDelta('Lon');
    hooks?.onFallback({
      from: REF,
      to: BACKUP,
      attempt: {
        ...REF,
        outcome: 'failed',
        code: 'x',
        message: null,
        duration_ms: 1,
        discarded_chars: 3,
      },
      error: new PlatformError({ code: 'x', kind: 'upstream-failed', message: 'broke' }),
    });
    const second = cache.answer(late.request, vendor.send);
    hooks?.onDelta('Paris.');
    vendor.calls[0]?.end();
    await Promise.all([first, second]);
    expect(early.deltas).toEqual(['Lon', '<discard>', 'Paris.']);
    expect(late.deltas).toEqual(['Paris.']);
  });

  it('waits no shorter than its own bounds: other time-outs, another call', async () => {
    const vendor = upstream();
    const answers = [ask(), ask({ timeouts: { totalMs: 10 } })].map((each) =>
      cache.answer(each.request, vendor.send),
    );
    await vendor.called(2);
    expect(vendor.calls).toHaveLength(2);
    for (const each of vendor.calls) each.end();
    await Promise.all(answers);
  });
});

describe('the key', () => {
  const full = ask(
    {
      fallbacks: [BACKUP],
      useChain: false,
      tools: [{ name: 'scan', description: 'd', inputSchema: { type: 'object' } }],
      responseSchema: { type: 'object' },
      maxOutputTokens: 10,
      topP: 0.5,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      messages: [
        { role: 'system', content: 's', providerOptions: { openai: { a: 1 } } },
        { role: 'user', content: [{ type: 'image', image: new Uint8Array([1, 2, 3]) }] },
      ],
    },
    { endpoint: 'e' },
  ).request;
  const key = cacheKeyOf(full);

  it.each<[string, Partial<ModelCall>]>([
    [
      'the instructions',
      { messages: [{ role: 'system', content: 't' }, ...full.call.messages.slice(1)] },
    ],
    [
      'an option of the vendor',
      {
        messages: [
          { role: 'system', content: 's', providerOptions: { openai: { a: 2 } } },
          ...full.call.messages.slice(1),
        ],
      },
    ],
    [
      'a bit of a picture',
      {
        messages: [
          ...full.call.messages.slice(0, 1),
          { role: 'user', content: [{ type: 'image', image: new Uint8Array([1, 2, 4]) }] },
        ],
      },
    ],
    ['the order of messages', { messages: full.call.messages.toReversed() }],
    ['a tool', { tools: [{ name: 'scan', description: 'D', inputSchema: { type: 'object' } }] }],
    ['no tools', { tools: [] }],
    ['the schema', { responseSchema: { type: 'array' } }],
    ['the temperature', { temperature: 0.1 }],
    ['the bound', { maxOutputTokens: 11 }],
    ['top p', { topP: 0.6 }],
    ['a penalty', { frequencyPenalty: 0.3 }],
    ['another penalty', { presencePenalty: 0.3 }],
    ['the fallbacks', { fallbacks: [] }],
    ['the chain', { useChain: true }],
    ['a field that does not exist yet', { seed: 7 } as Partial<ModelCall>],
  ])('differs by %s', (_name, change) => {
    expect(cacheKeyOf({ ...full, call: { ...full.call, ...change } })).not.toBe(key);
  });

  it('differs by workspace, model and endpoint', () => {
    expect(cacheKeyOf({ ...full, owner: { ...full.owner, workspaceId: OTHER } })).not.toBe(key);
    expect(cacheKeyOf({ ...full, refs: [BACKUP] })).not.toBe(key);
    expect(cacheKeyOf({ ...full, endpoint: 'f' })).not.toBe(key);
  });

  it('does not differ by who asks when, nor by the order of fields', () => {
    const { signal: _signal, ...call } = full.call;
    const reordered = Object.fromEntries(Object.entries(call).toReversed()) as typeof call;
    const same: CacheRequest = {
      ...full,
      owner: { ...full.owner, callId: 'other', runId: 'r', agent: 'a', source: 'api' },
      call: {
        ...reordered,
        signal: new AbortController().signal,
        idempotencyKey: 'k',
        timeouts: { totalMs: 1 },
        inputTokens: 3,
        cache: true,
      },
    };
    expect(cacheKeyOf(same)).toBe(key);
  });

  it('differs for any two different prompts', () => {
    const keyOf = (content: string) =>
      cacheKeyOf(ask({ messages: [{ role: 'user', content }] }).request);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(a === b);
      }),
    );
  });
});

describe('the question of a call', () => {
  const instructed = (system: string, content: string) =>
    ask({
      messages: [
        { role: 'system', content: system },
        { role: 'user', content },
      ],
    }).request;

  it('has the same scope for another wording, and another for other instructions', () => {
    const [a, b, c] = [instructed('s', 'one'), instructed('s', 'two'), instructed('t', 'one')].map(
      semanticQuestionOf,
    );
    expect(a?.text).toBe('one');
    expect(a?.scope).toBe(b?.scope);
    expect(a?.scope).not.toBe(c?.scope);
  });

  it('is none with tools, pictures, or after a tool', () => {
    const tool = { name: 't', description: '', inputSchema: { type: 'object' } };
    expect(semanticQuestionOf(ask({ tools: [tool] }).request)).toBeNull();
    expect(
      semanticQuestionOf(
        ask({ messages: [{ role: 'user', content: [{ type: 'image', image: 'x' }] }] }).request,
      ),
    ).toBeNull();
    expect(
      semanticQuestionOf(ask({ messages: [{ role: 'assistant', content: 'x' }] }).request),
    ).toBeNull();
  });
});
