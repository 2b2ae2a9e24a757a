import { isIP } from 'node:net';
import { asOperator } from './as-operator.ts';
import type { Authenticator } from './authenticator.ts';
import { SESSION_COOKIE } from './session-cookie.ts';
import type { AuthenticationDeps, Credentials } from './types.ts';

/** What a proxy adds: whoever is behind one is not at this machine, whatever the Host header says. */
const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/**
 * Returns an authenticator for `REQUIRE_AUTH=false`: who sends no credentials from this machine is the operator. The request has to
 * name a loopback address as its host, because a page of a stranger may point a name of its own at this machine; and it counts
 * like one by cookie, so that pages of other sites cannot write. Wrong credentials stay wrong.
 */
export function withoutSignIn(
  inner: Authenticator,
  deps: Pick<AuthenticationDeps, 'database' | 'defaultWorkspaceId' | 'defaultTenantId'>,
): Authenticator {
  return {
    ...inner,
    async authenticate(request) {
      const found = await inner.authenticate(request);
      if (found !== null || !isFromHere(request)) return found;
      return { ...(await asOperator(deps, request)), viaCookie: true };
    },
  };
}

function isFromHere({ headers, cookies, remoteAddress }: Credentials): boolean {
  const showsSomething =
    headers['authorization'] !== undefined ||
    headers['x-api-key'] !== undefined ||
    cookies[SESSION_COOKIE] !== undefined;
  if (showsSomething || PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(remoteAddress ?? '') && isLoopback(hostOf(headers['host']));
}

/** Without its port and brackets. */
function hostOf(header: string | undefined): string {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return parts?.[1] ?? parts?.[2] ?? '';
}

/** True for localhost and for addresses that no other machine can reach. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:/, '');
  if (plain === 'localhost' || plain === '::1') return true;
  return isIP(plain) === 4 && plain.startsWith('127.');
}
