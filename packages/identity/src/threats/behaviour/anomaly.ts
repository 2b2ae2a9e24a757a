import type { ThreatReason } from '@automatos/contracts';
import { ramp } from './behaviour.ts';
import { RecentlyUsed } from './window.ts';

/** Numbers of one minute of a principal. */
export const FEATURES = ['requests', 'refused', 'routes'] as const;
export type Feature = (typeof FEATURES)[number];

const NAMES: Readonly<Record<Feature, string>> = {
  requests: 'requests',
  refused: 'refused requests',
  routes: 'different operations',
};
const MINUTE_MS = 60_000;
const HISTORY = 60;
/** Minutes with requests before anything is said. */
export const WARM_UP = 15;
const PRINCIPALS_MAX = 5_000;
/** Weight of the newest minute. */
const EWMA_WEIGHT = 0.2;
/** What makes a deviation count, and how much; an anomaly alone stays below `medium`. */
const STEPS = [
  [3.5, 8],
  [6, 16],
  [12, 26],
] as const;

/**
 * Robust z-score 0.6745 (x − median) / MAD of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993), whose cut is
 * 3.5: outliers of the past move neither median nor MAD. The scale is at least 1 and a tenth of the median, so that a very
 * regular past does not make every change an outlier. Values below the median give 0.
 */
export function robustZ(value: number, history: readonly number[]): number {
  const centre = median(history);
  const mad = median(history.map((each) => Math.abs(each - centre)));
  const scale = Math.max(mad / 0.6745, 1, centre / 10);
  return Math.max(0, (value - centre) / scale);
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/**
 * Exponentially weighted mean and variance (Roberts, Technometrics 1, 1959; the step of the variance after Finch, 2009:
 * `S ← (1 − α)(S + α d²)`): follows a caller whose habits change, where the median over an hour still lags.
 */
export class Ewma {
  #mean = 0;
  #variance = 0;
  #count = 0;

  add(value: number): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#mean = value;
      return;
    }
    const difference = value - this.#mean;
    this.#mean += EWMA_WEIGHT * difference;
    this.#variance = (1 - EWMA_WEIGHT) * (this.#variance + EWMA_WEIGHT * difference * difference);
  }

  /** How many standard deviations the value lies above the mean; the deviation is at least 1 and a tenth of the mean. */
  z(value: number): number {
    const deviation = Math.max(Math.sqrt(this.#variance), 1, this.#mean / 10);
    return Math.max(0, (value - this.#mean) / deviation);
  }
}

interface Habits {
  minute: number;
  now: Record<Feature, number>;
  routes: Set<string>;
  history: Record<Feature, number[]>;
  ewma: Record<Feature, Ewma>;
  minutes: number;
}

export interface Anomalies {
  /** At most one reason: the feature that deviates most. Nothing before 15 minutes with requests were seen. */
  reasonsFor(principal: string, now: number): ThreatReason[];
  record(answered: { principal: string; route: string; status: number }, now: number): void;
}

/** Compares what a principal does in this minute with what they do in others; minutes without requests do not count. */
export function createAnomalies(options: { principalsMax?: number } = {}): Anomalies {
  const principals = new RecentlyUsed<Habits>(options.principalsMax ?? PRINCIPALS_MAX);
  return {
    reasonsFor(principal, now) {
      const habits = principals.get(principal);
      if (habits === undefined) return [];
      roll(habits, now);
      if (habits.minutes < WARM_UP) return [];
      let worst = { feature: 'requests' as Feature, z: 0 };
      for (const feature of FEATURES) {
        const value = habits.now[feature];
        // Both have to agree: either alone is wrong where the other is right.
        const byEwma = habits.ewma[feature].z(value);
        const z = byEwma < 3.5 ? 0 : Math.min(byEwma, robustZ(value, habits.history[feature]));
        if (z > worst.z) worst = { feature, z };
      }
      const points = ramp(worst.z, STEPS);
      return points === 0
        ? []
        : [anomaly(worst.feature, habits.now[worst.feature], { ...worst, points })];
    },
    record({ principal, route, status }, now) {
      const habits = principals.take(principal, () => newHabits(now));
      roll(habits, now);
      habits.now.requests += 1;
      if (status === 401 || status === 403 || status === 404 || status === 429)
        habits.now.refused += 1;
      if (habits.routes.size < 500) habits.routes.add(route);
      habits.now.routes = habits.routes.size;
    },
  };
}

function anomaly(
  feature: Feature,
  value: number,
  { z, points }: { z: number; points: number },
): ThreatReason {
  return {
    category: 'anomaly',
    rule: `anomaly.${feature}`,
    points,
    why: `${value} ${NAMES[feature]} in this minute are far from what is usual for this caller (z = ${z.toFixed(1)}).`,
    where: 'behaviour',
    excerpt: '',
    decoded: [],
  };
}

const perFeature = <Value>(make: () => Value): Record<Feature, Value> => ({
  requests: make(),
  refused: make(),
  routes: make(),
});

function newHabits(now: number): Habits {
  return {
    minute: Math.floor(now / MINUTE_MS),
    now: perFeature(() => 0),
    routes: new Set(),
    history: perFeature(() => []),
    ewma: perFeature(() => new Ewma()),
    minutes: 0,
  };
}

function roll(habits: Habits, now: number): void {
  const minute = Math.floor(now / MINUTE_MS);
  if (minute <= habits.minute) return;
  if (habits.now.requests > 0) {
    for (const feature of FEATURES) {
      const value = habits.now[feature];
      const history = habits.history[feature];
      history.push(value);
      if (history.length > HISTORY) history.shift();
      habits.ewma[feature].add(value);
    }
    habits.minutes += 1;
  }
  habits.minute = minute;
  habits.now = perFeature(() => 0);
  habits.routes = new Set();
}
