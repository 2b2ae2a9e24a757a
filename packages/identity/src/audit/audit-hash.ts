import type { JsonObject } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import type { AuditPersonal, AuditRow } from './audit-types.ts';
import { toCanonicalJson } from './canonical-json.ts';

/** `prev_hash` of the first row of a workspace. */
export const NO_HASH = '0'.repeat(64);

/**
 * Version of the form below; another form gets another number, and old rows keep theirs. Up to version 1 the target's name stood in
 * the form itself; since version 2 it stands in `personal`, because names of things hold names of people.
 */
export const AUDIT_VERSION = 2;

/** What the hash of a row covers: all but `personal`, of which it covers the hash, and the hash itself. */
export function hashedForm(row: Omit<AuditRow, 'hash' | 'personal'>): JsonObject {
  return {
    version: row.version,
    workspace_id: row.workspaceId,
    sequence: row.sequence,
    id: row.id,
    at: row.at,
    actor: { kind: row.actorKind, id: row.actorId },
    action: row.action,
    target: {
      type: row.target.type,
      id: row.target.id,
      ...(row.version === 1 ? { name: row.target.name } : {}),
    },
    outcome: row.outcome,
    request_id: row.requestId,
    details: row.details,
    personal_hash: row.personalHash,
    prev_hash: row.prevHash,
  };
}

/** Hex SHA-256 of a row. */
export function rowHash(row: Omit<AuditRow, 'hash' | 'personal'>): string {
  return sha256(toCanonicalJson(hashedForm(row)));
}

/** Hex SHA-256 of a person's data of a row. */
export function personalHash(personal: AuditPersonal): string {
  return sha256(toCanonicalJson(personal));
}
