import type { AuditEntryView } from '@automatos/contracts';
import { csvLine } from '@automatos/kernel';
import { hashedForm } from './audit-hash.ts';
import type { AuditRow } from './audit-types.ts';

/** A row on the wire: the form that is hashed, with what its hash was made of beside it. From version 2 on `target.name` is only shown: it comes from `personal`. */
export function presentAuditRow(row: AuditRow): AuditEntryView {
  return {
    ...hashedForm(row),
    target: row.target,
    personal: row.personal,
    hash: row.hash,
  } as unknown as AuditEntryView;
}

export const CSV_COLUMNS = [
  'sequence',
  'at',
  'outcome',
  'action',
  'actor_kind',
  'actor_id',
  'actor_name',
  'ip',
  'user_agent',
  'target_type',
  'target_id',
  'target_name',
  'request_id',
  'details',
  'id',
  'version',
  'personal_hash',
  'prev_hash',
  'hash',
] as const;

/** One line of the table for spreadsheets. */
export function toCsvLine(row: AuditRow): string {
  const cells: Record<(typeof CSV_COLUMNS)[number], string> = {
    sequence: String(row.sequence),
    at: row.at,
    outcome: row.outcome,
    action: row.action,
    actor_kind: row.actorKind,
    actor_id: row.actorId,
    actor_name: row.personal?.name ?? '',
    ip: row.personal?.ip ?? '',
    user_agent: row.personal?.user_agent ?? '',
    target_type: row.target.type,
    target_id: row.target.id,
    target_name: row.target.name,
    request_id: row.requestId,
    details: JSON.stringify(row.details),
    id: row.id,
    version: String(row.version),
    personal_hash: row.personalHash,
    prev_hash: row.prevHash,
    hash: row.hash,
  };
  return csvLine(CSV_COLUMNS.map((name) => cells[name]));
}
