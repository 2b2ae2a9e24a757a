import type { Clock } from '@automatos/kernel';
import type { ModelRef } from '../../catalogue/catalogue-types.ts';

/** What strategies know of a model, over all workspaces of this process. */
export interface Glance {
  inFlight: number;
  /** Exponentially weighted mean of whole calls that were answered; null = none yet. */
  latencyMs: number | null;
  /** Answered and failed calls, older ones counting less. */
  successes: number;
  failures: number;
}

/** How a call that was sent ended. */
export interface CallEnd {
  durationMs: number;
  /** Null = it told nothing about the vendor. */
  answered: boolean | null;
}

const NOTHING: Glance = { inFlight: 0, latencyMs: null, successes: 0, failures: 0 };
/** Share of the newest call in the mean. */
const NEWEST_SHARE = 0.2;
/** Time after which a call counts half. */
const HALF_LIFE_MS = 120_000;
const KEPT_MAX = 2_000;

interface Seen extends Glance {
  decayedAt: number;
}

/** Creates the memory that strategies choose by. */
export function createGlances(clock: Clock) {
  const seen = new Map<string, Seen>();
  const nameOf = ({ provider, model }: ModelRef) => `${provider}\n${model}`;

  function of(ref: ModelRef): Seen {
    const name = nameOf(ref);
    const known = seen.get(name);
    if (known !== undefined) return known;
    if (seen.size >= KEPT_MAX) dropIdle();
    const made = { ...NOTHING, decayedAt: clock.now() };
    seen.set(name, made);
    return made;
  }

  function dropIdle(): void {
    for (const [name, { inFlight }] of seen) if (inFlight === 0) seen.delete(name);
  }

  return {
    look: (ref: ModelRef): Glance => seen.get(nameOf(ref)) ?? NOTHING,
    started(ref: ModelRef): void {
      of(ref).inFlight += 1;
    },
    ended(ref: ModelRef, { durationMs, answered }: CallEnd): void {
      const row = of(ref);
      row.inFlight = Math.max(0, row.inFlight - 1);
      if (answered === null) return;
      const now = clock.now();
      const share = 0.5 ** (Math.max(0, now - row.decayedAt) / HALF_LIFE_MS);
      row.decayedAt = now;
      row.successes = row.successes * share + (answered ? 1 : 0);
      row.failures = row.failures * share + (answered ? 0 : 1);
      if (answered)
        row.latencyMs =
          row.latencyMs === null
            ? durationMs
            : row.latencyMs + NEWEST_SHARE * (durationMs - row.latencyMs);
    },
    /** Takes over what earlier processes saw, where this one has seen nothing yet. */
    warm(ref: ModelRef, known: Omit<Glance, 'inFlight'>): void {
      const row = of(ref);
      if (row.latencyMs === null && row.successes + row.failures === 0) Object.assign(row, known);
    },
  };
}

export type Glances = ReturnType<typeof createGlances>;
