import type { FallbackNotice } from '../router/ports.ts';
import type { UpstreamHooks } from './cache-port.ts';

/** One who waits for a call under way. */
export interface Passenger {
  signal: AbortSignal;
  onDelta: (text: string) => void;
  onFallback: (notice: FallbackNotice) => void;
}

export interface Landed<Value> {
  value: Value;
  /** True for exactly one of those who waited to the end: the one whom the call is charged to. */
  isFirst: boolean;
  /** True when the call was under way already. */
  joined: boolean;
}

/** Equal calls at the same time become one. */
export interface Flights<Value> {
  /**
   * Waits for the call under way with that key, or starts it by `start`. What it streams reaches everyone, late ones first get all at
   * once what was said so far. Who aborts leaves with the signal's reason; when the last one left, the call is aborted too.
   */
  join(
    key: string,
    passenger: Passenger,
    start: (hooks: UpstreamHooks) => Promise<Value>,
  ): Promise<Landed<Value>>;
}

interface Flight<Value> {
  passengers: Set<Passenger>;
  /** What was streamed and not discarded. */
  text: string;
  ending: AbortController;
  landing: Promise<Value>;
}

export function createFlights<Value>(): Flights<Value> {
  const flights = new Map<string, Flight<Value>>();

  function depart(key: string, start: (hooks: UpstreamHooks) => Promise<Value>): Flight<Value> {
    const passengers = new Set<Passenger>();
    const ending = new AbortController();
    const flight: Flight<Value> = {
      passengers,
      text: '',
      ending,
      landing: Promise.resolve() as never,
    };
    const over = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flights.set(key, flight);
    flight.landing = start({
      signal: ending.signal,
      onDelta(text) {
        flight.text += text;
        for (const passenger of passengers) passenger.onDelta(text);
      },
      onFallback(notice) {
        flight.text = '';
        for (const passenger of passengers) passenger.onFallback(notice);
      },
    }).finally(over);
    // Everyone may have left before it fails.
    flight.landing.catch(() => undefined);
    return flight;
  }

  return {
    async join(key, passenger, start) {
      passenger.signal.throwIfAborted();
      const underWay = flights.get(key);
      const flight = underWay ?? depart(key, start);
      if (flight.text !== '') passenger.onDelta(flight.text);
      flight.passengers.add(passenger);
      const left = leaving(passenger.signal);
      try {
        const value = await Promise.race([flight.landing, left.promise]);
        const isFirst = flight.passengers.values().next().value === passenger;
        return { value, isFirst, joined: underWay !== undefined };
      } catch (error) {
        flight.passengers.delete(passenger);
        if (flight.passengers.size === 0) {
          // Nobody waits: whoever asks the same next must not join a call that is being aborted.
          if (flights.get(key) === flight) flights.delete(key);
          flight.ending.abort(error);
        }
        throw error;
      } finally {
        left.stop();
      }
    },
  };
}

/** Rejects with the signal's reason once it aborts. */
function leaving(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  promise.catch(() => undefined);
  return { promise, stop: () => signal.removeEventListener('abort', onAbort) };
}
