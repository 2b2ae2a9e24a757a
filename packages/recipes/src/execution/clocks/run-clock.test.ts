import type { Clock } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { createRunClock, createStepTimer } from './run-clock.ts';
import { runTimeout, stepTimeout } from '../step-errors.ts';

/** Time that moves when told to; timers that are due fire at once. */
function handClock() {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; fire: () => void }>();
  const clock: Clock = {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = { atMs: nowMs + ms, fire: resolve };
        timers.add(timer);
        signal?.addEventListener('abort', () => {
          timers.delete(timer);
          reject(signal.reason as Error);
        });
      }),
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  async function to(ms: number): Promise<void> {
    nowMs = ms;
    for (const timer of [...timers].filter(({ atMs }) => atMs <= ms)) {
      timers.delete(timer);
      timer.fire();
    }
    await settle();
  }
  return { clock, to };
}

const until = new AbortController().signal;

describe('the total time of a run', () => {
  const start = () => {
    const hand = handClock();
    const run = createRunClock({
      clock: hand.clock,
      endsAtMs: 10_000,
      error: () => runTimeout(10_000),
      until,
    });
    return { ...hand, run };
  };

  it('ends the run when a call is under way', async () => {
    const { run, to } = start();
    run.call().start();
    await to(9_999);
    expect(run.signal.aborted).toBe(false);
    await to(10_000);
    expect(run.signal.reason).toMatchObject({ code: 'recipes.run.timeout' });
  });

  it('does not count a pause, however long', async () => {
    const { run, to } = start();
    const first = run.call();
    first.start();
    await to(4_000);
    first.end();
    const second = run.call();
    await to(60_000);
    expect(run.signal.aborted).toBe(false);
    second.start();
    expect(run.signal.aborted).toBe(false);
    await to(65_999);
    expect(run.signal.aborted).toBe(false);
    await to(66_000);
    expect(run.signal.aborted).toBe(true);
  });

  it('counts one pause once for calls that waited side by side', async () => {
    const { run, to } = start();
    const calls = [run.call(), run.call(), run.call()];
    await to(5_000);
    for (const call of calls) call.start();
    await to(14_999);
    expect(run.signal.aborted).toBe(false);
    await to(15_000);
    expect(run.signal.aborted).toBe(true);
  });

  it('refuses a call that starts late, before any timer had its turn', () => {
    const hand = handClock();
    const run = createRunClock({
      clock: hand.clock,
      endsAtMs: -1,
      error: () => runTimeout(1),
      until,
    });
    run.call().start();
    expect(run.signal.aborted).toBe(true);
  });
});

describe('the time of a step', () => {
  it('adds up over its calls and stands still between them', async () => {
    const { clock, to } = handClock();
    const timer = createStepTimer({
      clock,
      timeoutMs: 1_000,
      error: () => stepTimeout('a', 1_000),
      until,
    });
    timer.start();
    await to(600);
    timer.end();
    await to(50_000);
    timer.start();
    timer.start();
    await to(50_399);
    expect(timer.signal.aborted).toBe(false);
    timer.end();
    await to(50_400);
    expect(timer.signal.reason).toMatchObject({ code: 'recipes.step.timeout' });
  });
});
