export { createAuditLog } from './audit-log.ts';
export type { AuditLog } from './audit-log.ts';
export { annotateAudit, currentAuditScope, runInAuditScope } from './audit-scope.ts';
export type { AuditScope } from './audit-scope.ts';
export { createAuditRoutes } from './audit-handlers.ts';
export { erasePersonal } from './audit-store.ts';
export { verifyChain } from './verify-chain.ts';
export type { AuditBreak, AuditVerification } from './verify-chain.ts';
export type { AuditActor, AuditEntry, AuditOutcome, AuditRow, AuditTarget } from './audit-types.ts';
