import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, RUN_STATUSES, TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { EventType, RunStatus } from '@automatos/contracts';
import { deriveState, deriveStatus, isTerminal, nextState } from './run-state.ts';
import type { RunState } from './run-state.ts';

const anyType = fc.constantFrom(...EVENT_TYPES);
const anyStatus = fc.constantFrom(...RUN_STATUSES);

/** State of a run that has begun and waits for nobody. */
const at = (status: RunStatus, more: Partial<RunState> = {}): RunState => ({
  status,
  openApprovals: 0,
  started: true,
  ...more,
});
const QUEUED = at('queued', { started: false });

describe('status of a run', () => {
  const table: [string, RunState, EventType, RunState][] = [
    ['starts', QUEUED, 'run.started', at('running')],
    ['is paused at work', at('running'), 'run.paused', at('paused')],
    ['is paused in the queue', QUEUED, 'run.paused', at('paused', { started: false })],
    ['is resumed to work', at('paused'), 'run.resumed', at('running')],
    ['is resumed to the queue', at('paused', { started: false }), 'run.resumed', QUEUED],
    ['asks', at('running'), 'step.waiting_approval', at('waiting_approval', { openApprovals: 1 })],
    [
      'asks while paused',
      at('paused'),
      'step.waiting_approval',
      at('paused', { openApprovals: 1 }),
    ],
    [
      'is paused while it asks',
      at('waiting_approval', { openApprovals: 1 }),
      'run.paused',
      at('paused', { openApprovals: 1 }),
    ],
    [
      'goes back to asking',
      at('paused', { openApprovals: 1 }),
      'run.resumed',
      at('waiting_approval', { openApprovals: 1 }),
    ],
    [
      'still asks after one of two decisions',
      at('waiting_approval', { openApprovals: 2 }),
      'approval.decided',
      at('waiting_approval', { openApprovals: 1 }),
    ],
    [
      'goes on after the last decision',
      at('waiting_approval', { openApprovals: 1 }),
      'approval.decided',
      at('running'),
    ],
    [
      'stays paused when decided',
      at('paused', { openApprovals: 1 }),
      'approval.decided',
      at('paused'),
    ],
    ['completes', at('running'), 'run.completed', at('completed')],
    ['completes while paused', at('paused'), 'run.completed', at('completed')],
    ['cannot complete before it began', QUEUED, 'run.completed', QUEUED],
    [
      'fails while it asks',
      at('waiting_approval', { openApprovals: 2 }),
      'run.failed',
      at('failed'),
    ],
    ['is cancelled while paused', at('paused'), 'run.cancelled', at('cancelled')],
    [
      'begins while paused',
      at('paused', { started: false }),
      'run.started',
      at('paused', { started: true }),
    ],
    ['stays completed', at('completed'), 'run.failed', at('completed')],
    ['stays failed', at('failed'), 'run.resumed', at('failed')],
  ];
  test.each(table)('%s', (_name, ...[from, type, to]) => {
    expect(nextState(from, type)).toEqual(to);
  });

  test('never leaves a terminal status, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TERMINAL_RUN_STATUSES), fc.array(anyType), (status, types) => {
        expect(types.reduce(nextState, at(status))).toEqual(at(status));
      }),
    );
  });

  test('waits for a person exactly while something is open and nothing else holds it', () => {
    fc.assert(
      fc.property(fc.array(anyType), (types) => {
        const { status, openApprovals, started } = deriveState(types);
        const says: Record<RunStatus, boolean> = {
          queued: !started,
          running: started && openApprovals === 0,
          paused: true,
          waiting_approval: started && openApprovals > 0,
          completed: openApprovals === 0,
          failed: openApprovals === 0,
          cancelled: openApprovals === 0,
        };
        expect(says[status]).toBe(true);
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

  test('other events of its parts do not move it', () => {
    const ofParts = EVENT_TYPES.filter(
      (type) =>
        !type.startsWith('run.') && type !== 'step.waiting_approval' && type !== 'approval.decided',
    );
    expect(ofParts.length).toBeGreaterThan(10);
    fc.assert(
      fc.property(anyStatus, fc.constantFrom(...ofParts), (status, type) => {
        expect(nextState(at(status), type)).toEqual(at(status));
      }),
    );
  });
});
