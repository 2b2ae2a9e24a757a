import type { RouteSpec } from '@automatos/contracts';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

const OVER_TLS = {
  ...HEADERS,
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
} as const;

/** With `REQUIRE_AUTH=false`: whoever looks at an answer sees that nobody had to prove anything. */
export const SIGN_IN_OFF = { 'x-automatos-authentication': 'off' } as const;

/** Headers of every answer of the API; HSTS only where the caller came over TLS, as RFC 6797 wants. */
export function securityHeaders(overTls: boolean): Readonly<Record<string, string>> {
  return overTls ? OVER_TLS : HEADERS;
}

/** Tags of operations whose answers hold sessions, keys or what people did. */
const KEPT_NOWHERE: ReadonlySet<string> = new Set([
  'auth',
  'credentials',
  'audit',
  'security',
  'gdpr',
]);

/** What may be kept of an answer: secrets nothing; the rest by the caller's own browser, which asks again each time. */
export function cacheControl(spec: RouteSpec | undefined): string {
  if (spec === undefined) return 'no-cache';
  return spec.secretAnswer === true || KEPT_NOWHERE.has(spec.tag)
    ? 'no-store'
    : 'private, no-cache';
}
