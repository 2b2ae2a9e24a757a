import { AsyncLocalStorage } from 'node:async_hooks';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { AuditActor, AuditTarget } from './audit-types.ts';

/** What the entry of the request under way will say; the edge begins it, whoever knows better fills it in. */
export interface AuditScope {
  /** Id of the entry, and so of its row. */
  readonly id: string;
  readonly requestId: string;
  readonly action: string;
  workspaceId: WorkspaceId;
  actor: AuditActor;
  target: AuditTarget;
  details: JsonObject;
  /** True once the row was appended in the transaction of the change: then a success needs no other. */
  appended: boolean;
}

const storage = new AsyncLocalStorage<AuditScope>();

/** Runs `work` so that rooms below it can tell more of what they do by {@link annotateAudit}. */
export function runInAuditScope<T>(scope: AuditScope, work: () => T): T {
  return storage.run(scope, work);
}

/** The entry of the request that this code runs for; undefined outside of one that is recorded. */
export function currentAuditScope(): AuditScope | undefined {
  return storage.getStore();
}

/** Tells more of the request under way; nothing happens outside of one. `details` are added to those that are there. */
export function annotateAudit(
  more: Partial<Pick<AuditScope, 'workspaceId' | 'target' | 'details'>> & {
    actor?: Partial<AuditActor>;
  },
): void {
  const scope = storage.getStore();
  if (scope === undefined) return;
  const { details, actor, ...rest } = more;
  Object.assign(scope, rest);
  scope.actor = { ...scope.actor, ...actor };
  if (details !== undefined) scope.details = { ...scope.details, ...details };
}
