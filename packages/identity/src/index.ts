export { createIdentity } from './identity-service.ts';
export type { Identity, IdentityOptions } from './identity-service.ts';
export { SESSION_COOKIE } from './authentication/session-cookie.ts';
export { presentedJwt } from './authentication/presented-token.ts';
export type { Authenticator } from './authentication/authenticator.ts';
export { principalOf } from './authentication/types.ts';
export type { Authentication, Credentials } from './authentication/types.ts';
export {
  annotateAudit,
  createAuditLog,
  createAuditRoutes,
  currentAuditScope,
  erasePersonal,
  runInAuditScope,
  verifyChain,
} from './audit/index.ts';
export type {
  AuditActor,
  AuditBreak,
  AuditEntry,
  AuditLog,
  AuditOutcome,
  AuditRow,
  AuditScope,
  AuditTarget,
  AuditVerification,
} from './audit/index.ts';
export { isLoopback } from './authentication/without-sign-in.ts';
export { makeTenantWorkspace } from './workspaces/workspace-store.ts';
export type { WorkspaceContents } from './workspaces/workspace-ports.ts';
export type { IssuerOptions } from './oidc/create-oidc.ts';
export type { IssuerFetch } from './oidc/issuer-fetch.ts';
export type { TokenOptions } from './tokens/create-tokens.ts';
export { IDENTITY_ERROR_CODES } from './error-codes.ts';
export { createCredentials } from './credentials/create-credentials.ts';
export type {
  Credentials as CredentialRoom,
  CredentialsDeps,
} from './credentials/create-credentials.ts';
export { createFixedKeyRing, joinKeyRings } from './credentials/key-ring.ts';
export type { KeyRing } from './credentials/key-ring.ts';
export { createFileKeyRing } from './credentials/file-key-ring.ts';
export type { AccessPorts } from './credentials/testing-access/access-ports.ts';
export type { UsedCredential } from './credentials/use-credentials.ts';
export type { VaultOptions } from './credentials/vault-secret-store.ts';
export type { VendorKey } from './credentials/vendor-keys.ts';
export {
  attackRefused,
  createThreats,
  keptOut,
  stepUpRequired,
  throttled,
} from './threats/index.ts';
export type {
  Assessment as ThreatAssessment,
  RequestEnd,
  RequestFacts,
  ThreatCaller,
  Threats,
  ThreatsDeps,
} from './threats/index.ts';
export { createPrivacy } from './privacy/create-privacy.ts';
export type { Privacy, PrivacyDeps } from './privacy/create-privacy.ts';
export { tableRetention } from './privacy/retention-category.ts';
export type { RetentionCategory } from './privacy/retention-category.ts';
export { identityPersonalData } from './privacy/holders/identity-holders.ts';
