import { NextResponse, type NextRequest } from 'next/server';

// oxlint-disable-next-line node/no-process-env -- Next replaces it with a constant at build time
const DEVELOPMENT = process.env.NODE_ENV === 'development';

function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
}

/** Strict policy of a page: only scripts that carry this request's nonce, or that those load, may run. */
function contentSecurityPolicy(nonce: string, host: string | null): string {
  // 'self' covers WebSockets of the same host in current browsers, older ones want them named.
  const sockets =
    host !== null && /^[\w.:[\]-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : '';
  const evaluation = DEVELOPMENT ? " 'unsafe-eval'" : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluation}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${sockets}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Gives each page request its nonce; Next puts it on its own scripts because it reads this header of the request. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = newNonce();
  const policy = contentSecurityPolicy(nonce, request.headers.get('host'));
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = {
  matcher: [{ source: '/((?!_next/static|_next/image|icon.svg|favicon.ico).*)' }],
};
