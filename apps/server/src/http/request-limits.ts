import type { RouteSpec } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { Authentication } from './authenticator.ts';
import { networkOf } from './client-address.ts';
import type { EdgeState } from './edge-state.ts';
import type { RateDecision, RateLimiter } from './rate-limit.ts';

export interface LimitSettings {
  rateLimitPerMinute: number;
  rateLimitPrincipalPerMinute: number;
  /** Of all callers of a workspace together; absent = none. */
  rateLimitWorkspacePerMinute?: number | undefined;
}

/** A request as far as limits are concerned. */
export interface LimitedRequest {
  edge: EdgeState;
  setHeaders(headers: Record<string, string>): void;
}

/** Counts requests; each function throws `http.rate.limited` for the first one too many. */
export interface RequestLimits {
  /** Of everybody who is not proven, by address; IPv6 by network. */
  address(request: LimitedRequest): Promise<void>;
  /** Of a route with a limit of its own, by address. */
  route(request: LimitedRequest, spec: RouteSpec): Promise<void>;
  /** Of a proven caller, and of all callers of the workspace. */
  caller(request: LimitedRequest, found: Authentication): Promise<void>;
}

export function createRequestLimits(
  rateLimiter: RateLimiter,
  settings: LimitSettings,
): RequestLimits {
  async function limit(request: LimitedRequest, key: string, perMinute: number): Promise<void> {
    const decision = await rateLimiter.consume(key, perMinute);
    // Of several limits the one that is reached first is told.
    if (!decision.allowed || decision.remaining < (request.edge.rateRemaining ?? Infinity)) {
      request.edge.rateRemaining = decision.remaining;
      request.setHeaders(rateHeaders(decision));
    }
    if (!decision.allowed) throw tooMany(decision);
  }

  return {
    address: (request) =>
      limit(
        request,
        `address:${networkOf(request.edge.remoteAddress)}`,
        settings.rateLimitPerMinute,
      ),
    async route(request, { operationId, rateLimitPerMinute }) {
      if (rateLimitPerMinute === undefined) return;
      const key = `${operationId}:${networkOf(request.edge.remoteAddress)}`;
      await limit(request, key, rateLimitPerMinute);
    },
    async caller(request, { principal, workspaceId, rateLimitPerMinute }) {
      const own = rateLimitPerMinute ?? settings.rateLimitPrincipalPerMinute;
      await limit(request, `principal:${principal.kind}:${principal.id}`, own);
      const { rateLimitWorkspacePerMinute } = settings;
      if (rateLimitWorkspacePerMinute !== undefined)
        await limit(request, `workspace:${workspaceId}`, rateLimitWorkspacePerMinute);
    },
  };
}

function rateHeaders(decision: RateDecision): Record<string, string> {
  return {
    'ratelimit-limit': String(decision.limit),
    'ratelimit-remaining': String(decision.remaining),
    'ratelimit-reset': String(decision.resetSeconds),
  };
}

function tooMany(decision: RateDecision): PlatformError {
  return new PlatformError({
    code: 'http.rate.limited',
    kind: 'rate-limited',
    message: `More than ${decision.limit} requests in a minute; come back in ${decision.resetSeconds} seconds.`,
    retryAfterMs: decision.resetSeconds * 1000,
  });
}
