import { PlatformError } from '@automatos/kernel';
import type { PlatformErrorOptions } from '@automatos/kernel';
import type { IDENTITY_ERROR_CODES } from '../error-codes.ts';

type Code = Extract<
  keyof typeof IDENTITY_ERROR_CODES,
  `credentials.${string}` | `encryption.${string}`
>;

/** An anticipated failure of this room. Callers write no secret into it. */
export function credentialError(
  code: Code,
  options: Omit<PlatformErrorOptions, 'code'>,
): PlatformError {
  return new PlatformError({ code, ...options });
}

export function credentialNotFound(message: string): PlatformError {
  return credentialError('credentials.credential.not_found', { kind: 'not-found', message });
}

export function stale(
  row: { id: string },
  stored: { name: string; version: number } | undefined,
): PlatformError {
  if (stored === undefined)
    return credentialNotFound(`No credential "${row.id}" in this workspace.`);
  return credentialError('credentials.credential.version_mismatch', {
    kind: 'conflict',
    message: `Credential "${stored.name}" was changed meanwhile: it is at version ${stored.version}. Read it again and repeat the change.`,
    details: { version: stored.version },
  });
}

export function nameTaken(name: string): PlatformError {
  return credentialError('credentials.name.taken', {
    kind: 'conflict',
    message: `There is a credential "${name}" already; choose another name.`,
    errors: [{ pointer: '/name', message: 'is taken' }],
  });
}

export function inUse(row: { name: string }, users: readonly string[]): PlatformError {
  return credentialError('credentials.credential.in_use', {
    kind: 'conflict',
    message: `Credential "${row.name}" is needed by ${users.join(', ')}; give them another one first.`,
    details: { users: [...users] },
  });
}
