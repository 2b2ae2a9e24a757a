import { PlatformError } from '@automatos/kernel';

/** An issuer that was asked and did not answer as it should. */
export function issuerUnavailable(issuer: string, cause: unknown): PlatformError {
  const why = cause instanceof Error ? cause.message : 'unknown reason';
  return new PlatformError({
    code: 'identity.issuer.unavailable',
    kind: 'unavailable',
    message: `The issuer ${issuer} cannot be asked at this moment; try again, or sign in another way.`,
    internalMessage: `${issuer}: ${why}`,
    cause,
  });
}

export function emailMissing(): PlatformError {
  return new PlatformError({
    code: 'identity.issuer.email_missing',
    kind: 'forbidden',
    message:
      'The issuer tells no e-mail address, and an account here needs one: sign in once with a browser, or let the issuer put the claim "email" into its tokens.',
  });
}

/** Whoever can make an account with this address elsewhere must not get into the one here by it. */
export function emailTaken(): PlatformError {
  return new PlatformError({
    code: 'identity.issuer.email_taken',
    kind: 'forbidden',
    message:
      'An account with this e-mail exists here already: sign in to it, and connect the provider under Settings.',
  });
}

export function notInvited(): PlatformError {
  return new PlatformError({
    code: 'identity.issuer.not_invited',
    kind: 'forbidden',
    message:
      'You have no account here: sign-up is closed, and no invitation waits for an address that your issuer has verified.',
  });
}

export function accountLocked(): PlatformError {
  return new PlatformError({
    code: 'identity.account.disabled',
    kind: 'forbidden',
    message: 'This account is locked; ask an administrator.',
  });
}

export function providerUnknown(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.provider_unknown',
    kind: 'not-found',
    message: 'No OpenID provider of this id is set up here; its operator sets OIDC_CLIENT_ID.',
  });
}

/** Not the browser that began, or too late, or for the second time. */
export function stateMismatch(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.state_mismatch',
    kind: 'forbidden',
    message:
      'This sign-in was not begun in this browser, was used already, or took longer than ten minutes; begin again.',
  });
}

export function denied(error: string): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.denied',
    kind: 'forbidden',
    message: 'The provider did not sign you in.',
    internalMessage: `the provider answered ${error.slice(0, 200)}`,
  });
}

export function exchangeFailed(cause: unknown): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.rejected',
    kind: 'forbidden',
    message: 'The answer of the provider does not hold; begin again, or tell your operator.',
    internalMessage: cause instanceof Error ? `${cause.name}: ${cause.message}` : 'unknown reason',
    cause,
  });
}

export function linkedElsewhere(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.linked_elsewhere',
    kind: 'conflict',
    message: 'This account of the provider belongs to another person here.',
  });
}

export function lastWayIn(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.last_way_in',
    kind: 'conflict',
    message: 'This is the last way to sign in to your account; set up another one first.',
  });
}

export function passwordStays(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.password_stays',
    kind: 'conflict',
    message: 'The password is no provider and cannot be disconnected; change it instead.',
  });
}

export function identityUnknown(): PlatformError {
  return new PlatformError({
    code: 'identity.oidc.identity_unknown',
    kind: 'not-found',
    message: 'You have no such way to sign in.',
  });
}

/** The same code as everywhere, so that pages ask for the proof and repeat the request. */
export function proofTooOld(): PlatformError {
  return new PlatformError({
    code: 'security.step_up.required',
    kind: 'forbidden',
    message:
      'To connect another way in, prove first that it is you: by a code, by your password, or by signing in again.',
  });
}
