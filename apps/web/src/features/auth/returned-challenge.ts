import type { MfaChallenge } from './auth-types.ts';

const METHODS = ['totp', 'backup_code'] as const;

/** The second step of a sign-in that began at a provider, from the part of the address behind the #; null when there is none. */
export function returnedChallenge(hash: string): MfaChallenge | null {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const challenge = given.get('challenge');
  const expiresAt = given.get('expires_at');
  if (challenge === null || expiresAt === null) return null;
  const named = (given.get('methods') ?? '').split(',');
  const methods = METHODS.filter((method) => named.includes(method));
  return { mfa_required: true, challenge, methods, expires_at: expiresAt };
}
