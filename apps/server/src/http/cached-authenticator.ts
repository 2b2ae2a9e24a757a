import { createHash } from 'node:crypto';
import { presentedJwt } from '@automatos/identity';
import type { Clock } from '@automatos/kernel';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';

/** How long a key counts as proven without asking again: what a revocation in another process takes at most to act here. */
const FRESH_MS = 1_000;
/** Kept at most; the oldest go first. */
const ENTRIES_MAX = 10_000;

export interface CachedAuthenticator extends Authenticator {
  /** Forgets everybody, at once; to be called when a key, a role or a workspace was changed in this process. */
  forget(): void;
}

interface Entry {
  until: number;
  found: Promise<Authentication | null>;
}

/**
 * Returns an authenticator that asks `inner` about the same API key once a second at most; requests that come meanwhile
 * wait for the same answer. Only successes are kept, and keys only as their hash. Cookies and access tokens are always asked
 * for: they end in every process at the moment of the sign-out.
 */
export function cacheKeys(inner: Authenticator, deps: { clock: Clock }): CachedAuthenticator {
  const entries = new Map<string, Entry>();

  function ask(key: string, request: AuthenticationRequest): Promise<Authentication | null> {
    const found = inner.authenticate(request);
    const entry = { until: deps.clock.now() + FRESH_MS, found };
    entries.delete(key);
    if (entries.size >= ENTRIES_MAX) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    entries.set(key, entry);
    found.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return found;
  }

  return {
    authenticate(request) {
      const key = keyOf(request);
      if (key === null) return inner.authenticate(request);
      const entry = entries.get(key);
      return entry !== undefined && entry.until > deps.clock.now()
        ? entry.found
        : ask(key, request);
    },
    redeemTicket: (ticket) => inner.redeemTicket(ticket),
    stillHolds: (authentication) => inner.stillHolds(authentication),
    forget: () => entries.clear(),
  };
}

/** Everything that decides what a key proves; null for requests without one, and for tokens, which decide before keys. */
function keyOf({ headers, query, pathWorkspace }: AuthenticationRequest): string | null {
  if (presentedJwt(headers) !== undefined) return null;
  const proof = headers['x-api-key'] ?? headers['authorization'];
  if (proof === undefined) return null;
  const scheme = headers['x-api-key'] === undefined ? 'authorization' : 'x-api-key';
  const asked = [
    pathWorkspace ?? null,
    headers['x-workspace-id'] ?? null,
    query['workspace_id'] ?? null,
    // Browser keys count from their own pages only, server keys from no page of others.
    headers['origin'] ?? null,
    headers['sec-fetch-site'] ?? null,
    headers['sec-fetch-mode'] ?? null,
  ];
  return createHash('sha256')
    .update(`${scheme}\n${proof}\n${JSON.stringify(asked)}`)
    .digest('base64');
}
