import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, RUN_STATUSES, TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { EventType, RunStatus } from '@automatos/contracts';
import { deriveStatus, isTerminal, nextStatus } from './run-state.ts';

const anyType = fc.constantFrom(...EVENT_TYPES);
const anyStatus = fc.constantFrom(...RUN_STATUSES);

describe('status of a run', () => {
  const table: [RunStatus, EventType, RunStatus][] = [
    ['queued', 'run.started', 'running'],
    ['running', 'run.paused', 'paused'],
    ['queued', 'run.paused', 'paused'],
    ['paused', 'run.resumed', 'running'],
    ['running', 'run.completed', 'completed'],
    ['paused', 'run.completed', 'completed'],
    ['queued', 'run.completed', 'queued'],
    ['running', 'run.failed', 'failed'],
    ['paused', 'run.cancelled', 'cancelled'],
    ['paused', 'run.started', 'paused'],
    ['completed', 'run.failed', 'completed'],
    ['failed', 'run.resumed', 'failed'],
  ];
  test.each(table)('%s and %s make %s', (from, type, to) =>
    expect(nextStatus(from, type)).toBe(to),
  );

  test('never leaves a terminal status, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TERMINAL_RUN_STATUSES), fc.array(anyType), (status, types) => {
        expect(types.reduce(nextStatus, status)).toBe(status);
      }),
    );
  });

  test('can always be derived, and a prefix that is terminal decides the whole', () => {
    fc.assert(
      fc.property(fc.array(anyType), (types) => {
        const status = deriveStatus(types);
        expect(RUN_STATUSES).toContain(status);
        const end = types.findIndex((_, index) =>
          isTerminal(deriveStatus(types.slice(0, index + 1))),
        );
        const decided = end === -1 ? types : types.slice(0, end + 1);
        expect(status).toBe(deriveStatus(decided));
      }),
    );
  });

  test('only events of the run itself move it', () => {
    const ofParts = EVENT_TYPES.filter((type) => !type.startsWith('run.'));
    expect(ofParts.length).toBeGreaterThan(10);
    fc.assert(
      fc.property(anyStatus, fc.constantFrom(...ofParts), (status, type) => {
        expect(nextStatus(status, type)).toBe(status);
      }),
    );
  });
});
