import type { VendorLimits, VendorQuota } from './codec-types.ts';

type Headers = Record<string, string>;
type Reader = (headers: Headers, nowMs: number) => VendorLimits;

/**
 * What a vendor's answer says is left of its limits; header names in lower case. Vendors that document no such headers give an
 * empty object, and a header that cannot be read counts as not sent.
 */
export function readVendorLimits(provider: string, headers: Headers, nowMs: number): VendorLimits {
  return READERS[provider]?.(headers, nowMs) ?? {};
}

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; Groq counts requests per day and tokens per minute under these names. */
const openaiForm: Reader = (headers, nowMs) =>
  limitsOf(
    quota(headers, nowMs, (field) => [`x-ratelimit-${field}-requests`]),
    quota(headers, nowMs, (field) => [`x-ratelimit-${field}-tokens`]),
  );

const READERS: Record<string, Reader> = {
  openai: openaiForm,
  groq: openaiForm,
  'openai-compatible': openaiForm,
  anthropic: (headers, nowMs) => {
    const of = (kind: string) =>
      quota(headers, nowMs, (field) => [`anthropic-ratelimit-${kind}-${field}`]);
    return limitsOf(
      of('requests'),
      of('tokens') ?? tighter(of('input-tokens'), of('output-tokens')),
    );
  },
  // The dynamic limits are what holds just now; the reset is the wait that the vendor suggests.
  together: (headers, nowMs) =>
    limitsOf(
      quota(headers, nowMs, (field) => [`x-ratelimit-${field}-dynamic`, `x-ratelimit-${field}`]),
      quota(headers, nowMs, (field) => [`x-tokenlimit-${field}-dynamic`, `x-tokenlimit-${field}`]),
    ),
  fireworks: (headers, nowMs) =>
    limitsOf(
      quota(headers, nowMs, (field) => [`x-ratelimit-${field}-requests`]),
      tighter(
        quota(headers, nowMs, (field) => [`x-ratelimit-${field}-tokens-prompt`]),
        quota(headers, nowMs, (field) => [`x-ratelimit-${field}-tokens-generated`]),
      ),
    ),
  // Sources disagree on the names, so all that were seen are tried.
  mistral: (headers, nowMs) =>
    limitsOf(
      quota(headers, nowMs, (field) => [
        `x-ratelimit-${field}-requests`,
        `x-ratelimit-${field}-req-minute`,
        `x-ratelimit-${field}-req-second`,
        `ratelimit-${field}`,
      ]),
      quota(headers, nowMs, (field) => [
        `x-ratelimit-${field}-tokens`,
        `x-ratelimit-${field}-tokens-minute`,
        `ratelimitbysize-${field}`,
        `x-ratelimitbysize-${field}-minute`,
      ]),
    ),
  moonshot: (headers, nowMs) =>
    limitsOf(
      quota(headers, nowMs, (field) => [`x-ratelimit-${field}`]),
      null,
    ),
};

function limitsOf(requests: VendorQuota | null, tokens: VendorQuota | null): VendorLimits {
  return { ...(requests === null ? {} : { requests }), ...(tokens === null ? {} : { tokens }) };
}

type Field = 'limit' | 'remaining' | 'reset';

function quota(
  headers: Headers,
  nowMs: number,
  namesOf: (field: Field) => string[],
): VendorQuota | null {
  const first = (field: Field) =>
    namesOf(field)
      .map((name) => headers[name])
      .find((value) => value !== undefined && value.trim() !== '');
  const limit = count(first('limit'));
  const remaining = count(first('remaining'));
  if (limit === null && remaining === null) return null;
  return { limit, remaining, resetMs: wait(first('reset'), nowMs) };
}

/** Of two limits that hold at once, the one of which the smaller share is left. */
function tighter(a: VendorQuota | null, b: VendorQuota | null): VendorQuota | null {
  if (a === null || b === null) return a ?? b;
  return shareLeft(b) < shareLeft(a) ? b : a;
}

function shareLeft({ limit, remaining }: VendorQuota): number {
  return limit === null || limit === 0 || remaining === null ? 1 : remaining / limit;
}

function count(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text.trim());
  return Number.isFinite(value) && value >= 0 ? value : null;
}

const LONGEST_MS = 48 * 3_600_000;
const UNITS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A wait as durations (`12ms`, `6m0s`), seconds, a moment in seconds since 1970, or an RFC 3339 date. */
function wait(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    if (value > 1e11) return bounded(value - nowMs);
    return bounded(value > 1e9 ? value * 1000 - nowMs : value * 1000);
  }
  if (/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(trimmed)) {
    let total = 0;
    for (const [, amount, , unit] of trimmed.matchAll(/(\d+(\.\d+)?)(ms|[dhms])/g))
      total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
    return bounded(total);
  }
  const date = Date.parse(trimmed);
  return Number.isFinite(date) ? bounded(date - nowMs) : null;
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)));
}
