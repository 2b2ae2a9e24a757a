import type { DataRequest, DataRequestType } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { hasProvenSince } from '../people.ts';
import type { Account } from '../people.ts';
import { alreadyOpen, incomplete } from '../privacy-errors.ts';
import { addMonths } from './add-months.ts';
import {
  addHistory,
  findOpen,
  findRequest,
  insertRequest,
  updateRequest,
} from './request-store.ts';
import type { HistoryAction, RequestActor, RequestRow } from './request-store.ts';

/** A person who asks for themselves. */
export interface Asker {
  userId: string;
  sessionId: string | undefined;
}

export interface AskedFor {
  type: DataRequestType;
  details: string;
  corrections?: DataRequest['corrections'] | undefined;
  target?: DataRequest['target'] | undefined;
}

/** Where a request stands. */
export interface Place {
  workspaceId: WorkspaceId;
  id: string;
}

export interface StepDeps {
  database: Database;
  clock: { now(): number };
}

/** How long a proof of identity counts. */
const PROOF_MS = 10 * 60_000;

export const at = (ms: number): SQL => sql`${new Date(ms).toISOString()}::timestamptz`;

/** The request; somebody else's answers like one that is not there. */
export async function mustFind(
  tx: Tx,
  place: Place,
  { asker, lock }: { asker?: Asker | undefined; lock?: boolean } = {},
): Promise<RequestRow> {
  const row = await findRequest(tx, place, lock === true);
  if (row === null || (asker !== undefined && row.subject?.id !== asker.userId))
    throw notFound('data_request', place.id);
  return row;
}

/** Changes a request under its lock, with an entry in its history. */
export async function changeRequest(
  { database, clock }: StepDeps,
  place: Place,
  step: {
    asker?: Asker | undefined;
    action: HistoryAction;
    actor: RequestActor;
    note: string;
    /** What to set; throws where the request is not in a state for it. */
    sets: (row: RequestRow) => SQL[];
  },
): Promise<RequestRow> {
  return database.workspace(place.workspaceId, async (tx) => {
    const row = await mustFind(tx, place, { asker: step.asker, lock: true });
    await updateRequest(tx, row.id, step.sets(row));
    await addHistory(tx, { request: row, ...step, nowMs: clock.now() });
    return mustFind(tx, place);
  });
}

/** Takes a request down; throws `privacy.request.already_open` while the same one is open. */
export async function fileRequest(
  { database, clock }: StepDeps,
  workspaceId: WorkspaceId,
  asked: AskedFor & { account: Account; actor: RequestActor },
): Promise<Place> {
  assertComplete(asked);
  const nowMs = clock.now();
  const { account, actor } = asked;
  return database.workspace(workspaceId, async (tx) => {
    const open = await findOpen(tx, { workspaceId, subjectId: account.id, type: asked.type });
    if (open !== null) throw alreadyOpen(open);
    const id = await insertRequest(tx, {
      workspaceId,
      type: asked.type,
      subject: account,
      filedBy: actor.by === 'person' ? 'person' : 'administrator',
      details: asked.details,
      corrections: asked.corrections ?? null,
      target: asked.target ?? null,
      dueMs: addMonths(nowMs, 1),
      nowMs,
    });
    const request = { id, workspaceId };
    await addHistory(tx, { request, action: 'received', actor, note: '', nowMs });
    return request;
  });
}

/** Whether the person has proven themselves in this session within ten minutes. */
export async function isProven(
  { database, clock }: StepDeps,
  { sessionId, userId }: Asker,
): Promise<boolean> {
  if (sessionId === undefined) return false;
  return hasProvenSince(database, { sessionId, userId, sinceMs: clock.now() - PROOF_MS });
}

function assertComplete({ type, corrections, target }: AskedFor): void {
  const given = Object.values(corrections ?? {}).filter((value) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  if (type === 'rectification' && given.length === 0)
    throw incomplete('/corrections', 'Say what is wrong and what is right.');
  if (type !== 'rectification' && corrections !== undefined && corrections !== null)
    throw incomplete('/corrections', 'Corrections belong to requests for rectification.');
  const isNamed = (target?.processing === undefined) !== (target?.purpose === undefined);
  if (type === 'objection' && !isNamed)
    throw incomplete('/target', 'Name one activity (processing) or one consent (purpose).');
}
