import type { Credentials } from './types.ts';

const BEARER = /^Bearer\s+(\S+)$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What stands in `Authorization: Bearer`; undefined without one. */
export function presentedBearer(headers: Credentials['headers']): string | undefined {
  return BEARER.exec(headers['authorization'] ?? '')?.[1];
}

/** The bearer when it has the form of a JWT, whether or not it is a good one; then it is never tried as an API key. */
export function presentedJwt(headers: Credentials['headers']): string | undefined {
  const bearer = presentedBearer(headers);
  return bearer !== undefined && isJwt(bearer) ? bearer : undefined;
}

/** Three parts, of which the first is the JSON of a header that names an algorithm. */
export function isJwt(text: string): boolean {
  if (!JWT.test(text)) return false;
  const first = text.slice(0, text.indexOf('.'));
  try {
    const header: unknown = JSON.parse(Buffer.from(first, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false; // no JSON: some other kind of secret with two dots in it
  }
}
