import type { SetCookie } from '@automatos/contracts';

export const SESSION_COOKIE = 'automatos_session';

type Headers = Readonly<Record<string, string | undefined>>;

/** Value of the first cookie of this name; undefined without one that can be read. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of (headers['cookie'] ?? '').split(';')) {
    const cut = pair.indexOf('=');
    if (cut === -1 || pair.slice(0, cut).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(cut + 1).trim()) || undefined;
    } catch {
      return undefined; // broken escapes: no secret of ours has any
    }
  }
  return undefined;
}

/** The secret in the session cookie. */
export function sessionTokenOf(headers: Headers): string | undefined {
  return cookieOf(headers, SESSION_COOKIE);
}

/** The cookie that carries a session; with no seconds left it takes it away. */
export function sessionCookie(token: string, maxAgeSeconds: number): SetCookie {
  return { name: SESSION_COOKIE, value: token, maxAge: maxAgeSeconds, httpOnly: true };
}
