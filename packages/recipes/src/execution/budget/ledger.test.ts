import { NO_USAGE } from '@automatos/contracts';
import type { Budget, Usage } from '@automatos/contracts';
import { describe, expect, it } from 'vitest';
import { createLedger } from './ledger.ts';

const signal = new AbortController().signal;
const estimate = {
  inputTokens: 100,
  outputTokens: 50,
  price: { inputMicros: 1_000_000, outputMicros: 2_000_000 },
  model: 'm',
};
const used = (input: number, output: number, cost: number | null = 0): Usage => ({
  ...NO_USAGE,
  model_calls: 1,
  input_tokens: input,
  output_tokens: output,
  cost_micros: cost,
});
const ledgerOf = (bounds: Budget) =>
  createLedger(() => Promise.resolve()).within(bounds, 'the run');
const exceeded = (bound: string) => ({
  code: 'recipes.budget.exceeded',
  retryable: false,
  details: { bound },
});
/** True when the promise has not settled after everything that is ready had its turn. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise<'later'>((resolve) => setImmediate(() => resolve('later')));
  return (await Promise.race([promise.catch(() => 'failed'), later])) === 'later';
}

describe('a model call', () => {
  it.each([
    ['tokens for all of it', { max_tokens: 150 }, { outputTokens: 50 }],
    ['fewer tokens', { max_tokens: 120 }, { outputTokens: 20, bound: 'max_tokens of the run' }],
    ['money for all of it', { max_cost_micros: 200 }, { outputTokens: 50 }],
    [
      'less money',
      { max_cost_micros: 130 },
      { outputTokens: 15, bound: 'max_cost_micros of the run' },
    ],
  ] as const)('gets what %s allow', async (_name, bounds, granted) => {
    await expect(ledgerOf(bounds).reserveModel('a', estimate, signal)).resolves.toEqual(granted);
  });

  it.each([
    [{ max_tokens: 100 }, 'max_tokens'],
    [{ max_cost_micros: 101 }, 'max_cost_micros'],
    [{ max_model_calls: 0 }, 'max_model_calls'],
  ] as const)('is refused when %o leaves no room, naming the bound', async (bounds, bound) => {
    await expect(ledgerOf(bounds).reserveModel('a', estimate, signal)).rejects.toMatchObject(
      exceeded(bound),
    );
  });

  it('is refused when money is bounded and a price is unknown, now or of an earlier call', async () => {
    const unknown = { ...estimate, price: { inputMicros: null, outputMicros: 1 } };
    const code = 'recipes.budget.price_unknown';
    const ledger = ledgerOf({ max_cost_micros: 1_000 });
    await expect(ledger.reserveModel('a', unknown, signal)).rejects.toMatchObject({ code });
    await ledger.reserveModel('b', estimate, signal);
    ledger.settle('b', used(1, 1, null));
    await expect(ledger.reserveModel('c', estimate, signal)).rejects.toMatchObject({ code });
    await expect(
      ledgerOf({ max_tokens: 1_000 }).reserveModel('a', unknown, signal),
    ).resolves.toEqual({ outputTokens: 50 });
  });

  it('waits for calls under way instead of being cut or refused, and gets what they leave', async () => {
    const ledger = ledgerOf({ max_tokens: 300 });
    await ledger.reserveModel('a', estimate, signal);
    await ledger.reserveModel('b', estimate, signal);
    const third = ledger.reserveModel('c', estimate, signal);
    expect(await waits(third)).toBe(true);
    ledger.settle('a', used(40, 10));
    expect(await waits(third)).toBe(true);
    ledger.settle('b', used(90, 40));
    await expect(third).resolves.toEqual({ outputTokens: 20, bound: 'max_tokens of the run' });
  });

  it('stops waiting when it is aborted', async () => {
    const ledger = ledgerOf({ max_model_calls: 1 });
    await ledger.reserveModel('a', estimate, signal);
    const controller = new AbortController();
    const second = ledger.reserveModel('b', estimate, controller.signal);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });

  it('takes from all budgets around it or from none', async () => {
    const run = ledgerOf({ max_tokens: 1_000 });
    const step = run.within({ max_tokens: 160 }, 'step "a"');
    await step.reserveModel('1', estimate, signal);
    step.settle('1', used(50, 40));
    await expect(step.reserveModel('2', estimate, signal)).rejects.toMatchObject({
      details: { bound: 'max_tokens', of: 'step "a"', spent: 90 },
    });
    // Had the refused call kept its reservation, this one would have to wait.
    await expect(
      run.reserveModel('3', { ...estimate, inputTokens: 850, outputTokens: 60 }, signal),
    ).resolves.toEqual({ outputTokens: 60 });
  });

  it('uses at least 95 % of a budget before it is refused', async () => {
    const ledger = ledgerOf({ max_tokens: 10_000 });
    let spent = 0;
    for (let call = 0; ; call += 1) {
      const granted = await ledger.reserveModel(`${call}`, estimate, signal).catch(() => null);
      if (granted === null) break;
      const output = Math.min(30, granted.outputTokens);
      spent += 100 + output;
      ledger.settle(`${call}`, used(100, output));
    }
    expect(spent).toBeLessThanOrEqual(10_000);
    expect(spent).toBeGreaterThanOrEqual(9_500);
  });

  it('never passes a bound with 200 calls at once', async () => {
    const ledger = ledgerOf({ max_tokens: 3_000, max_model_calls: 40 });
    let tokens = 0;
    let calls = 0;
    const one = async (index: number) => {
      const granted = await ledger.reserveModel(`${index}`, estimate, signal);
      await new Promise((resolve) => setImmediate(resolve));
      const output = Math.min(granted.outputTokens, 1 + (index % 50));
      tokens += 100 + output;
      calls += 1;
      ledger.settle(`${index}`, used(100, output));
    };
    await Promise.allSettled(Array.from({ length: 200 }, (_, index) => one(index)));
    expect(tokens).toBeLessThanOrEqual(3_000);
    expect(tokens).toBeGreaterThan(2_850);
    expect(calls).toBeLessThanOrEqual(40);
  });
});

describe('tool calls', () => {
  it('are counted, also across steps', async () => {
    const ledger = ledgerOf({ max_tool_calls: 1 });
    await ledger.reserveTool('a', signal);
    ledger.settle('a', { ...NO_USAGE, tool_calls: 1 });
    await expect(ledger.reserveTool('b', signal)).rejects.toMatchObject(exceeded('max_tool_calls'));
  });
});

describe('a sub-run', () => {
  it('gets what is left of every bound, and what it does not use comes back', async () => {
    const run = ledgerOf({ max_tokens: 1_000, max_tool_calls: 5 });
    const step = run.within({ max_tokens: 400, max_cost_micros: 70 }, 'step "a"');
    await run.reserveModel('1', estimate, signal);
    run.settle('1', used(700, 20));
    await expect(step.reserveRest('2', signal)).resolves.toEqual({
      max_tokens: 280,
      max_cost_micros: 70,
      max_tool_calls: 5,
    });
    const beside = run.reserveModel('3', estimate, signal);
    expect(await waits(beside)).toBe(true);
    step.settle('2', used(10, 10));
    await expect(beside).resolves.toEqual({ outputTokens: 50 });
  });

  it('that may have no tokens may make no model call', async () => {
    const ledger = ledgerOf({ max_tokens: 100 });
    ledger.settle('1', used(90, 20));
    await expect(ledger.reserveRest('2', signal)).resolves.toEqual({ max_model_calls: 0 });
  });

  it('without any budget has none', async () => {
    await expect(
      createLedger(() => Promise.resolve()).reserveRest('1', signal),
    ).resolves.toBeNull();
  });
});
