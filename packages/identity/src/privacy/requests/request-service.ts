import type { DataRequest, DataRequestType } from '@automatos/contracts';
import { invalidInput, isPlatformError, notFound } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Database, Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import {
  alreadyOpen,
  extendedAlready,
  incomplete,
  notAMember,
  stepUpRequired,
  wrongStatus,
} from '../privacy-errors.ts';
import { addMonths } from './add-months.ts';
import type { RequestExecution } from './execute-request.ts';
import {
  addHistory,
  findExport,
  findOpen,
  findRequest,
  insertRequest,
  listRequests,
  readExports,
  readHistory,
  updateRequest,
} from './request-store.ts';
import type { HistoryAction, RequestActor, RequestFilter, RequestRow } from './request-store.ts';
import { findAccountById, findMemberByEmail } from './subject.ts';
import type { Account } from './subject.ts';

/** A person who asks for themselves. */
export interface Asker {
  userId: string;
  sessionId: string | undefined;
}

/** Somebody who deals with requests of others. */
export interface Administrator {
  id: string;
  mayChangePlatform: boolean;
}

export interface AskedFor {
  type: DataRequestType;
  details: string;
  corrections?: DataRequest['corrections'] | undefined;
  target?: DataRequest['target'] | undefined;
}

interface Place {
  workspaceId: WorkspaceId;
  id: string;
}

/** Requests of people about their data, from receipt to answer. */
export interface RequestService {
  /** One more than `limit` when there is a next page. */
  list(workspaceId: WorkspaceId, filter: RequestFilter): Promise<RequestRow[]>;
  present(rows: readonly RequestRow[]): Promise<DataRequest[]>;
  get(place: Place, asker?: Asker): Promise<DataRequest>;
  fileOwn(workspaceId: WorkspaceId, asker: Asker, asked: AskedFor): Promise<DataRequest>;
  fileFor(
    workspaceId: WorkspaceId,
    by: Administrator,
    asked: AskedFor & { email: string },
  ): Promise<DataRequest>;
  verifyOwn(place: Place, asker: Asker): Promise<DataRequest>;
  verify(place: Place, by: Administrator, note: string): Promise<DataRequest>;
  execute(place: Place, by: Administrator, note: string): Promise<DataRequest>;
  refuse(place: Place, by: Administrator, reason: string): Promise<DataRequest>;
  extend(
    place: Place,
    by: Administrator,
    extension: { months: number; reason: string },
  ): Promise<DataRequest>;
  withdraw(place: Place, asker: Asker): Promise<DataRequest>;
  /** Content of an export, for the person, or for whoever executed a request that was taken down. */
  fetch(place: Place, who: Asker | Administrator, format: 'json' | 'markdown'): Promise<string>;
  /** Notes something in the history of a request. */
  note(
    place: Place,
    entry: { action: HistoryAction; actor: RequestActor; note: string },
  ): Promise<void>;
}

export interface RequestServiceDeps {
  database: Database;
  clock: { now(): number };
  execution: RequestExecution;
}

/** How long a proof of identity counts. */
const PROOF_MS = 10 * 60_000;
/** Done at once when the person has proven themselves: nothing has to be weighed. */
const AUTOMATIC: ReadonlySet<DataRequestType> = new Set(['access', 'portability']);
const OPEN: ReadonlySet<string> = new Set(['received', 'verified', 'in_progress']);
const SYSTEM: RequestActor = { by: 'system', id: '' };

const person = ({ userId }: Asker): RequestActor => ({ by: 'person', id: userId });
const administrator = ({ id }: Administrator): RequestActor => ({ by: 'administrator', id });
const isAsker = (who: Asker | Administrator): who is Asker => 'userId' in who;

export function createRequestService(deps: RequestServiceDeps): RequestService {
  const { database, clock } = deps;
  const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
  const present = (rows: readonly RequestRow[]) => presentAll(deps, rows);
  const get = async (place: Place, asker?: Asker) => {
    const [shown] = await present([await database.system((tx) => mustFind(tx, place, { asker }))]);
    return shown as DataRequest;
  };

  /** Changes a request under its lock, with an entry in its history. */
  async function change(
    place: Place,
    step: {
      asker?: Asker;
      action: HistoryAction;
      actor: RequestActor;
      note: string;
      sets(row: RequestRow, tx: Tx): Promise<ReturnType<typeof sql>[]> | ReturnType<typeof sql>[];
    },
  ): Promise<RequestRow> {
    return database.system(async (tx) => {
      const row = await mustFind(tx, place, { asker: step.asker, lock: true });
      await updateRequest(tx, row.id, await step.sets(row, tx));
      await addHistory(tx, { request: row, ...step, nowMs: clock.now() });
      return mustFind(tx, place, {});
    });
  }

  async function file(
    workspaceId: WorkspaceId,
    asked: AskedFor,
    by: { account: Account; actor: RequestActor },
  ): Promise<string> {
    assertComplete(asked);
    const nowMs = clock.now();
    const { account, actor } = by;
    return database.system(async (tx) => {
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
      await addHistory(tx, {
        request: { id, workspaceId },
        action: 'received',
        actor,
        note: '',
        nowMs,
      });
      return id;
    });
  }

  async function verifyOwn(place: Place, asker: Asker): Promise<DataRequest> {
    if (!(await isProven(deps, asker))) throw stepUpRequired();
    const row = await change(place, {
      asker,
      action: 'verified',
      actor: person(asker),
      note: 'signed in, and proven again within ten minutes',
      sets: (before) => {
        if (before.status !== 'received')
          throw wrongStatus(before.status, 'only a received one is verified.');
        return [
          sql`status = 'verified'`,
          sql`verification_method = 'session'`,
          sql`verification_note = ''`,
          sql`verified_at = ${at(clock.now())}`,
        ];
      },
    });
    return AUTOMATIC.has(row.type)
      ? execute(place, { by: SYSTEM, mayChangePlatform: false, note: '' })
      : get(place);
  }

  async function execute(
    place: Place,
    who: { by: RequestActor; mayChangePlatform: boolean; note: string },
  ): Promise<DataRequest> {
    const row = await change(place, {
      action: 'started',
      actor: who.by,
      note: who.note,
      sets: (before) => {
        if (before.status !== 'verified' && before.status !== 'in_progress')
          throw wrongStatus(
            before.status,
            before.status === 'received' ? 'verify first that it is the person.' : 'it is closed.',
          );
        return [sql`status = 'in_progress'`, sql`executed_by = ${who.by.id}`];
      },
    });
    let result: JsonObject;
    try {
      result = await deps.execution.execute(row, who);
    } catch (error) {
      const note = isPlatformError(error) ? error.code : 'internal';
      await note_(place, { action: 'failed', actor: who.by, note });
      throw error;
    }
    return finish(row, who.by, result);
  }

  /** The workspace may be gone with the person; what was done is told all the same. */
  async function finish(
    row: RequestRow,
    actor: RequestActor,
    result: JsonObject,
  ): Promise<DataRequest> {
    const nowMs = clock.now();
    const isErased = row.type === 'erasure';
    const sets = [
      sql`status = 'completed'`,
      sql`closed_at = ${at(nowMs)}`,
      sql`result = ${JSON.stringify(result)}::jsonb`,
    ];
    await database.system(async (tx) => {
      const there = await findRequest(tx, row, true);
      if (there === null) return;
      await updateRequest(tx, row.id, sets);
      const by = isErased && actor.id === row.subject?.id ? { ...actor, id: '' } : actor;
      await addHistory(tx, { request: row, action: 'completed', actor: by, note: '', nowMs });
    });
    const there = await database.system((tx) => findRequest(tx, row));
    const [shown] = await present([
      there ?? { ...row, subject: null, status: 'completed', closedAt: new Date(nowMs), result },
    ]);
    return shown as DataRequest;
  }

  const note_: RequestService['note'] = (place, entry) =>
    database.system(async (tx) => {
      const row = await findRequest(tx, place);
      if (row !== null) await addHistory(tx, { request: row, ...entry, nowMs: clock.now() });
    });

  const close = (
    place: Place,
    how: {
      action: 'refused' | 'withdrawn';
      actor: RequestActor;
      note: string;
      asker?: Asker;
      sets: ReturnType<typeof sql>[];
    },
  ) =>
    change(place, {
      ...how,
      sets: ({ status }) => {
        const may =
          how.action === 'refused'
            ? OPEN.has(status)
            : status === 'received' || status === 'verified';
        if (!may) throw wrongStatus(status, 'it can no longer be closed like that.');
        return [sql`status = ${how.action}`, sql`closed_at = ${at(clock.now())}`, ...how.sets];
      },
    });

  return {
    list: (workspaceId, filter) => database.system((tx) => listRequests(tx, workspaceId, filter)),
    present,
    get,
    async fileOwn(workspaceId, asker, asked) {
      const account = await database.system((tx) => findAccountById(tx, asker.userId));
      if (account === null) throw notFound('user', asker.userId);
      const id = await file(workspaceId, asked, { account, actor: person(asker) });
      const place = { workspaceId, id };
      return (await isProven(deps, asker)) ? verifyOwn(place, asker) : get(place);
    },
    async fileFor(workspaceId, by, { email, ...asked }) {
      const account = await database.system((tx) => findMemberByEmail(tx, workspaceId, email));
      if (account === null) throw notAMember();
      const id = await file(workspaceId, asked, { account, actor: administrator(by) });
      return get({ workspaceId, id });
    },
    verifyOwn,
    async verify(place, by, note) {
      await change(place, {
        action: 'verified',
        actor: administrator(by),
        note,
        sets: ({ status }) => {
          if (status !== 'received') throw wrongStatus(status, 'only a received one is verified.');
          return [
            sql`status = 'verified'`,
            sql`verification_method = 'administrator'`,
            sql`verification_note = ${note}`,
            sql`verified_at = ${at(clock.now())}`,
          ];
        },
      });
      return get(place);
    },
    execute: (place, { id, mayChangePlatform }, note) =>
      execute(place, { by: { by: 'administrator', id }, mayChangePlatform, note }),
    async refuse(place, by, reason) {
      const sets = [sql`refusal_reason = ${reason}`];
      await close(place, { action: 'refused', actor: administrator(by), note: reason, sets });
      return get(place);
    },
    async extend(place, by, { months, reason }) {
      await change(place, {
        action: 'extended',
        actor: administrator(by),
        note: reason,
        sets: ({ status, extensionReason, dueAt }) => {
          if (!OPEN.has(status)) throw wrongStatus(status, 'it is closed.');
          if (extensionReason !== null) throw extendedAlready();
          return [
            sql`extension_reason = ${reason}`,
            sql`due_at = ${at(addMonths(dueAt.getTime(), months))}`,
          ];
        },
      });
      return get(place);
    },
    async withdraw(place, asker) {
      await close(place, { asker, action: 'withdrawn', actor: person(asker), note: '', sets: [] });
      return get(place, asker);
    },
    async fetch(place, who, format) {
      const nowMs = clock.now();
      const { row, content } = await database.system(async (tx) => {
        const found = await mustFind(tx, place, isAsker(who) ? { asker: who } : {});
        return {
          row: found,
          content: await findExport(tx, { requestId: found.id, format, nowMs }),
        };
      });
      const mayFetch =
        isAsker(who) || (row.filedBy === 'administrator' && row.executedBy === who.id);
      if (content === null || !mayFetch) throw notFound('privacy_export', place.id);
      const actor = isAsker(who) ? person(who) : administrator(who);
      await note_(place, { action: 'fetched', actor, note: format });
      return content;
    },
    note: note_,
  };
}

async function mustFind(
  tx: Tx,
  place: Place,
  { asker, lock }: { asker?: Asker | undefined; lock?: boolean },
): Promise<RequestRow> {
  const row = await findRequest(tx, place, lock === true);
  // Somebody else's answers like one that is not there.
  if (row === null || (asker !== undefined && row.subject?.id !== asker.userId))
    throw notFound('data_request', place.id);
  return row;
}

function assertComplete({ type, corrections, target }: AskedFor): void {
  const hasCorrections = Object.values(corrections ?? {}).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  if (type === 'rectification' && !hasCorrections)
    throw incomplete('/corrections', 'Say what is wrong and what is right.');
  if (
    type === 'objection' &&
    (target?.processing === undefined) === (target?.purpose === undefined)
  )
    throw incomplete('/target', 'Name one activity (processing) or one consent (purpose).');
  if (type !== 'rectification' && corrections !== undefined && corrections !== null)
    throw invalidInput(
      'Corrections belong to requests for rectification.',
      [{ pointer: '/corrections', message: 'must be absent' }],
      'privacy.request.incomplete',
    );
}

/** Whether the person has proven themselves in this session within ten minutes. */
async function isProven({ database, clock }: RequestServiceDeps, asker: Asker): Promise<boolean> {
  if (asker.sessionId === undefined) return false;
  const since = new Date(clock.now() - PROOF_MS).toISOString();
  const { rows } = await database.system((tx) =>
    tx.execute(sql`
      SELECT id FROM sessions WHERE id = ${asker.sessionId} AND user_id = ${asker.userId} AND verified_at > ${since}::timestamptz`),
  );
  return rows.length > 0;
}

async function presentAll(
  { database, clock }: RequestServiceDeps,
  rows: readonly RequestRow[],
): Promise<DataRequest[]> {
  const ids = rows.map(({ id }) => id);
  const nowMs = clock.now();
  const { history, exports } = await database.system(async (tx) => ({
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
