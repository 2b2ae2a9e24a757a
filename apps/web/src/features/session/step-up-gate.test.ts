import { expect, it } from 'vitest';
import { createStepUpGate } from './step-up-gate.ts';

it('asks once for all requests that wait, and again for later ones', async () => {
  const gate = createStepUpGate();
  let told = 0;
  gate.subscribe(() => (told += 1));
  const both = Promise.all([gate.ask(), gate.ask()]);
  expect(gate.isOpen()).toBe(true);
  gate.answer(true);
  expect(await both).toEqual([true, true]);
  expect(told).toBe(2);
  const later = gate.ask();
  gate.answer(false);
  expect(await later).toBe(false);
  expect(gate.isOpen()).toBe(false);
});
