import { routerSettingsSchema } from '@automatos/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSED, afterEvent, verdictOf } from './circuit-state.ts';
import type { Circuit, CircuitEvent } from './circuit-state.ts';

const settings = routerSettingsSchema.parse({
  breaker: {
    consecutive_failures: 3,
    failure_rate: 0.5,
    min_calls: 6,
    window_ms: 10_000,
    cooldown_ms: 1_000,
    cooldown_max_ms: 4_000,
  },
}).breaker;
const failed: CircuitEvent = { type: 'failed', opens: false, reason: 'down' };
const probeFailed: CircuitEvent = { ...failed, type: 'probe_failed' };
const ok: CircuitEvent = { type: 'succeeded' };

function play(events: readonly (CircuitEvent | { wait: number })[], jitter = 0): Circuit {
  let circuit = CLOSED;
  let now = 1_000_000;
  for (const event of events) {
    if ('wait' in event) now += event.wait;
    else circuit = afterEvent(circuit, event, { now, settings, jitter });
  }
  return circuit;
}

describe('the state machine of a circuit', () => {
  it.each<[string, (CircuitEvent | { wait: number })[], Circuit['state']]>([
    ['too few failures', [failed, failed], 'closed'],
    ['failures one after another', [failed, failed, failed], 'open'],
    ['a success between', [failed, failed, ok, failed, failed], 'closed'],
    ['half of the window failed', [ok, failed, failed, ok, failed, failed, ok, failed], 'open'],
    [
      'failures that left the window',
      [ok, failed, failed, ok, failed, { wait: 20_000 }, ok, failed, failed],
      'closed',
    ],
    ['an unusable credential', [{ ...failed, opens: true } as CircuitEvent], 'open'],
    ['a late success while open', [failed, failed, failed, ok], 'open'],
    ['a probe under way', [failed, failed, failed, { type: 'probe_sent', until: 1 }], 'half_open'],
    [
      'a probe that was answered',
      [failed, failed, failed, { type: 'probe_sent', until: 1 }, { type: 'probe_succeeded' }],
      'closed',
    ],
    [
      'a probe that failed',
      [failed, failed, failed, { type: 'probe_sent', until: 1 }, probeFailed],
      'open',
    ],
    ['closing by hand', [failed, failed, failed, { type: 'closed_by_hand' }], 'closed'],
  ])('%s', (_name, events, state) => {
    expect(play(events).state).toBe(state);
  });

  it('cools down longer with each failed probe, up to the bound, never shorter than the vendor asked', () => {
    const opened = [failed, failed, failed];
    const probe: CircuitEvent[] = [{ type: 'probe_sent', until: 1 }, probeFailed];
    const wait = (circuit: Circuit) => (circuit.retryAt ?? 0) - 1_000_000;
    expect(wait(play(opened))).toBe(1_000);
    expect(wait(play([...opened, ...probe]))).toBe(2_000);
    expect(wait(play([...opened, ...probe, ...probe]))).toBe(4_000);
    expect(wait(play([...opened, ...probe, ...probe, ...probe]))).toBe(4_000);
    expect(wait(play(opened, 1))).toBe(1_200);
    expect(wait(play([{ ...failed, opens: true, retryAfterMs: 9_000 }]))).toBe(9_000);
  });

  it('holds its promises for any history', () => {
    const event = fc.oneof(
      fc.constant<CircuitEvent>(ok),
      fc.boolean().map((opens): CircuitEvent => ({ type: 'failed', opens, reason: 'x' })),
      fc.constant<CircuitEvent>({ type: 'probe_succeeded' }),
      fc.constant<CircuitEvent>(probeFailed),
      fc.constant<CircuitEvent>({ type: 'probe_abandoned' }),
      fc.constant('ask' as const),
    );
    const step = fc.record({ event, wait: fc.integer({ min: 0, max: 3_000 }) });
    const jitters = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), jitters, (steps, jitter) => {
        expect(brokenPromises(steps, jitter)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

interface Step {
  event: CircuitEvent | 'ask';
  wait: number;
}

/** Plays a history in which callers ask and results of any age come in; resolves to what did not hold. */
function brokenPromises(steps: readonly Step[], jitter: number): string[] {
  const broken: string[] = [];
  let circuit = CLOSED;
  let now = 0;
  let inARow = 0;
  for (const { event, wait } of steps) {
    now += wait;
    const before = circuit;
    const verdict = verdictOf(before, now);
    const asked: CircuitEvent = verdict === 'probe' ? { type: 'probe_sent', until: now + 500 } : ok;
    const applied = event === 'ask' ? asked : event;
    circuit = afterEvent(before, applied, { now, settings, jitter });
    inARow = applied.type === 'failed' && before.state === 'closed' ? inARow + 1 : 0;
    const wasClosed = before.state === 'closed';
    const isOpening = circuit.state === 'open' && before.state !== 'open';
    const cooldown = (circuit.retryAt ?? 0) - now;
    const closes = before.state === 'half_open' && applied.type === 'probe_succeeded';
    const checks: Record<string, boolean> = {
      'closed lets all through, and nothing else does': (verdict === 'pass') === wasClosed,
      'nothing goes before its time':
        wasClosed || now >= (before.retryAt ?? 0) || verdict === 'refuse',
      'only an answered probe closes': wasClosed || circuit.state !== 'closed' || closes,
      'failures in a row open': inARow < settings.consecutive_failures || circuit.state === 'open',
      'the cool-down is within its bounds':
        !isOpening ||
        applied.type === 'probe_abandoned' ||
        (cooldown >= settings.cooldown_ms && cooldown <= settings.cooldown_max_ms * 1.2),
    };
    broken.push(...Object.keys(checks).filter((name) => checks[name] === false));
  }
  return broken;
}
