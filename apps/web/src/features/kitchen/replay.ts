import type { RunEvent } from '@automatos/sdk';
import { applyEvents } from './run-state.ts';
import type { RunState } from './run-state-types.ts';

/** Plays the stored events of a run again, through the same reducer as when it ran. Pure: time comes in as steps. */

export const SPEEDS = [1, 4, 16, 'all'] as const;
export type Speed = (typeof SPEEDS)[number];

/** A wait of the run longer than this is passed over in this time. */
const GAP_MS_MAX = 2000;
/** States kept, so that going back does not start from the first event. */
const KEPT_EVERY = 250;

export interface Player {
  /** Times of the events in ms since the first, with long waits shortened; never falling. */
  times: readonly number[];
  /** How many events have been played. */
  position: number;
  /** Where the play stands, in the time of `times`. */
  clock: number;
  playing: boolean;
  speed: Speed;
}

function playTimes(events: readonly RunEvent[]): number[] {
  const times: number[] = [];
  let clock = 0;
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    const gap = before === undefined ? 0 : Date.parse(event.at) - Date.parse(before.at);
    clock += Math.min(GAP_MS_MAX, Math.max(0, gap));
    times.push(clock);
  }
  return times;
}

export function createPlayer(events: readonly RunEvent[]): Player {
  return { times: playTimes(events), position: 0, clock: 0, playing: false, speed: 1 };
}

/** Stands after `position` events. */
export function seek(player: Player, position: number): Player {
  const at = Math.min(player.times.length, Math.max(0, Math.round(position)));
  const over = at === player.times.length;
  return {
    ...player,
    position: at,
    clock: player.times[at - 1] ?? 0,
    playing: player.playing && !over,
  };
}

/** Plays on, from the start when it is at its end. */
export function play(player: Player): Player {
  const from = player.position >= player.times.length ? seek(player, 0) : player;
  return advance({ ...from, playing: true }, 0);
}

export function pause(player: Player): Player {
  return { ...player, playing: false };
}

/** One event forward or back; holds the play. */
export function stepBy(player: Player, by: 1 | -1): Player {
  return pause(seek(player, player.position + by));
}

export function withSpeed(player: Player, speed: Speed): Player {
  return advance({ ...player, speed }, 0);
}

/** What has been played once `ms` of the watcher's time have passed. */
export function advance(player: Player, ms: number): Player {
  if (!player.playing) return player;
  if (player.speed === 'all') return seek(player, player.times.length);
  const clock = player.clock + ms * player.speed;
  let position = player.position;
  while (position < player.times.length && (player.times[position] ?? 0) <= clock) position += 1;
  return { ...player, clock, position, playing: position < player.times.length };
}

/** States of a run after any number of its events. */
export function createHistory(start: RunState, events: readonly RunEvent[]) {
  const kept: RunState[] = [start];
  return {
    /** The same as `applyEvents(start, events.slice(0, position))`. */
    stateAt(position: number): RunState {
      const whole = Math.floor(position / KEPT_EVERY);
      while (kept.length <= whole) {
        const from = (kept.length - 1) * KEPT_EVERY;
        const last = kept.at(-1) ?? start;
        kept.push(applyEvents(last, events.slice(from, from + KEPT_EVERY)));
      }
      return applyEvents(kept[whole] ?? start, events.slice(whole * KEPT_EVERY, position));
    },
    /** Time of the run when `position` events had happened, in ms. */
    timeAt(position: number): number {
      const event = events[Math.max(0, position - 1)];
      return event === undefined ? 0 : Date.parse(event.at);
    },
  };
}
