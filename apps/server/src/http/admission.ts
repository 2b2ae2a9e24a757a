import { ROLE_PERMISSIONS } from '@automatos/contracts';
import type { BoundRoute, Permission, Principal } from '@automatos/contracts';
import { isPlatformError, PlatformError } from '@automatos/kernel';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';
import type { EdgeState } from './edge-state.ts';
import { parseCookies } from './edge-state.ts';
import { refuseForeignWrite } from './origin-guard.ts';
import type { RateLimiter } from './rate-limit.ts';
import { createRequestLimits, type LimitSettings } from './request-limits.ts';

export interface AdmissionSettings extends LimitSettings {
  corsAllowOrigins: readonly string[];
}

export interface AdmissionDeps {
  authenticator: Authenticator;
  rateLimiter: RateLimiter;
  settings: AdmissionSettings;
}

export interface AdmissionRequest {
  edge: EdgeState;
  method: string;
  path: string;
  params: Readonly<Record<string, string | undefined>>;
  query: Record<string, unknown>;
  setHeaders(headers: Record<string, string>): void;
}

/** Probes and scrapers ask at a steady pace that nobody should have to count. */
const UNLIMITED: ReadonlySet<string> = new Set(['getHealth', 'getReady', 'getMetrics']);

/**
 * Decides before the body is read whether a request may go on: who it is, how many came, where the browser was, and
 * what the caller may do. A valid sign-in or key counts in its own window; everything else, wrong credentials
 * included, counts for the address.
 */
export function createAdmission(deps: AdmissionDeps): (request: AdmissionRequest) => Promise<void> {
  const { settings } = deps;
  const limits = createRequestLimits(deps.rateLimiter, settings);

  /** Null when nobody is proven. On public routes wrong credentials are no credentials: a stale cookie must not block the sign-in. */
  async function authenticate(
    request: AdmissionRequest,
    isPublic: boolean,
  ): Promise<Authentication | null> {
    try {
      const found = await deps.authenticator.authenticate(toAuthenticationRequest(request));
      if (found === null) await limits.address(request);
      return found;
    } catch (error) {
      if (
        !isPlatformError(error) ||
        (error.kind !== 'unauthenticated' &&
          error.kind !== 'forbidden' &&
          error.kind !== 'invalid-input')
      )
        throw error;
      await limits.address(request);
      if (isPublic) return null;
      request.edge.refusedByIdentity = true;
      throw error;
    }
  }

  return async (request) => {
    const { edge } = request;
    const spec = edge.route?.spec;
    if (spec === undefined) return limits.address(request);
    if (UNLIMITED.has(spec.operationId)) return undefined;
    await limits.route(request, spec);
    // Signed deliveries prove themselves to their handler; what their headers hold is no key of ours.
    if (spec.rawBody === true && spec.permission === 'public') return undefined;
    const found = await authenticate(request, spec.permission === 'public');
    edge.caller = found;
    if (found !== null) await limits.caller(request, found);
    refuseForeignWrite(
      { method: request.method, headers: edge.headers, proof: proofOf(found) },
      settings.corsAllowOrigins,
    );
    assertPermitted(spec.permission, found);
    edge.authentication = found;
    if (found !== null) edge.context.workspace_id = found.workspaceId;
    return undefined;
  };
}

function proofOf(found: Authentication | null): 'cookie' | 'header' | 'none' {
  if (found === null) return 'none';
  return found.viaCookie ? 'cookie' : 'header';
}

function toAuthenticationRequest(request: AdmissionRequest): AuthenticationRequest {
  const { edge } = request;
  return {
    method: request.method,
    path: request.path,
    headers: edge.headers,
    cookies: parseCookies(edge.headers['cookie']),
    query: request.query,
    pathWorkspace:
      edge.route?.spec.workspaceFrom === 'path' ? request.params['workspace_id'] : undefined,
    remoteAddress: edge.remoteAddress,
  };
}

/** Throws 401 without a principal, 403 when it lacks the permission. */
export function assertPermitted(
  permission: BoundRoute['spec']['permission'],
  authentication: Authentication | null,
): void {
  if (permission === 'public') return;
  if (authentication === null) {
    throw new PlatformError({
      code: 'auth.credentials.missing',
      kind: 'unauthenticated',
      message: 'Sign in, or send an API key as "Authorization: Bearer …" or X-API-Key.',
    });
  }
  if (permission === 'authenticated') return;
  if (!authentication.principal.permissions.has(permission satisfies Permission)) {
    throw new PlatformError({
      code: 'auth.permission.missing',
      kind: 'forbidden',
      message: missingPermission(authentication.principal, permission),
    });
  }
}

/** Keys may be narrower than their role. */
function missingPermission({ kind, role }: Principal, permission: Permission): string {
  const isNarrow = kind === 'api_key' && ROLE_PERMISSIONS[role].includes(permission);
  return isNarrow
    ? `This needs the permission ${permission}, which the scopes of this key leave out.`
    : `This needs the permission ${permission}, which the role ${role} does not have.`;
}
