const LONGEST_WAIT_MS = 24 * 3_600_000;

/**
 * How long the vendor asks to wait, in ms (0 to one day); undefined when it does not say. Reads `retry-after-ms`, `retry-after`
 * (seconds or a date), and in the body Google's `RetryInfo.retryDelay` and Replicate's sentence.
 */
export function readRetryAfter(
  headers: Record<string, string>,
  body: string,
  nowMs: number,
): number | undefined {
  const milliseconds = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(milliseconds))
    return bounded(milliseconds);
  const text = headers['retry-after'];
  if (text !== undefined) {
    const seconds = Number(text);
    if (Number.isFinite(seconds)) return bounded(seconds * 1000);
    const date = Date.parse(text);
    if (Number.isFinite(date)) return bounded(date - nowMs);
  }
  const delay =
    /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body) ??
    /rate limit resets in ~?(\d+(?:\.\d+)?)s/i.exec(body);
  return delay === null ? undefined : bounded(Number(delay[1]) * 1000);
}

function bounded(ms: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(ms)));
}
