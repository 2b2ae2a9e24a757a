import type { CircuitState, RouterSettings } from '@automatos/contracts';

export type BreakerSettings = RouterSettings['breaker'];

/** Calls of one slice of the window. */
interface Slice {
  /** Number of the slice since the epoch. */
  slot: number;
  calls: number;
  failures: number;
}

/** What is known of one provider, model and credential; times in ms since the epoch. */
export interface Circuit {
  readonly state: CircuitState;
  /** Failures one after another while closed; failed probes included while open. */
  readonly failures: number;
  readonly slices: readonly Slice[];
  readonly reason: string | null;
  readonly openedAt: number | null;
  /** When a probe may go; while half-open, when its place is given up. */
  readonly retryAt: number | null;
  /** Cool-down in force, before jitter. */
  readonly cooldownMs: number;
}

export const CLOSED: Circuit = {
  state: 'closed',
  failures: 0,
  slices: [],
  reason: null,
  openedAt: null,
  retryAt: null,
  cooldownMs: 0,
};

export interface Failure {
  /** This credential or model is unusable now: one such failure is enough. */
  opens: boolean;
  reason: string;
  /** What the vendor asked to wait; the cool-down is not shorter. */
  retryAfterMs?: number | undefined;
}

export type CircuitEvent =
  | { type: 'succeeded' }
  | ({ type: 'failed' } & Failure)
  | { type: 'probe_sent'; until: number }
  | { type: 'probe_succeeded' }
  | ({ type: 'probe_failed' } & Failure)
  /** The probe's caller left before it told anything. */
  | { type: 'probe_abandoned' }
  | { type: 'closed_by_hand' };

export interface CircuitMoment {
  now: number;
  settings: BreakerSettings;
  /** From 0 to 1: how much of the spread is added to the cool-down. */
  jitter: number;
}

/** Share of the cool-down that jitter may add, so that many processes and circuits do not probe at the same moment. */
const JITTER_SHARE = 0.2;
const SLICES = 10;

/**
 * The circuit after an event. Results of calls that began before it opened change nothing any more; only its probe closes it again.
 */
export function afterEvent(circuit: Circuit, event: CircuitEvent, moment: CircuitMoment): Circuit {
  switch (event.type) {
    case 'succeeded':
      return circuit.state === 'closed'
        ? { ...circuit, failures: 0, slices: counted(circuit.slices, false, moment) }
        : circuit;
    case 'failed':
      return circuit.state === 'closed' ? afterFailure(circuit, event, moment) : circuit;
    case 'probe_sent':
      return circuit.state === 'closed'
        ? circuit
        : { ...circuit, state: 'half_open', retryAt: event.until };
    case 'probe_failed':
      return circuit.state === 'half_open' ? reopened(circuit, event, moment) : circuit;
    case 'probe_abandoned':
      return circuit.state === 'half_open'
        ? { ...circuit, state: 'open', retryAt: moment.now }
        : circuit;
    case 'probe_succeeded':
      return circuit.state === 'half_open' ? CLOSED : circuit;
    case 'closed_by_hand':
      return CLOSED;
  }
}

/** What a circuit says to a call: go, go as the one probe, or stay away. */
export function verdictOf(circuit: Circuit, now: number): 'pass' | 'probe' | 'refuse' {
  if (circuit.state === 'closed') return 'pass';
  return circuit.retryAt === null || now >= circuit.retryAt ? 'probe' : 'refuse';
}

function afterFailure(circuit: Circuit, failure: Failure, moment: CircuitMoment): Circuit {
  const { settings } = moment;
  const failures = circuit.failures + 1;
  const slices = counted(circuit.slices, true, moment);
  const calls = slices.reduce((sum, slice) => sum + slice.calls, 0);
  const failed = slices.reduce((sum, slice) => sum + slice.failures, 0);
  const tooMany = calls >= settings.min_calls && failed / calls >= settings.failure_rate;
  if (!failure.opens && failures < settings.consecutive_failures && !tooMany)
    return { ...circuit, failures, slices };
  return {
    state: 'open',
    failures,
    slices: [],
    reason: failure.reason,
    openedAt: moment.now,
    ...coolingDown(settings.cooldown_ms, failure, moment),
  };
}

function reopened(circuit: Circuit, failure: Failure, moment: CircuitMoment): Circuit {
  const { cooldown_ms: first, cooldown_max_ms: max } = moment.settings;
  const doubled = Math.min(Math.max(first, max), Math.max(first, circuit.cooldownMs * 2));
  return {
    ...circuit,
    state: 'open',
    failures: circuit.failures + 1,
    reason: failure.reason,
    ...coolingDown(doubled, failure, moment),
  };
}

function coolingDown(cooldownMs: number, failure: Failure, { now, jitter }: CircuitMoment) {
  const wait = Math.max(cooldownMs, failure.retryAfterMs ?? 0);
  return { cooldownMs, retryAt: now + Math.round(wait * (1 + JITTER_SHARE * jitter)) };
}

/** The window's slices with one call more, without those that left it. */
function counted(slices: readonly Slice[], failed: boolean, moment: CircuitMoment): Slice[] {
  const slot = Math.floor(moment.now / (moment.settings.window_ms / SLICES));
  const kept = slices.filter((slice) => slice.slot > slot - SLICES && slice.slot <= slot);
  const last = kept.at(-1);
  const one = { slot, calls: 1, failures: failed ? 1 : 0 };
  if (last?.slot !== slot) return [...kept, one];
  kept[kept.length - 1] = {
    slot,
    calls: last.calls + 1,
    failures: last.failures + one.failures,
  };
  return kept;
}
