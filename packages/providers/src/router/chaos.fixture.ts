import { DEFAULT_WORKSPACE_ID, isPlatformError, noMetrics, systemClock } from '@automatos/kernel';
import type { Metrics, WorkspaceId } from '@automatos/kernel';
import type { Reply } from '@automatos/testing/llm-wire';
import { PROVIDERS_ERROR_CODES } from '../error-codes.ts';
import { NO_BUDGETS } from './ports.ts';
import type { BudgetGate } from './ports.ts';
import { VENDORS, callTo, refOf, routedRoom, startVendors } from './router.fixture.ts';
import type { FakeVendors, VendorName } from './router.fixture.ts';
import { createRandom } from './strategies/sample-beta.ts';

/** What came of calls to vendors that fail, hang, slow down, cut streams and lie about their limits at random. */
export interface ChaosReport {
  calls: number;
  answered: number;
  /** Calls that ended with a typed error, by code. */
  failed: Record<string, number>;
  /** Calls that ended with anything else, e.g. an untyped error; must be empty. */
  lost: string[];
  /** Answers whose streamed text, without what was discarded, differs from the text of the result; must be 0. */
  garbled: number;
  /** Requests that arrived at the vendors, and attempts that the calls tell of. */
  requests: number;
  attempts: number;
  circuitsOpened: number;
  circuitsClosed: number;
  /** Circuits not closed although the vendors were well again for a while; must be 0. */
  openAtEnd: number;
  /** Money set aside and never settled; must be 0. */
  unsettled: number;
  p50Ms: number;
  p95Ms: number;
}

export interface ChaosOptions {
  durationMs: number;
  callers: number;
  seed: number;
  /** Instead of a gate that only counts what is set aside. */
  budgets?: BudgetGate;
  workspaceId?: WorkspaceId;
}

/** A caller that nobody answered comes back after this long, as clients do. */
const PAUSE_MS = 20;
const HEAL_MS = 20_000;

const NAMES = Object.keys(VENDORS) as VendorName[];
const TEXT = ['The ', 'answer ', 'is ', 'forty-two.'];
const GOOD: Reply = { kind: 'answer', text: TEXT, usage: { input: 20, output: 8 } };

/** Lets `callers` call as fast as they can for the time given. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const vendors = await startVendors();
  const random = createRandom(options.seed);
  for (const name of NAMES) vendors.replies[name] = misbehaving(name, random);
  const gate = countingGate(options.budgets ?? NO_BUDGETS);
  const circuits = countingCircuits();
  const room = routedRoom(
    vendors,
    {
      strategy: 'round_robin',
      chain: NAMES.map(refOf),
      breaker: { consecutive_failures: 3, cooldown_ms: 200, cooldown_max_ms: 800, min_calls: 10 },
      timeouts: { first_token_ms: 600, between_tokens_ms: 600, total_ms: 3_000 },
      queue: { max_waiting: 50, max_wait_ms: 100 },
      limits: [{ provider: 'openai', concurrency: 6 }],
    },
    { clock: systemClock, metrics: circuits.metrics, budgets: gate, random },
  );
  const tally = newTally();
  const until = Date.now() + options.durationMs;
  const caller = async () => {
    while (Date.now() < until) {
      const isAnswered = await oneCall(room, options, tally);
      if (!isAnswered) await systemClock.sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: options.callers }, caller));
  const requests = vendors.calls.length;
  const openAtEnd = await healed(room, vendors, options);
  const report = reportOf(tally, { requests, gate, circuits, openAtEnd });
  await room.close();
  await vendors.close();
  return report;
}

/** Lets the vendors be well again and calls them until all circuits are closed; resolves to how many never were. */
async function healed(
  room: ReturnType<typeof routedRoom>,
  vendors: FakeVendors,
  { workspaceId = DEFAULT_WORKSPACE_ID }: ChaosOptions,
): Promise<number> {
  for (const name of NAMES) vendors.replies[name] = GOOD;
  const until = Date.now() + HEAL_MS;
  for (;;) {
    const open = await room.router.health.circuits(workspaceId);
    if (open.length === 0 || Date.now() >= until) return open.length;
    const calls = NAMES.map((name) => room.call(callTo(name, { workspaceId, useChain: false })));
    await Promise.allSettled(calls);
    await systemClock.sleep(PAUSE_MS);
  }
}

/** Good and bad phases in turn, each vendor with a fault of its own. */
function misbehaving(name: VendorName, random: () => number): () => Reply {
  let isBad = random() < 0.5;
  let changesAt = 0;
  return () => {
    const now = Date.now();
    if (now >= changesAt) {
      isBad = !isBad;
      changesAt = now + (isBad ? 300 + random() * 700 : 600 + random() * 1_500);
    }
    return isBad && random() < 0.9 ? faultOf(name, random()) : GOOD;
  };
}

function faultOf(name: VendorName, dice: number): Reply {
  const refusal = (status: number, headers: Record<string, string> = {}): Reply => ({
    kind: 'status',
    status,
    headers,
    error: { code: 'trouble', message: 'no' },
  });
  switch (name) {
    case 'openai':
      return refusal(dice < 0.5 ? 500 : 503);
    case 'anthropic':
      return dice < 0.8 ? { kind: 'hang' } : { kind: 'garbage' };
    case 'google':
      return { kind: 'answer', text: TEXT, usage: null, delayMs: 50 + dice * 300 };
    case 'ollama':
      return {
        kind: 'answer',
        text: TEXT,
        fault: {
          after: 2,
          kind: (['destroy', 'end', 'stall', 'error'] as const)[Math.floor(dice * 4)] ?? 'end',
        },
      };
    case 'openai-compatible':
      // Plenty left and refused all the same; nothing left and answered; an hour to wait for nothing.
      if (dice < 0.4) return refusal(429, { 'x-ratelimit-remaining-requests': '1000' });
      if (dice < 0.5) return refusal(429, { 'retry-after': '0' });
      return {
        kind: 'answer',
        text: TEXT,
        usage: { input: 20, output: 8 },
        headers: {
          'x-ratelimit-limit-requests': '10',
          'x-ratelimit-remaining-requests': '0',
          'x-ratelimit-reset-requests': '80ms',
        },
      };
  }
}

interface Tally extends Pick<ChaosReport, 'answered' | 'failed' | 'lost' | 'garbled' | 'attempts'> {
  durations: number[];
}

function newTally(): Tally {
  return { answered: 0, failed: {}, lost: [], garbled: 0, attempts: 0, durations: [] };
}

async function oneCall(
  room: ReturnType<typeof routedRoom>,
  { workspaceId = DEFAULT_WORKSPACE_ID }: ChaosOptions,
  tally: Tally,
): Promise<boolean> {
  const startedAt = Date.now();
  let heard = '';
  try {
    const result = await room.call(
      callTo('openai', {
        workspaceId,
        onDelta: (text) => {
          heard += text;
        },
        onDiscard: () => {
          heard = '';
        },
      }),
    );
    tally.answered += 1;
    if (heard !== result.text || heard !== TEXT.join('')) tally.garbled += 1;
    tally.attempts += sentIn(result.route.attempts);
    return true;
  } catch (error) {
    if (!isPlatformError(error) || !(error.code in PROVIDERS_ERROR_CODES)) {
      tally.lost.push(String(error));
      return false;
    }
    tally.failed[error.code] = (tally.failed[error.code] ?? 0) + 1;
    tally.attempts += sentIn(error.details?.['attempts'] ?? [{ outcome: 'failed' }]);
    return false;
  } finally {
    tally.durations.push(Date.now() - startedAt);
  }
}

function sentIn(attempts: unknown): number {
  return (attempts as { outcome: string }[]).filter(({ outcome }) =>
    /answered|failed/.test(outcome),
  ).length;
}

/** Counts what is set aside until it is settled or given back. */
function countingGate(inner: BudgetGate) {
  const sums = { unsettled: 0 };
  const reserve: BudgetGate['reserve'] = async (claim) => {
    const reservation = await inner.reserve(claim);
    sums.unsettled += 1;
    let isOpen = true;
    const closed = () => {
      if (isOpen) sums.unsettled -= 1;
      isOpen = false;
    };
    return {
      ...reservation,
      allows: (tokens) => reservation.allows(tokens),
      settle: (...used) => reservation.settle(...used).finally(closed),
      release: () => reservation.release().finally(closed),
    };
  };
  return { reserve, sums };
}

function countingCircuits() {
  const counts = { opened: 0, closed: 0 };
  const metrics: Metrics = {
    ...noMetrics,
    set(name, _labels, value) {
      if (name !== 'amas_ai_provider_circuit_breaker_state') return;
      if (value === 1) counts.opened += 1;
      if (value === 0) counts.closed += 1;
    },
  };
  return { counts, metrics };
}

function reportOf(
  tally: Tally,
  site: {
    requests: number;
    openAtEnd: number;
    gate: ReturnType<typeof countingGate>;
    circuits: ReturnType<typeof countingCircuits>;
  },
): ChaosReport {
  const { durations, ...counts } = tally;
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    calls: durations.length,
    ...counts,
    requests: site.requests,
    openAtEnd: site.openAtEnd,
    circuitsOpened: site.circuits.counts.opened,
    circuitsClosed: site.circuits.counts.closed,
    unsettled: site.gate.sums.unsettled,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  };
}
