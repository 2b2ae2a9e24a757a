/** Bounds for clients that send slowly, in ms. */
export interface ArrivalTimes {
  /** Until the last header. */
  headersMs: number;
  /** Until the last byte of the body. */
  requestMs: number;
  /** How often connections are looked at, so how late a bound may act. */
  checkMs: number;
}

export const ARRIVAL_TIMES: ArrivalTimes = {
  headersMs: 20_000,
  requestMs: 120_000,
  checkMs: 5_000,
};

/** The bounds as options of an HTTP server. */
export function boundArrival(times: ArrivalTimes = ARRIVAL_TIMES) {
  return {
    headersTimeout: Math.min(times.headersMs, times.requestMs),
    requestTimeout: times.requestMs,
    connectionsCheckingInterval: times.checkMs,
  };
}
