import type { Approval } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid, notFound } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { RunLog } from '../run-log.ts';
import type { Approver, Runs } from '../types.ts';
import {
  findApproval,
  isApprover,
  listApprovals,
  settleApproval,
  toApproval,
} from './approval-store.ts';
import type { ApprovalRow } from './approval-store.ts';
import { checkApprovalValues } from './approval-values.ts';

/** Where people see and decide what runs ask them. */
export function createApprovalDesk(deps: {
  database: Database;
  log: RunLog;
}): Pick<Runs, 'approvals' | 'decide'> {
  const { database, log } = deps;
  return {
    async approvals(workspaceId, filter) {
      const { rows, nextCursor } = await database.workspace(workspaceId, (tx) =>
        listApprovals(tx, filter),
      );
      return { items: rows.map((row) => toApproval(row, filter.approver)), nextCursor };
    },
    async decide(workspaceId, approvalId, decision) {
      const { approver, comment } = decision;
      const { run_id: runId } = await mustFind(database, workspaceId, approvalId);
      return log.change({ workspaceId, runId }, async (tx) => {
        const row = await openFor(tx, approvalId, approver);
        const approved = decision.decision === 'approve';
        const values = approved ? checkedValues(row, decision.values) : null;
        const status = approved ? 'approved' : 'rejected';
        const by = approver.name;
        await settleApproval(tx, approvalId, { status, by, comment, values });
        const decided = (await findApproval(tx, { id: approvalId })) as ApprovalRow;
        return {
          result: toApproval(decided, approver),
          events: [decidedEvent(row, { decision: status, by: approver, comment })],
          tell: 'signal',
        };
      });
    },
  };
}

async function mustFind(
  database: Database,
  workspaceId: WorkspaceId,
  approvalId: string,
): Promise<ApprovalRow> {
  const row = isUuid(approvalId)
    ? await database.workspace(workspaceId, (tx) => findApproval(tx, { id: approvalId }))
    : null;
  if (!row) throw notFound('approval', approvalId);
  return row;
}

/** The approval if this person may decide it now; the lock of its run is held. */
async function openFor(tx: Tx, approvalId: string, approver: Approver): Promise<ApprovalRow> {
  const row = await findApproval(tx, { id: approvalId });
  if (!row) throw notFound('approval', approvalId);
  if (!isApprover(row, approver)) throw notAllowed(row);
  if (row.status === 'timed_out' || (row.status === 'open' && row.left_ms <= 0)) throw expired(row);
  if (row.status !== 'open') throw alreadyDecided(row);
  return row;
}

function checkedValues(row: ApprovalRow, values: JsonObject | undefined): JsonObject | null {
  if (row.fields !== null) {
    checkApprovalValues(row.fields, values ?? {});
    return values ?? {};
  }
  if (values === undefined || Object.keys(values).length === 0) return null;
  throw new PlatformError({
    code: 'runs.approval.values_invalid',
    kind: 'invalid-input',
    message: 'This approval asks for no values; decide without them.',
    errors: [{ pointer: '/values', message: 'nothing was asked for' }],
  });
}

/** The event that ends an approval, once per request. */
export function decidedEvent(
  row: Pick<ApprovalRow, 'id' | 'wait_key' | 'step_id'>,
  end: {
    decision: 'approved' | 'rejected' | 'timed_out' | 'cancelled';
    by: { kind: string; name: string };
    comment?: string | undefined;
  },
) {
  return {
    type: 'approval.decided' as const,
    key: `approval:${row.wait_key}:decided`,
    stepId: row.step_id,
    data: {
      approval_id: row.id,
      decision: end.decision,
      by: { kind: end.by.kind, name: end.by.name },
      ...(end.comment === undefined ? {} : { comment: end.comment }),
    },
  };
}

function alreadyDecided(row: ApprovalRow): PlatformError {
  const by = row.decided_by === null ? '' : ` by ${row.decided_by}`;
  const how =
    row.status === 'cancelled' ? 'was closed, because its step ended' : `was ${row.status}${by}`;
  return new PlatformError({
    code: 'runs.approval.already_decided',
    kind: 'conflict',
    message: `This approval ${how}; nothing was changed.`,
    details: { status: row.status satisfies Approval['status'] },
  });
}

function expired(row: ApprovalRow): PlatformError {
  return new PlatformError({
    code: 'runs.approval.expired',
    kind: 'conflict',
    message: `The time for this approval ran out at ${new Date(row.due_at).toISOString()}; nothing was changed.`,
  });
}

function notAllowed(row: ApprovalRow): PlatformError {
  const { roles = [], users = [] } = row.approvers ?? {};
  return new PlatformError({
    code: 'runs.approval.not_allowed',
    kind: 'forbidden',
    message: `Only these may decide this approval: ${[...roles, ...users].join(', ')}.`,
  });
}
