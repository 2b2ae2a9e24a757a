import type { ScheduleSpec } from '@automatos/contracts';
import { dueBetween } from './due-times.ts';
import type { DueTimes } from './due-times.ts';

/** Later than this a due time counts as missed, ms. */
export const MISFIRE_AFTER_MS = 60_000;
/** Missed due times made up for, or listed as left out, at one go. */
export const MISSED_MAX = 100;

export interface PlannedFire {
  dueMs: number;
  /** `skip`: left out by the misfire policy. */
  action: 'start' | 'skip';
  missed: boolean;
}

export interface FirePlan {
  fires: PlannedFire[];
  /** There were more missed due times, before those of the plan. */
  omitted: boolean;
  nextDueMs: number | null;
}

/** What is to be done at `nowMs` for a schedule whose oldest open due time is `firstMs`. */
export function planFires(
  schedule: { spec: Pick<ScheduleSpec, 'misfire'>; times: Pick<DueTimes, 'next'> },
  firstMs: number,
  nowMs: number,
): FirePlan {
  const { dueMs, earlier } = dueBetween(schedule.times, {
    firstMs,
    untilMs: nowMs,
    max: MISSED_MAX,
  });
  const isMissed = (due: number) => nowMs - due > MISFIRE_AFTER_MS;
  const newestMissed = dueMs.findLast(isMissed);
  const isMadeUp = (due: number) => {
    if (schedule.spec.misfire === 'skip') return false;
    return schedule.spec.misfire === 'all' || due === newestMissed;
  };
  const fires = dueMs.map((due): PlannedFire => {
    const missed = isMissed(due);
    return { dueMs: due, action: !missed || isMadeUp(due) ? 'start' : 'skip', missed };
  });
  return { fires, omitted: earlier, nextDueMs: schedule.times.next(nowMs) };
}
