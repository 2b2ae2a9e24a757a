import type { RequestFacts } from './threat-types.ts';

/** Operations that try to prove somebody. */
const SIGN_INS: ReadonlySet<string> = new Set([
  'signIn',
  'verifyMfa',
  'stepUp',
  'createToken',
  'signUp',
]);

export function isSignIn({ operationId }: Pick<RequestFacts, 'operationId'>): boolean {
  return SIGN_INS.has(operationId);
}

/** Account that a request wants to prove; null when it does not say. */
export function accountOf({ body }: Pick<RequestFacts, 'body'>): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { email } = body as { email?: unknown };
  return typeof email === 'string' ? email.trim().toLowerCase().slice(0, 200) : null;
}

const ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\/\d{1,12}(?=\/|$)/gi;

/** Ids and numbers in a path, at most 4. */
export function idsIn(path: string): string[] {
  if (path.length > 500) return [];
  return (path.match(ID) ?? []).slice(0, 4);
}
