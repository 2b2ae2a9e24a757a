import type { JsonObject, WorkspaceId } from '@automatos/kernel';

export const AUDIT_OUTCOMES = ['success', 'denied', 'failure'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export const AUDIT_ACTOR_KINDS = ['user', 'api_key', 'operator', 'anonymous', 'system'] as const;

export interface AuditActor {
  kind: (typeof AUDIT_ACTOR_KINDS)[number];
  /** Empty for anonymous callers. */
  id: string;
  name: string;
  ip?: string | undefined;
  userAgent?: string | undefined;
}

export interface AuditTarget {
  /** Noun in snake_case, e.g. `api_key`. */
  type: string;
  /** Empty when the action has no single target. */
  id: string;
  name: string;
}

/** Something that happened, before it is a row: sequence, time and hashes come from the log. */
export interface AuditEntry {
  /** UUIDv7; the same entry sent twice becomes one row. */
  id: string;
  workspaceId: WorkspaceId;
  actor: AuditActor;
  /** `area.verb`, e.g. `api_key.create`. */
  action: string;
  target: AuditTarget;
  outcome: AuditOutcome;
  requestId: string;
  /** Redacted and bounded when it is stored; never a body, never a secret. */
  details: JsonObject;
}

/** What of a row tells a person; the chain holds only its hash. */
export interface AuditPersonal extends JsonObject {
  /** Random, so that the hash tells nothing of data that were erased. */
  nonce: string;
  name: string;
  ip: string;
  user_agent: string;
  /** Name of the target; in the form itself up to version 1. */
  target_name?: string;
}

/** A row as it is stored and hashed. */
export interface AuditRow {
  workspaceId: string;
  sequence: number;
  id: string;
  version: number;
  /** RFC 3339 UTC with milliseconds, by the database's clock. */
  at: string;
  actorKind: AuditActor['kind'];
  actorId: string;
  action: string;
  target: AuditTarget;
  outcome: AuditOutcome;
  requestId: string;
  details: JsonObject;
  /** Null once erased. */
  personal: AuditPersonal | null;
  personalHash: string;
  prevHash: string;
  hash: string;
}
