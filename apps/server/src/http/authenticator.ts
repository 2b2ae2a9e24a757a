import type { Principal } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';

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

export interface Authentication {
  principal: Principal;
  /** The workspace the request works in, resolved from header, query and defaults. */
  workspaceId: WorkspaceId;
  /** True when a browser sent the proof by itself, so that other sites could make it do so. */
  viaCookie: boolean;
  /** Session behind it, for people. */
  sessionId?: string | undefined;
  /** When the person last proved themselves in that session, in milliseconds of the epoch. */
  verifiedAt?: number | undefined;
  /** Requests per minute of this caller, when other than the installation's. */
  rateLimitPerMinute?: number | undefined;
}

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
