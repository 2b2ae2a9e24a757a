import type { Reply } from '@automatos/testing/llm-wire';
import { expect, it, vi } from 'vitest';
import { KEY, answer, failure } from './rig.fixture.ts';
import type { Rig } from './rig.fixture.ts';
import type { VendorUnderTest } from './vendors.fixture.ts';

interface Expected {
  code: string;
  retryable: boolean;
  retryAfterMs?: number;
}
type Fault = [string, Reply, Expected];

function statusFaults({ signals }: VendorUnderTest): Fault[] {
  const status = (code: number, extra: object = {}): Reply => ({
    kind: 'status',
    status: code,
    ...extra,
  });
  return [
    ['its bad key', signals.badKey, { code: 'providers.credential.rejected', retryable: false }],
    ['its empty account', signals.noCredit, { code: 'providers.call.no_credit', retryable: false }],
    [
      'its rate limit',
      signals.rateLimited,
      { code: 'providers.call.rate_limited', retryable: true, retryAfterMs: signals.waitMs },
    ],
    ['its overload', signals.overloaded, { code: 'providers.call.overloaded', retryable: true }],
    [
      'its full context',
      signals.overflow,
      { code: 'providers.context.overflow', retryable: false },
    ],
    ['status 500', status(500), { code: 'providers.call.upstream_error', retryable: true }],
    [
      'status 500 with a web page',
      status(500, { body: '<html><h1>Bad</h1></html>' }),
      { code: 'providers.call.upstream_error', retryable: true },
    ],
    [
      'status 404',
      status(404, { error: { code: 'model_not_found', message: 'no such model' } }),
      { code: 'providers.model.unavailable', retryable: false },
    ],
    [
      'another status 400',
      status(400, {
        error: { code: 'invalid_request_error', message: `bad temperature, key ${KEY}` },
      }),
      { code: 'providers.call.rejected', retryable: false },
    ],
    [
      'a redirect',
      status(302, { headers: { location: 'http://127.0.0.1:9/' }, body: '' }),
      { code: 'providers.call.redirected', retryable: false },
    ],
  ];
}

const STREAM_FAULTS: Fault[] = [
  [
    'garbage in the stream',
    { kind: 'garbage' },
    { code: 'providers.answer.malformed', retryable: true },
  ],
  [
    'a web page with status 200',
    { kind: 'garbage', body: '<html>login</html>', contentType: 'text/html' },
    { code: 'providers.answer.malformed', retryable: true },
  ],
  [
    'an empty body with status 200',
    { kind: 'garbage', body: '' },
    { code: 'providers.answer.malformed', retryable: true },
  ],
  [
    'a socket cut in the middle',
    answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'destroy' } }),
    { code: 'providers.call.stream_cut', retryable: true },
  ],
  [
    'a stream that ends early',
    answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'end' } }),
    { code: 'providers.call.stream_cut', retryable: true },
  ],
  [
    'an error event in the middle',
    answer({ text: ['a', 'b', 'c'], fault: { after: 2, kind: 'error' } }),
    { code: 'providers.call.overloaded', retryable: true },
  ],
];

/** Refusals in the vendor's own words and streams that break: one typed error each, from one request. */
export function failuresSuite(vendor: VendorUnderTest, rig: Rig): void {
  it.each([...statusFaults(vendor), ...STREAM_FAULTS])(
    'turns %s into one typed error',
    async (_name, reply, expected) => {
      rig.reply = reply;
      const error = await failure(rig.providers.call(rig.ask()));
      expect({
        code: error.code,
        retryable: error.retryable,
        ...(expected.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      }).toEqual(expected);
      expect(JSON.stringify([error.message, error.internalMessage, error.details])).not.toContain(
        KEY,
      );
      expect(rig.server.records).toHaveLength(1);
      expect(rig.metrics).toContain(
        `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} ${error.kind === 'rate-limited' ? 'rate_limited' : 'error'}`,
      );
    },
  );

  it('says that nothing listens at the address', async () => {
    const lost = rig.make('http://127.0.0.1:9/v1');
    expect(await failure(lost.call(rig.ask()))).toMatchObject({
      code: 'providers.call.unreachable',
      retryable: true,
    });
    await lost.close();
  });
}

/** Bounds on time and cancelling: the request is closed at the vendor, and a job there is cancelled. */
export function boundsSuite(vendor: VendorUnderTest, rig: Rig): void {
  async function closedThere(): Promise<void> {
    const cancels = vendor.wire === 'replicate-jobs' ? 1 : 0;
    await vi.waitFor(() =>
      expect(rig.server.records[0]).toMatchObject({ state: 'aborted', cancels }),
    );
  }

  it('gives up on a server that never answers, and closes the request there', async () => {
    rig.reply = { kind: 'hang' };
    const error = await failure(rig.providers.call(rig.ask({ timeouts: { firstTokenMs: 150 } })));
    expect(error).toMatchObject({
      code: 'providers.call.timeout',
      retryable: true,
      details: { bound: 'to the first token' },
    });
    await closedThere();
  });

  it('does not take keep-alives for the beginning of an answer', async () => {
    rig.reply = answer({ text: ['a'], pings: true, fault: { after: 0, kind: 'stall' } });
    const error = await failure(rig.providers.call(rig.ask({ timeouts: { firstTokenMs: 150 } })));
    expect(error.details).toMatchObject({ bound: 'to the first token' });
    await closedThere();
  });

  it('gives up on a stream that stalls, and closes it', async () => {
    rig.reply = answer({ text: ['a', 'b'], fault: { after: 1, kind: 'stall' } });
    const error = await failure(rig.providers.call(rig.ask({ timeouts: { betweenTokensMs: 60 } })));
    expect(error).toMatchObject({
      code: 'providers.call.timeout',
      details: { bound: 'between two tokens' },
    });
    await closedThere();
  });

  it('bounds a slow answer in all', async () => {
    rig.reply = answer({ text: Array.from({ length: 100 }, () => 'x '), delayMs: 20 });
    const error = await failure(rig.providers.call(rig.ask({ timeouts: { totalMs: 300 } })));
    expect(error).toMatchObject({ code: 'providers.call.timeout', details: { bound: 'in all' } });
    await closedThere();
  });

  it('cancels in the middle of the text: rejects at once, and the server sees the socket close', async () => {
    const caller = new AbortController();
    rig.reply = answer({ text: ['a', 'b'], fault: { after: 1, kind: 'stall' } });
    const error = await failure(
      rig.providers.call(rig.ask({ signal: caller.signal, onDelta: () => caller.abort() })),
    );
    expect(error).toMatchObject({
      code: 'providers.call.cancelled',
      kind: 'cancelled',
      retryable: false,
    });
    await closedThere();
    expect(rig.metrics).toContain(
      `amas_ai_provider_calls_total ${vendor.id} ${vendor.model} cancelled`,
    );
  });

  it('does not call at all for a signal that is aborted already', async () => {
    expect(
      await failure(rig.providers.call(rig.ask({ signal: AbortSignal.abort() }))),
    ).toMatchObject({ code: 'providers.call.cancelled' });
    expect(rig.server.records).toHaveLength(0);
  });
}
