import { isPlatformError } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import type { Reply } from '@automatos/testing/llm-wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FallbackNotice } from './ports.ts';
import { DOWN, ManualClock, callTo, refOf, routedRoom, startVendors } from './router.fixture.ts';
import type { FakeVendors, SettingsInput, VendorName } from './router.fixture.ts';

let vendors: FakeVendors;
beforeAll(async () => {
  vendors = await startVendors();
});
afterAll(() => vendors.close());
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
});

const chain = (...names: VendorName[]): SettingsInput => ({ chain: names.map(refOf) });
const refusal = (status: number, code = 'x', headers: Record<string, string> = {}): Reply => ({
  kind: 'status',
  status,
  headers,
  error: { code, message: 'no' },
});

async function failure(promise: Promise<unknown>): Promise<PlatformError> {
  const error: unknown = await promise.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!isPlatformError(error)) throw error;
  return error;
}

describe('the order of candidates', () => {
  it('is the model asked for, its fallbacks, the chain; each once, each tried once', async () => {
    const names: VendorName[] = ['openai', 'anthropic', 'google'];
    for (const name of names) vendors.replies[name] = DOWN;
    const room = routedRoom(vendors, chain('anthropic', 'google', 'ollama'));
    const result = await room.call(callTo('openai', { fallbacks: [refOf('anthropic')] }));
    expect(vendors.calls).toEqual(['openai', 'anthropic', 'google', 'ollama']);
    expect(result).toMatchObject({ provider: 'ollama', text: 'Hello', offline: false });
    expect(result.route.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'failed',
      'answered',
    ]);
    expect(result.route.reason).toContain('answered after openai (failed)');
  });

  it('ends at what the caller named when it wants no chain', async () => {
    vendors.replies.openai = DOWN;
    const room = routedRoom(vendors, chain('ollama'));
    const error = await failure(room.call(callTo('openai', { useChain: false })));
    expect(error.code).toBe('providers.call.upstream_error');
    expect(vendors.calls).toEqual(['openai']);
  });

  it('passes over what has no credential, is unknown or cannot do what is needed, and says so', async () => {
    vendors.replies.openai = DOWN;
    const room = routedRoom(vendors, {
      chain: [
        { provider: 'groq', model: 'openai/gpt-oss-120b' },
        { provider: 'nobody', model: 'x' },
        refOf('anthropic'),
      ],
    });
    const result = await room.call(callTo('openai'));
    expect(result.route.attempts.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['openai', 'failed'],
      ['groq', 'not_configured'],
      ['nobody', 'not_configured'],
      ['anthropic', 'answered'],
    ]);
  });

  it('never ends at the offline provider unless the workspace allows it', async () => {
    vendors.replies.openai = DOWN;
    const refused = await failure(routedRoom(vendors, {}).call(callTo('openai')));
    expect(refused.code).toBe('providers.call.upstream_error');
    const room = routedRoom(vendors, { allow_offline: true });
    const question =
      'What is the capital of France?\n\nContext:\n[1] atlas\nThe capital of France is Paris.';
    const messages = [{ role: 'user' as const, content: question }];
    const allowed = await room.call(callTo('openai', { messages }));
    expect(allowed).toMatchObject({ provider: 'offline', offline: true });
    const both = await failure(room.call(callTo('openai')));
    expect(both).toMatchObject({ code: 'providers.route.exhausted', retryable: true });
    expect(both.details?.['cause_code']).toBe('providers.call.upstream_error');
  });
});

describe('which failures move on', () => {
  it.each<[string, Reply]>([
    ['server error', DOWN],
    ['time-out at the vendor', refusal(408)],
    ['conflict', refusal(409)],
    ['rate limit', refusal(429, 'rate_limit_exceeded')],
    ['bad key', refusal(401)],
    ['spent credit', refusal(429, 'insufficient_quota')],
    ['a model that is gone', refusal(404)],
    ['an answer that is not of the wire', { kind: 'garbage' }],
  ])('%s does', async (_name, reply) => {
    vendors.replies.openai = reply;
    const result = await routedRoom(vendors, chain('anthropic')).call(callTo('openai'));
    expect(result.provider).toBe('anthropic');
    expect(vendors.calls).toEqual(['openai', 'anthropic']);
  });

  it.each<[string, Reply, string]>([
    ['a request refused as wrong', refusal(422), 'providers.call.rejected'],
    [
      'an overflow of the context',
      refusal(400, 'context_length_exceeded'),
      'providers.context.overflow',
    ],
  ])('%s does not', async (_name, reply, code) => {
    vendors.replies.openai = reply;
    const error = await failure(routedRoom(vendors, chain('anthropic')).call(callTo('openai')));
    expect(error.code).toBe(code);
    expect(vendors.calls).toEqual(['openai']);
  });

  it('gives one error with all attempts when nobody answers', async () => {
    vendors.replies.openai = refusal(429, 'rate_limit_exceeded', { 'retry-after': '7' });
    vendors.replies.anthropic = DOWN;
    const error = await failure(routedRoom(vendors, chain('anthropic')).call(callTo('openai')));
    expect(error).toMatchObject({
      code: 'providers.route.exhausted',
      kind: 'rate-limited',
      retryable: true,
      retryAfterMs: 7000,
    });
    expect(error.details?.['attempts']).toMatchObject([
      { provider: 'openai', code: 'providers.call.rate_limited' },
      { provider: 'anthropic', code: 'providers.call.upstream_error' },
    ]);
  });
});

describe('a stream that breaks', () => {
  async function breakAfter(pieces: number) {
    const text = ['one ', 'two ', 'three'];
    vendors.replies.openai = { kind: 'answer', text, fault: { after: pieces, kind: 'destroy' } };
    const heard: string[] = [];
    const notices: FallbackNotice[] = [];
    const result = await routedRoom(vendors, chain('anthropic')).call(
      callTo('openai', {
        onDelta: (piece) => heard.push(piece),
        onDiscard: (notice) => {
          notices.push(notice);
          heard.push('|');
        },
      }),
    );
    return { heard: heard.join(''), notices, result };
  }

  it('before the first token goes on silently elsewhere', async () => {
    const { heard, notices, result } = await breakAfter(0);
    expect(heard).toBe('|Hello');
    expect(notices).toMatchObject([{ attempt: { outcome: 'failed', discarded_chars: 0 } }]);
    expect(result.text).toBe('Hello');
  });

  it('after it says what is discarded, before the next one speaks', async () => {
    const { heard, notices, result } = await breakAfter(2);
    expect(heard).toBe('one two |Hello');
    expect(notices).toMatchObject([
      {
        from: refOf('openai'),
        to: refOf('anthropic'),
        attempt: { code: 'providers.call.stream_cut', discarded_chars: 8 },
      },
    ]);
    expect(result.text).toBe('Hello');
  });
});

describe('the circuit', () => {
  const breaker = {
    consecutive_failures: 3,
    min_calls: 1000,
    cooldown_ms: 10_000,
    cooldown_max_ms: 30_000,
  };
  const settings = { ...chain('anthropic'), breaker };

  it('opens after failures, keeps the vendor alone, lets one probe through, doubles, closes', async () => {
    const clock = new ManualClock();
    const room = routedRoom(vendors, settings, { clock });
    vendors.replies.openai = DOWN;
    const called = async (times: number) => {
      vendors.calls.length = 0;
      for (let index = 0; index < times; index += 1) await room.call(callTo('openai'));
      return vendors.calls.filter((name) => name === 'openai').length;
    };
    expect(await called(5)).toBe(3);
    const result = await room.call(callTo('openai'));
    expect(result.route.attempts[0]).toMatchObject({
      outcome: 'circuit_open',
      code: 'providers.circuit.open',
    });
    clock.advance(9_999);
    expect(await called(2)).toBe(0);
    clock.advance(3_000);
    expect(await called(3)).toBe(1);
    clock.advance(13_000);
    expect(await called(2)).toBe(0);
    clock.advance(12_000);
    delete vendors.replies.openai;
    expect(await called(3)).toBe(3);
  });

  it('opens at once for a credential that is refused, and never for pace or the caller', async () => {
    const room = routedRoom(vendors, settings);
    vendors.replies.openai = refusal(401);
    await room.call(callTo('openai'));
    await room.call(callTo('openai'));
    expect(vendors.calls.filter((name) => name === 'openai')).toHaveLength(1);
    for (const status of [422, 422, 422, 422]) {
      vendors.replies.google = refusal(status);
      await failure(room.call(callTo('google', { useChain: false })));
    }
    delete vendors.replies.google;
    expect((await room.call(callTo('google'))).provider).toBe('google');
  });

  it('counts an early end of a stream as a failure', async () => {
    const room = routedRoom(vendors, settings);
    vendors.replies.openai = { kind: 'answer', text: ['a', 'b'], fault: { after: 1, kind: 'end' } };
    for (let index = 0; index < 4; index += 1) await room.call(callTo('openai'));
    expect(vendors.calls.filter((name) => name === 'openai')).toHaveLength(3);
  });

  it('sends exactly one probe, however many call at that moment', async () => {
    const clock = new ManualClock();
    const room = routedRoom(vendors, settings, { clock });
    vendors.replies.openai = refusal(401);
    await room.call(callTo('openai'));
    clock.advance(60_000);
    vendors.calls.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => room.call(callTo('openai'))));
    expect(vendors.calls.filter((name) => name === 'openai')).toHaveLength(1);
  });

  it('is told by the error when it was the only candidate, with the time to come back', async () => {
    const room = routedRoom(vendors, { breaker });
    vendors.replies.openai = refusal(401);
    await failure(room.call(callTo('openai')));
    const error = await failure(room.call(callTo('openai')));
    expect(error).toMatchObject({ code: 'providers.circuit.open', retryable: true });
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(10_000);
    expect(vendors.calls).toHaveLength(1);
  });

  it('is not charged with deadlines that the caller set himself', async () => {
    const clock = new ManualClock();
    const room = routedRoom(vendors, { breaker }, { clock });
    vendors.replies.openai = { kind: 'hang' };
    for (let index = 1; index <= 4; index += 1) {
      const call = failure(room.call(callTo('openai', { timeouts: { firstTokenMs: 20 } })));
      await expect.poll(() => vendors.calls.length).toBe(index);
      clock.advance(20);
      expect((await call).code).toBe('providers.call.timeout');
    }
    expect(vendors.calls).toHaveLength(4);
  });
});
