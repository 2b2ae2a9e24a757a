import type { IncomingMessage } from 'node:http';
import { isPlatformError, PlatformError, type Logger } from '@automatos/kernel';
import type {
  Authentication,
  AuthenticationRequest,
  Authenticator,
} from '../http/authenticator.ts';
import { clientAddress, type TrustTest } from '../http/client-address.ts';
import { flatHeaders, parseCookies } from '../http/edge-state.ts';
import { isOwnOrigin } from '../http/origin-guard.ts';

export interface IdentifyDeps {
  authenticator: Authenticator;
  corsAllowOrigins: readonly string[];
  isTrusted: TrustTest;
}

export interface IdentifiedClient {
  authentication: Authentication;
  /** Null for tickets, which prove somebody once. */
  proof: AuthenticationRequest | null;
}

const TICKET = /^ticket\.(\S+)$/;

/** Who opens the WebSocket: by ticket, by header, or by the cookie of a page of this site. Throws 401 or 403. */
export async function identifyClient(
  deps: IdentifyDeps,
  request: IncomingMessage,
): Promise<IdentifiedClient> {
  const headers = flatHeaders(request);
  const ticket = offeredTicket(headers['sec-websocket-protocol']);
  if (ticket !== undefined) {
    const authentication = await deps.authenticator.redeemTicket(ticket);
    if (authentication === null)
      throw unauthenticated('The ticket is unknown, used or expired; fetch a new one.');
    return { authentication, proof: null };
  }
  const proof: AuthenticationRequest = {
    method: 'GET',
    path: '/ws',
    headers,
    cookies: parseCookies(headers['cookie']),
    query: {},
    remoteAddress: clientAddress(
      request.socket.remoteAddress,
      headers['x-forwarded-for'],
      deps.isTrusted,
    ),
  };
  const authentication = await deps.authenticator.authenticate(proof);
  if (authentication === null)
    throw unauthenticated('Open the WebSocket with a ticket, an API key or a session.');
  if (authentication.viaCookie && !isOwnOrigin(headers, deps.corsAllowOrigins)) {
    throw new PlatformError({
      code: 'http.origin.forbidden',
      kind: 'forbidden',
      message: 'This WebSocket was opened by a page of another site.',
    });
  }
  return { authentication, proof };
}

/** False when what proved the client holds no more. An identity store that is away proves nothing against the client. */
export async function isStillKnown(
  deps: { authenticator: Authenticator; logger: Logger },
  { authentication, proof }: IdentifiedClient,
): Promise<boolean> {
  try {
    if (proof === null) return await deps.authenticator.stillHolds(authentication);
    return (await deps.authenticator.authenticate(proof)) !== null;
  } catch (error) {
    if (isPlatformError(error) && (error.kind === 'unauthenticated' || error.kind === 'forbidden'))
      return false;
    deps.logger.warn(
      { reason: (error as Error).message },
      'a WebSocket could not be checked again',
    );
    return true;
  }
}

function offeredTicket(protocols: string | undefined): string | undefined {
  for (const offered of (protocols ?? '').split(',')) {
    const ticket = TICKET.exec(offered.trim())?.[1];
    if (ticket !== undefined) return ticket;
  }
  return undefined;
}

function unauthenticated(message: string): PlatformError {
  return new PlatformError({ code: 'auth.credentials.missing', kind: 'unauthenticated', message });
}
