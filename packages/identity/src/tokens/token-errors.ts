import { PlatformError } from '@automatos/kernel';

export function tokenInvalid(cause?: unknown): PlatformError {
  return new PlatformError({
    code: 'identity.token.invalid',
    kind: 'unauthenticated',
    message: 'This access token does not count here; sign in again for another.',
    ...(cause instanceof Error ? { cause, internalMessage: cause.message } : {}),
  });
}

export function tokenExpired(): PlatformError {
  return new PlatformError({
    code: 'identity.token.expired',
    kind: 'unauthenticated',
    message: 'This access token has run out; fetch another with the refresh token.',
  });
}

export function tokenRevoked(): PlatformError {
  return new PlatformError({
    code: 'identity.token.revoked',
    kind: 'unauthenticated',
    message: 'The session of this access token has ended, or the token was revoked; sign in again.',
  });
}

export function issuerUnknown(): PlatformError {
  return new PlatformError({
    code: 'identity.token.issuer_unknown',
    kind: 'unauthenticated',
    message:
      'This access token comes from an issuer that this installation does not know; its operator sets OIDC_ISSUER or CLERK_ISSUER.',
  });
}
