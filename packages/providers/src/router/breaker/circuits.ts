import { CIRCUIT_STATES } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import type { CircuitKey } from '../credential-key.ts';
import { shareOf } from '../share-of.ts';
import { CLOSED, afterEvent, verdictOf } from './circuit-state.ts';
import type { BreakerSettings, Circuit, CircuitEvent, Failure } from './circuit-state.ts';
import type { CircuitStore, StoredCircuit } from './circuit-store.ts';

/** Leave to send one call; exactly one of its methods is to be called, once. */
export interface Permit {
  readonly isProbe: boolean;
  succeeded(): Promise<void>;
  failed(failure: Failure): Promise<void>;
  /** The call told nothing about the vendor: it was cancelled, not sent, or refused for a fault of its own. */
  toldNothing(): Promise<void>;
}

export interface CircuitView extends StoredCircuit {
  state: Circuit['state'];
}

/** Circuits of this process, in step with those of the others. */
export interface Circuits {
  /** Leave to call, or what the circuit says; at once from memory unless a probe is due. */
  admit(
    key: CircuitKey,
    settings: BreakerSettings,
    probeMs: number,
  ): Permit | CircuitView | Promise<Permit | CircuitView>;
  /** All that are not closed. */
  list(): CircuitView[];
  view(id: string): CircuitView | null;
  /** Closes it in all processes; null = not known. */
  close(id: string): Promise<CircuitView | null>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface CircuitsDeps {
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  /** Null: this process alone, and only until it ends. */
  store: CircuitStore | null;
}

interface Entry {
  key: CircuitKey;
  circuit: Circuit;
  /** Grows with each opening and closing: results of calls admitted before are stale. */
  epoch: number;
  /** Grows when something of this process was stored: what was read before it is stale. */
  writes: number;
}

/** Closed circuits kept in memory at most; beyond it the oldest are forgotten, which only loses their counts. */
const ENTRIES_MAX = 5_000;
/** A lost notification costs at most this long. */
const REREAD_MS = 5_000;

export function isPermit(answer: Permit | CircuitView): answer is Permit {
  return 'isProbe' in answer;
}

export function createCircuits(deps: CircuitsDeps): Circuits {
  return new CircuitTable(deps);
}

class CircuitTable implements Circuits {
  readonly #deps: CircuitsDeps;
  readonly #entries = new Map<string, Entry>();
  #stopListening: (() => Promise<void>) | null = null;
  #rereadAt = Number.NEGATIVE_INFINITY;

  constructor(deps: CircuitsDeps) {
    this.#deps = deps;
  }

  admit(key: CircuitKey, settings: BreakerSettings, probeMs: number) {
    this.#rereadSometimes();
    const entry = this.#entryOf(key);
    const verdict = verdictOf(entry.circuit, this.#deps.clock.now());
    if (verdict === 'pass') return this.#permit(entry, settings);
    if (verdict === 'refuse') return viewOf(entry);
    return this.#probe(entry, settings, probeMs);
  }

  list(): CircuitView[] {
    return [...this.#entries.values()]
      .filter(({ circuit }) => circuit.state !== 'closed')
      .map(viewOf);
  }

  view(id: string): CircuitView | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : viewOf(entry);
  }

  async close(id: string): Promise<CircuitView | null> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    await this.#deps.store?.close(id);
    entry.writes += 1;
    this.#set(entry, CLOSED);
    return viewOf(entry);
  }

  async start(): Promise<void> {
    const { store } = this.#deps;
    if (store === null) return;
    this.#stopListening = await store.listen((id) => void this.#guarded(() => this.#reread(id)));
    await store.recover(this.#deps.clock.now());
    await this.#rereadAll();
  }

  async stop(): Promise<void> {
    await this.#stopListening?.();
    this.#stopListening = null;
  }

  #entryOf(key: CircuitKey): Entry {
    const known = this.#entries.get(key.id);
    if (known !== undefined) return known;
    if (this.#entries.size >= ENTRIES_MAX) this.#forgetOne();
    const entry = { key, circuit: CLOSED, epoch: 0, writes: 0 };
    this.#entries.set(key.id, entry);
    return entry;
  }

  #forgetOne(): void {
    for (const [id, { circuit }] of this.#entries) {
      if (circuit.state !== 'closed') continue;
      this.#entries.delete(id);
      return;
    }
  }

  #permit(entry: Entry, settings: BreakerSettings): Permit {
    const { epoch } = entry;
    const isStale = () => entry.epoch !== epoch;
    return {
      isProbe: false,
      succeeded: async () => {
        if (!isStale()) this.#apply(entry, { type: 'succeeded' }, settings);
      },
      failed: async (failure) => {
        if (isStale()) return;
        this.#apply(entry, { type: 'failed', ...failure }, settings);
        if (entry.circuit.state === 'open') await this.#shareOpening(entry);
      },
      toldNothing: async () => undefined,
    };
  }

  async #shareOpening(entry: Entry): Promise<void> {
    const { store } = this.#deps;
    if (store === null) return;
    await this.#guarded(async () => {
      const stored = await store.open(viewOf(entry));
      entry.writes += 1;
      this.#take(stored);
    });
  }

  async #probe(entry: Entry, settings: BreakerSettings, probeMs: number) {
    const { clock, store } = this.#deps;
    const now = clock.now();
    const probe = { token: newId(), now, until: now + probeMs };
    // The place is taken in this process before the others are asked, so that calls in between see it taken.
    const before = entry.circuit;
    this.#apply(entry, { type: 'probe_sent', until: probe.until }, settings);
    entry.epoch += 1;
    const { epoch } = entry;
    // A database that is away decides nothing: then what this process knows must do.
    const claimed = await this.#guarded(async () => store?.claimProbe(entry.key.id, probe));
    entry.writes += 1;
    if (claimed === false) {
      if (entry.epoch === epoch) this.#set(entry, before);
      await this.#guarded(() => this.#reread(entry.key.id));
      const isClosed = verdictOf(entry.circuit, clock.now()) === 'pass';
      return isClosed ? this.#permit(entry, settings) : viewOf(entry);
    }
    return this.#probePermit(entry, settings, { token: probe.token, epoch });
  }

  #probePermit(
    entry: Entry,
    settings: BreakerSettings,
    probe: { token: string; epoch: number },
  ): Permit {
    const { store } = this.#deps;
    const end = async (event: CircuitEvent) => {
      const isCurrent = entry.epoch === probe.epoch;
      if (store === null && !isCurrent) return;
      // Word from other processes may have come in between; the place in the database says whether this probe still counts.
      const after = this.#next({ ...entry.circuit, state: 'half_open' }, entry.key.id, {
        event,
        settings,
      });
      if (isCurrent) this.#set(entry, after);
      await this.#guarded(async () => {
        const stored = after.state === 'closed' ? null : viewOf({ ...entry, circuit: after });
        const counted = await store?.endProbe(entry.key.id, probe.token, stored);
        entry.writes += 1;
        if (counted === false || !isCurrent) await this.#reread(entry.key.id);
        // Between the two a reader may have seen the row as it was before.
        else if (counted === true) this.#set(entry, after);
      });
    };
    return {
      isProbe: true,
      succeeded: () => end({ type: 'probe_succeeded' }),
      failed: (failure) => end({ type: 'probe_failed', ...failure }),
      toldNothing: () => end({ type: 'probe_abandoned' }),
    };
  }

  #apply(entry: Entry, event: CircuitEvent, settings: BreakerSettings): void {
    this.#set(entry, this.#next(entry.circuit, entry.key.id, { event, settings }));
  }

  #next(
    circuit: Circuit,
    id: string,
    { event, settings }: { event: CircuitEvent; settings: BreakerSettings },
  ): Circuit {
    const jitter = event.type.endsWith('failed') ? shareOf(`${id}:${circuit.failures}`) : 0;
    return afterEvent(circuit, event, { now: this.#deps.clock.now(), settings, jitter });
  }

  #set(entry: Entry, after: Circuit): void {
    const before = entry.circuit;
    entry.circuit = after;
    if (before.state === after.state) return;
    entry.epoch += 1;
    const { provider, model } = entry.key;
    this.#deps.logger.info(
      {
        provider,
        model,
        credential: entry.key.credential,
        from: before.state,
        to: after.state,
        reason: after.reason,
      },
      'circuit changed',
    );
    this.#meter(provider, model);
  }

  /** Of several credentials the worst counts: open before half-open before closed. */
  #meter(provider: string, model: string): void {
    let worst = 0;
    for (const { key, circuit } of this.#entries.values()) {
      if (key.provider !== provider || key.model !== model) continue;
      const value = CIRCUIT_STATES.indexOf(circuit.state);
      if (value === 1 || (value === 2 && worst === 0)) worst = value;
    }
    this.#deps.metrics.set('amas_ai_provider_circuit_breaker_state', { provider, model }, worst);
  }

  #rereadSometimes(): void {
    if (this.#stopListening === null) return;
    const now = this.#deps.clock.now();
    if (now - this.#rereadAt < REREAD_MS) return;
    this.#rereadAt = now;
    void this.#guarded(() => this.#rereadAll());
  }

  async #rereadAll(): Promise<void> {
    const { store, clock } = this.#deps;
    this.#rereadAt = clock.now();
    const before = new Map([...this.#entries].map(([id, entry]) => [id, stampOf(entry)]));
    const stored = (await store?.load()) ?? [];
    const ids = new Set(stored.map(({ id }) => id));
    for (const circuit of stored) {
      const entry = this.#entries.get(circuit.id);
      if (entry === undefined || stampOf(entry) === before.get(circuit.id)) this.#take(circuit);
    }
    for (const entry of this.#entries.values())
      if (entry.circuit.state !== 'closed' && !ids.has(entry.key.id))
        await this.#reread(entry.key.id);
  }

  /** What was read while this process changed the same circuit is older than what it knows: it is read again. */
  async #reread(id: string): Promise<void> {
    for (;;) {
      const before = stampOf(this.#entries.get(id));
      const stored = (await this.#deps.store?.read(id)) ?? null;
      const entry = this.#entries.get(id);
      if (stampOf(entry) !== before) continue;
      if (stored !== null) return this.#take(stored);
      if (entry !== undefined) this.#set(entry, CLOSED);
      return undefined;
    }
  }

  /** What is stored holds: it is the sum of what all processes saw. */
  #take(stored: StoredCircuit): void {
    const { id, provider, model, credential, ...rest } = stored;
    const entry = this.#entryOf({ id, provider, model, credential });
    if (stored.state === 'closed') return this.#set(entry, CLOSED);
    this.#set(entry, { ...rest, slices: [] });
  }

  /** Sharing may fail without harm to the call: this process goes on by what it knows. */
  async #guarded<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#deps.logger.warn({ error: String(error) }, 'circuits could not be shared');
      return undefined;
    }
  }
}

function viewOf({ key, circuit }: Entry): CircuitView {
  const { slices: _slices, ...rest } = circuit;
  return { ...key, ...rest };
}

/** Another one after each change that this process made or stored. */
function stampOf(entry: Entry | undefined): string {
  return entry === undefined ? '' : `${entry.epoch}.${entry.writes}`;
}
