import type { DataRequest } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { readExports, readHistory } from './request-store.ts';
import type { RequestRow } from './request-store.ts';

/** States in which something is still to be done. */
export const OPEN: ReadonlySet<string> = new Set(['received', 'verified', 'in_progress']);

/** Requests of one workspace on the wire, with their history and what they brought. */
export async function presentRequests(
  { database, clock }: { database: Pick<Database, 'workspaceReads'>; clock: { now(): number } },
  rows: readonly RequestRow[],
): Promise<DataRequest[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const ids = rows.map(({ id }) => id);
  const nowMs = clock.now();
  const { history, exports } = await database.workspaceReads(first.workspaceId, async (tx) => ({
    history: await readHistory(tx, ids),
    exports: await readExports(tx, ids, nowMs),
  }));
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    status: row.status,
    subject: row.subject,
    filed_by: row.filedBy,
    details: row.details,
    corrections: row.corrections,
    target: row.target,
    received_at: row.receivedAt.toISOString(),
    due_at: row.dueAt.toISOString(),
    overdue: OPEN.has(row.status) && row.dueAt.getTime() < nowMs,
    extension_reason: row.extensionReason,
    verification:
      row.verificationMethod === null || row.verifiedAt === null
        ? null
        : {
            method: row.verificationMethod,
            note: row.verificationNote,
            at: row.verifiedAt.toISOString(),
          },
    refusal_reason: row.refusalReason,
    closed_at: row.closedAt?.toISOString() ?? null,
    result: row.result as DataRequest['result'],
    export: exports.get(row.id) ?? null,
    history: history.get(row.id) ?? [],
  }));
}
