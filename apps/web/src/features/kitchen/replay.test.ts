import type { Run, RunEvent, RunStep } from '@automatos/sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  advance,
  createHistory,
  createPlayer,
  pause,
  play,
  seek,
  stepBy,
  withSpeed,
} from './replay.ts';
import { applyEvents, initialRunState } from './run-state.ts';

const start = initialRunState({ created_at: '2026-11-21T12:00:00.000Z' } as Run, [] as RunStep[]);

function eventsAt(ms: readonly number[]): RunEvent[] {
  return ms.map((at, index) => ({
    id: `e${index}`,
    seq: index + 1,
    workspace_id: 'w',
    subject: 's',
    type: 'step.progress',
    step_id: `s${index % 7}`,
    at: new Date(Date.parse('2026-11-21T12:00:00Z') + at).toISOString(),
    data: { message: `m${index}` },
  })) as unknown as RunEvent[];
}
const at = (ms: readonly number[]) => createPlayer(eventsAt(ms));

it('plays events as far apart as they were, faster by its speed', () => {
  let player = play(at([0, 400, 1000]));
  expect(player.position).toBe(1);
  player = advance(player, 399);
  expect(player.position).toBe(1);
  player = advance(player, 1);
  expect(player.position).toBe(2);
  expect(advance(withSpeed(player, 4), 150)).toMatchObject({ position: 3, playing: false });
  expect(advance(withSpeed(player, 4), 149)).toMatchObject({ position: 2, playing: true });
});

it('passes over a long wait in two seconds', () => {
  const player = play(at([0, 86_400_000, 86_400_100]));
  expect(advance(player, 1999).position).toBe(1);
  expect(advance(player, 2000).position).toBe(2);
});

it('stands still while paused, and steps one event at a time', () => {
  const paused = pause(play(at([0, 10, 20])));
  expect(advance(paused, 5000)).toBe(paused);
  const back = stepBy(stepBy(stepBy(paused, 1), 1), -1);
  expect(back).toMatchObject({ position: 2, playing: false });
  expect(stepBy(seek(paused, 0), -1).position).toBe(0);
});

it('goes to the end at once, and from there starts over', () => {
  const ended = withSpeed(play(at([0, 5000, 9000])), 'all');
  expect(ended).toMatchObject({ position: 3, playing: false });
  expect(play(withSpeed(ended, 1))).toMatchObject({ position: 1, playing: true });
});

it('goes on from where the scrubber was let go', () => {
  const player = seek(play(at([0, 1000, 2000, 3000])), 3);
  expect(player).toMatchObject({ position: 3, playing: true });
  expect(advance(player, 999).position).toBe(3);
  expect(advance(player, 1000).position).toBe(4);
});

it('shows at each position what watching until then would have shown', () => {
  const events = eventsAt(Array.from({ length: 700 }, (_, index) => index));
  const history = createHistory(start, events);
  fc.assert(
    fc.property(fc.array(fc.nat(events.length), { minLength: 1, maxLength: 6 }), (positions) => {
      for (const position of positions)
        expect(history.stateAt(position)).toEqual(applyEvents(start, events.slice(0, position)));
    }),
    { numRuns: 30 },
  );
  expect(history.timeAt(3)).toBe(Date.parse('2026-11-21T12:00:00.002Z'));
});
