import { PlatformError } from '@automatos/kernel';
import type { ErrorKind } from '@automatos/kernel';

function codeError(code: string, message: string, kind: ErrorKind = 'forbidden'): PlatformError {
  return new PlatformError({
    code,
    kind,
    message,
    errors: [{ pointer: '/code', message: 'is not accepted' }],
  });
}

/** `kind` is `unauthenticated` where nobody is signed in yet. */
export const codeWrong = (kind?: ErrorKind): PlatformError =>
  codeError('identity.mfa.code_wrong', 'The code is wrong.', kind);

export const codeUsed = (kind?: ErrorKind): PlatformError =>
  codeError(
    'identity.mfa.code_used',
    'This code was used already; wait for the next one of your authenticator.',
    kind,
  );

function conflict(code: string, message: string): PlatformError {
  return new PlatformError({ code, kind: 'conflict', message });
}

export const notEnabled = (): PlatformError =>
  conflict('identity.mfa.not_enabled', 'Your account has no second factor; set one up first.');

export const alreadyEnabled = (): PlatformError =>
  conflict(
    'identity.mfa.enabled',
    'Your account has a second factor already; turn it off before you set up another.',
  );

export const notPending = (): PlatformError =>
  conflict(
    'identity.mfa.not_pending',
    'There is nothing to confirm, or the ten minutes are over; begin again.',
  );
