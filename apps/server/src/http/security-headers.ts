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

/** Headers of every answer of the API; HSTS only where the caller came over TLS, as RFC 6797 wants. */
export function securityHeaders(overTls: boolean): Readonly<Record<string, string>> {
  return overTls ? OVER_TLS : HEADERS;
}
