import type { Authentication } from '@automatos/identity';

/** What of a request may prove who sent it. */
export interface AuthenticationRequest {
  method: string;
  /** Without the query string. */
  path: string;
  /** Lower-case names; repeated headers joined by commas. */
  headers: Readonly<Record<string, string | undefined>>;
  cookies: Readonly<Record<string, string>>;
  query: Readonly<Record<string, unknown>>;
  /** Workspace that the path names, on routes whose contract says so; it decides before everything else. */
  pathWorkspace?: string | undefined;
  /** Forwarded addresses honoured only from trusted proxies. */
  remoteAddress: string;
}

export type { Authentication };

/**
 * Filled by the identity room. Null when the request carries no credentials; throws `unauthenticated` for wrong or
 * expired ones and `forbidden` when the caller is no member of the workspace it names.
 */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<Authentication | null>;
  /** Uses a WebSocket ticket up; null when it is unknown, used or expired. */
  redeemTicket(ticket: string): Promise<Authentication | null>;
  /** Whether what a ticket proved is still so: the session or key lives, and the person is a member in the same role. */
  stillHolds(authentication: Authentication): Promise<boolean>;
}
