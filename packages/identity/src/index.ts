export { createIdentity } from './identity-service.ts';
export type { Identity, IdentityOptions } from './identity-service.ts';
export { SESSION_COOKIE, principalOf } from './authenticator.ts';
export type { Authentication, Authenticator, Credentials } from './authenticator.ts';
export { IDENTITY_ERROR_CODES } from './error-codes.ts';
