import type { Database } from '@automatos/database';
import { PlatformError, newId } from '@automatos/kernel';
import { decidedEvent } from './approval-desk.ts';
import { findApproval, insertApproval, settleApproval } from './approval-store.ts';
import type { ApprovalRow } from './approval-store.ts';
import { lookUntil, mustBeMine, persistently } from '../run-waits.ts';
import type { RunWaits, WaitSite } from '../run-waits.ts';
import type { RunLog } from '../run-log.ts';
import type { ApprovalOutcome, ApprovalRequest } from '../types.ts';
import type { WaitHub } from '../wait-hub.ts';

interface Deps {
  database: Database;
  log: RunLog;
  hub: WaitHub;
}

/** The waiting side of an approval: asks once, then looks until somebody has decided or the time has run out. */
export function createApprovalWait(deps: Deps): RunWaits['approval'] {
  return async (site, request) => {
    const id = await persistently(site, () => ask(deps, site, request));
    const watch = deps.hub.watch({ kind: 'approval', id });
    const look = async () => {
      const row = await read(deps, site, id);
      if (row.status === 'open' && row.left_ms > 0) return { waitMs: row.left_ms };
      // The database decides whether it has run out, and the row's lock that only one of decision and clock counts.
      return { found: outcomeOf(row.status === 'open' ? await expire(deps, site, row) : row) };
    };
    return lookUntil(site, { watch, look, abandon: () => close(deps, site, id) });
  };
}

/** Row and event in one transaction; the id of the row that stands there already after a crash. */
async function ask(deps: Deps, site: WaitSite, request: ApprovalRequest): Promise<string> {
  const { runId, workspaceId } = site;
  return deps.log.change(site, async (tx, locked) => {
    mustBeMine(site, locked);
    const id = newId();
    const made = await insertApproval(tx, { id, workspaceId, runId }, request);
    if (!made) {
      const row = await findApproval(tx, { runId, key: request.key });
      return { result: row?.id ?? id, events: [] };
    }
    const asked = {
      type: 'step.waiting_approval' as const,
      key: `approval:${request.key}:requested`,
      stepId: request.stepId,
      data: {
        approval_id: id,
        title: request.title,
        message: request.message,
        due_at: made.dueAt,
        ...(request.fields === undefined ? {} : { fields: request.fields }),
      },
    };
    return { result: id, events: [asked] };
  });
}

async function read(deps: Deps, site: WaitSite, id: string): Promise<ApprovalRow> {
  const row = await deps.database.workspace(site.workspaceId, (tx) => findApproval(tx, { id }));
  if (!row) throw gone();
  return row;
}

const CLOCK = { kind: 'system', name: 'time limit' };

function expire(deps: Deps, site: WaitSite, row: ApprovalRow): Promise<ApprovalRow> {
  return end(deps, site, { id: row.id, status: 'timed_out', by: CLOCK });
}

/** The step ends without a decision: nobody is asked any more. */
async function close(deps: Deps, site: WaitSite, id: string): Promise<void> {
  await end(deps, site, {
    id,
    status: 'cancelled',
    by: { kind: 'system', name: 'end of the step' },
  });
}

function end(
  deps: Deps,
  site: WaitSite,
  { id, status, by }: { id: string; status: 'timed_out' | 'cancelled'; by: typeof CLOCK },
): Promise<ApprovalRow> {
  return deps.log.change(site, async (tx, locked) => {
    mustBeMine(site, locked);
    const ended = await settleApproval(tx, id, { status });
    const row = await findApproval(tx, { id });
    if (!row) throw gone();
    return { result: row, events: ended ? [decidedEvent(row, { decision: status, by })] : [] };
  });
}

function outcomeOf(row: ApprovalRow): ApprovalOutcome {
  if (row.status === 'open' || row.status === 'cancelled') {
    throw new PlatformError({
      code: 'runs.approval.closed',
      kind: 'cancelled',
      message: `The approval "${row.title}" was closed without a decision.`,
    });
  }
  return {
    decision: row.status,
    by: row.decided_by,
    comment: row.comment,
    values: row.values,
    decidedAt: new Date(row.decided_at ?? row.due_at).toISOString(),
  };
}

function gone(): PlatformError {
  return new PlatformError({
    code: 'runs.approval.closed',
    kind: 'cancelled',
    message: 'The approval that this run waits for does not exist any more.',
  });
}
