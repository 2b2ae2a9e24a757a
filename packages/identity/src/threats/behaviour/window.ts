/** What is counted of a caller. */
export const COUNTED = [
  'requests',
  'unauthenticated',
  'forbidden',
  'notFound',
  'limited',
  'unknownRoute',
  'signInFailed',
] as const;
export type Counted = (typeof COUNTED)[number];

const SLOT_MS = 30_000;
const SLOTS = 10;
/** Counts are of the last five minutes, exact to half a minute. */
export const WINDOW_MS = SLOT_MS * SLOTS;
const DISTINCT_MAX = 1_024;

/** Counts of the last five minutes in 10 slots; of constant size. */
export class SlidingCounts {
  readonly #slots = new Uint32Array(SLOTS * COUNTED.length);
  readonly #sums = new Uint32Array(COUNTED.length);
  #slot = 0;

  add(name: Counted, now: number): void {
    this.#advance(now);
    const index = COUNTED.indexOf(name);
    const cell = (this.#slot % SLOTS) * COUNTED.length + index;
    this.#slots[cell] = (this.#slots[cell] ?? 0) + 1;
    this.#sums[index] = (this.#sums[index] ?? 0) + 1;
  }

  read(name: Counted, now: number): number {
    this.#advance(now);
    return this.#sums[COUNTED.indexOf(name)] ?? 0;
  }

  #advance(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    if (slot <= this.#slot) return;
    const passed = Math.min(SLOTS, slot - this.#slot);
    for (let step = 1; step <= passed; step += 1) {
      const start = ((this.#slot + step) % SLOTS) * COUNTED.length;
      for (let index = 0; index < COUNTED.length; index += 1) {
        this.#sums[index] = (this.#sums[index] ?? 0) - (this.#slots[start + index] ?? 0);
        this.#slots[start + index] = 0;
      }
    }
    // A pause longer than the window leaves slots of an older round; all were cleared above.
    this.#slot = slot;
  }
}

/** How many different values came lately: between one and two halves of the window; at most 1,024. */
export class RecentDistinct {
  #current = new Set<string>();
  #previous = new Set<string>();
  #half = 0;

  add(value: string, now: number): void {
    this.#advance(now);
    if (this.size(now) < DISTINCT_MAX) this.#current.add(value);
  }

  has(value: string, now: number): boolean {
    this.#advance(now);
    return this.#current.has(value) || this.#previous.has(value);
  }

  size(now: number): number {
    this.#advance(now);
    let shared = 0;
    for (const value of this.#previous) if (this.#current.has(value)) shared += 1;
    return this.#current.size + this.#previous.size - shared;
  }

  #advance(now: number): void {
    const half = Math.floor(now / (WINDOW_MS / 2));
    if (half === this.#half) return;
    this.#previous = half === this.#half + 1 ? this.#current : new Set();
    this.#current = new Set();
    this.#half = half;
  }
}

/** A map that forgets what was not used for longest once it is full. */
export class RecentlyUsed<Value> {
  readonly #values = new Map<string, Value>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  take(key: string, make: () => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= this.#max) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    const value = make();
    this.#values.set(key, value);
    return value;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }
}
