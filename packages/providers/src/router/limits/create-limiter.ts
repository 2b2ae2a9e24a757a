import type { VendorLimit } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { Clock, Metrics } from '@automatos/kernel';
import { createHash } from 'node:crypto';
import type { VendorLimits } from '../../codecs/codec-types.ts';
import { createRateGate, createSlotGate } from './gates.ts';
import type { Gate } from './gates.ts';
import type { LimitRequest, LimitTarget, Limiter, Place } from './limiter-port.ts';
import type { LimitShares } from './limit-shares.ts';
import { createVendorMemory } from './vendor-memory.ts';

export interface LimiterDeps {
  clock: Clock;
  metrics: Metrics;
  /** Null: this process alone. */
  shares: LimitShares | null;
  /** Reads what a vendor's headers say about its limits. */
  readLimits: (provider: string, headers: Record<string, string>, nowMs: number) => VendorLimits;
}

/** A row of what is left, for people. */
export interface QuotaRow {
  provider: string;
  model: string | null;
  kind: 'requests' | 'tokens' | 'concurrency';
  source: 'own' | 'vendor';
  limit: number | null;
  remaining: number | null;
  resetsAt: number | null;
  waiting: number;
}

export interface CreatedLimiter extends Limiter {
  /** Limits of these targets with what is left of them. */
  quotas(targets: readonly LimitTarget[], limits: readonly VendorLimit[]): QuotaRow[];
}

type Kind = QuotaRow['kind'];
interface Needed {
  gate: Gate;
  need: number;
  kind: Kind;
}
interface Waiter {
  wake: () => void;
}

const NO_PLACE: Place = { release: () => undefined };
const GATES_MAX = 5_000;

/** Creates the limiter. A call without limits costs a look into two maps; one with limits that has room, nothing more. */
export function createLimiter(deps: LimiterDeps): CreatedLimiter {
  return new GateKeeper(deps);
}

class GateKeeper implements CreatedLimiter {
  readonly #deps: LimiterDeps;
  readonly #gates = new Map<string, Gate>();
  readonly #queues = new Map<string, Waiter[]>();
  readonly #vendors: ReturnType<typeof createVendorMemory>;

  constructor(deps: LimiterDeps) {
    this.#deps = deps;
    this.#vendors = createVendorMemory(deps.clock);
  }

  acquire(target: LimitTarget, request: LimitRequest): Place | Promise<Place> {
    const needed = this.#needed(target, request);
    const isFree = (this.#queues.get(queueName(target))?.length ?? 0) === 0;
    if (isFree && this.#waitMs(target, request, needed) === 0)
      return this.#take(target, request, needed);
    return this.#queue(target, request, needed);
  }

  told(
    target: LimitTarget,
    { status, headers }: { status: number; headers: Record<string, string> },
  ): void {
    const { clock, readLimits } = this.#deps;
    const name = vendorName(target);
    if (status < 400) this.#vendors.answered(name);
    this.#vendors.told(name, readLimits(target.provider, headers, clock.now()));
  }

  refused(target: LimitTarget, error: PlatformError): void {
    this.#vendors.refused(vendorName(target), error);
  }

  quotas(targets: readonly LimitTarget[], limits: readonly VendorLimit[]): QuotaRow[] {
    return targets.flatMap((target) => {
      const waiting = this.#queues.get(queueName(target))?.length ?? 0;
      const { provider, model } = target;
      const vendor = this.#vendors
        .quotas(vendorName(target))
        .map((row) => ({ provider, model, source: 'vendor' as const, ...row, waiting }));
      const own = this.#ownGates(target, limits).map(({ gate, kind }) => ({
        provider,
        model,
        kind,
        source: 'own' as const,
        limit: gate.limit,
        remaining: gate.remaining(),
        resetsAt: null,
        waiting,
      }));
      return [...own, ...vendor];
    });
  }

  #needed(target: LimitTarget, { settings, tokens }: LimitRequest): Needed[] {
    if (settings.limits.length === 0) return [];
    return this.#ownGates(target, settings.limits).map(({ gate, kind }) => ({
      gate,
      kind,
      need: kind === 'tokens' ? tokens : 1,
    }));
  }

  #ownGates(target: LimitTarget, limits: readonly VendorLimit[]) {
    const gates: { gate: Gate; kind: Kind }[] = [];
    for (const limit of limits) {
      if (limit.provider !== target.provider) continue;
      if (limit.model !== null && limit.model !== target.model) continue;
      const kinds: [Kind, number | null][] = [
        ['requests', limit.requests_per_minute],
        ['tokens', limit.tokens_per_minute],
        ['concurrency', limit.concurrency],
      ];
      for (const [kind, bound] of kinds)
        if (bound !== null)
          gates.push({ kind, gate: this.#gateOf(target, { kind, bound, model: limit.model }) });
    }
    return gates;
  }

  #gateOf(
    target: LimitTarget,
    { kind, bound, model }: { kind: Kind; bound: number; model: string | null },
  ): Gate {
    const { workspaceId, provider, credential } = target;
    const name = [workspaceId, provider, model ?? '*', credential, kind, bound].join('\n');
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    if (this.#gates.size >= GATES_MAX) this.#gates.clear();
    const make = kind === 'concurrency' ? createSlotGate : createRateGate;
    const { clock, shares } = this.#deps;
    const id = createHash('sha256').update(name).digest('hex').slice(0, 40);
    const gate = make({ clock, shares, id, limit: bound, onFree: () => this.#wakeHeads(provider) });
    this.#gates.set(name, gate);
    return gate;
  }

  #waitMs(target: LimitTarget, request: LimitRequest, needed: readonly Needed[]): number {
    let wait = this.#vendors.waitMs(vendorName(target), request.tokens);
    for (const { gate, need } of needed) wait = Math.max(wait, gate.waitMs(need));
    return wait;
  }

  #take(target: LimitTarget, request: LimitRequest, needed: readonly Needed[]): Place {
    for (const { gate, need } of needed) gate.take(need);
    this.#vendors.sent(vendorName(target), request.tokens);
    if (needed.length === 0) return NO_PLACE;
    let isReleased = false;
    return {
      release: (usedTokens) => {
        if (isReleased) return;
        isReleased = true;
        for (const { gate, need, kind } of needed) {
          if (kind === 'concurrency') gate.giveBack(1);
          // What the estimate took too much flows back; what it took too little is owed.
          if (kind === 'tokens' && usedTokens !== null) gate.giveBack(need - usedTokens);
        }
      },
    };
  }

  async #queue(
    target: LimitTarget,
    request: LimitRequest,
    needed: readonly Needed[],
  ): Promise<Place> {
    const { clock, metrics } = this.#deps;
    const { max_waiting, max_wait_ms } = request.settings.queue;
    const name = queueName(target);
    const queue = this.#queues.get(name) ?? [];
    const waiter: Waiter = { wake: () => undefined };
    const startedAt = clock.now();
    if (queue.length > max_waiting) throw queueFull(target, queue.length);
    this.#queues.set(name, queue);
    queue.push(waiter);
    try {
      for (;;) {
        const isHead = queue[0] === waiter;
        const waitMs = isHead ? await this.#tryFetch(target, request, needed) : Infinity;
        request.signal.throwIfAborted();
        if (isHead && this.#waitMs(target, request, needed) === 0)
          return this.#take(target, request, needed);
        const left = startedAt + max_wait_ms - clock.now();
        if (left <= 0 || (waitMs !== Infinity && waitMs > left))
          throw tooLong(target, waitMs === Infinity ? undefined : waitMs);
        await this.#sleep(waiter, Math.max(1, Math.min(left, waitMs)), request.signal);
      }
    } finally {
      queue.splice(queue.indexOf(waiter), 1);
      queue[0]?.wake();
      if (queue.length === 0) this.#queues.delete(name);
      const waited = clock.now() - startedAt;
      metrics.observe(
        'amas_ai_provider_rate_limit_wait_seconds',
        { provider: target.provider },
        waited / 1000,
      );
    }
  }

  /** Asks the other processes for what is lacking; resolves to the longest wait. */
  async #tryFetch(
    target: LimitTarget,
    request: LimitRequest,
    needed: readonly Needed[],
  ): Promise<number> {
    let wait = this.#vendors.waitMs(vendorName(target), request.tokens);
    if (wait > 0) return wait;
    for (const { gate, need } of needed) wait = Math.max(wait, await gate.fetch(need));
    return wait;
  }

  /** Until the time is over or the waiter is woken; rejects when the caller leaves. */
  async #sleep(waiter: Waiter, ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    waiter.wake = () => woken.abort();
    const either = AbortSignal.any([woken.signal, signal]);
    try {
      await this.#deps.clock.sleep(ms, either);
    } catch (error) {
      if (!woken.signal.aborted || signal.aborted) throw error;
    } finally {
      waiter.wake = () => undefined;
    }
  }

  #wakeHeads(provider: string): void {
    for (const [name, queue] of this.#queues)
      if (name.startsWith(`${provider}\n`)) queue[0]?.wake();
  }
}

function vendorName({ provider, model, credential }: LimitTarget): string {
  return `${provider}\n${model}\n${credential}`;
}

function queueName({ provider, model, credential, workspaceId }: LimitTarget): string {
  return `${provider}\n${model}\n${credential}\n${workspaceId}`;
}

function queueFull({ provider, model }: LimitTarget, waiting: number): PlatformError {
  return new PlatformError({
    code: 'providers.limit.queue_full',
    kind: 'rate-limited',
    message: `${waiting} calls wait already for a place within the limits of ${provider} "${model}". Retry later, or raise the limits in the router settings.`,
    details: { provider, model },
  });
}

function tooLong(
  { provider, model }: LimitTarget,
  retryAfterMs: number | undefined,
): PlatformError {
  return new PlatformError({
    code: 'providers.limit.wait_too_long',
    kind: 'rate-limited',
    message: `No place within the limits of ${provider} "${model}" comes free in the time that a call may wait. Retry later, or raise the limits in the router settings.`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: { provider, model },
  });
}
