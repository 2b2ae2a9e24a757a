import type { DataRequest, DataRequestType } from '@automatos/contracts';
import { isPlatformError, notFound } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { findMemberByEmail, findOwnAccount } from '../people.ts';
import { extendedAlready, notAMember, stepUpRequired, wrongStatus } from '../privacy-errors.ts';
import { addMonths } from './add-months.ts';
import type { Executor, RequestExecution } from './execute-request.ts';
import { OPEN, presentRequests } from './present-requests.ts';
import {
  addHistory,
  findExport,
  findRequest,
  listRequests,
  updateRequest,
} from './request-store.ts';
import type { HistoryAction, RequestActor, RequestFilter, RequestRow } from './request-store.ts';
import { at, changeRequest, fileRequest, isProven, mustFind } from './request-steps.ts';
import type { AskedFor, Asker, Place, StepDeps } from './request-steps.ts';

/** Somebody who deals with requests of others. */
export interface Administrator {
  id: string;
  mayChangePlatform: boolean;
}

/** Requests of people about their data, from receipt to answer. */
export interface RequestService {
  /** One more than `limit` when there is a next page. */
  list(workspaceId: WorkspaceId, filter: RequestFilter): Promise<RequestRow[]>;
  /** Of one workspace. */
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

export interface RequestServiceDeps extends StepDeps {
  execution: RequestExecution;
}

/** Done at once when the person has proven themselves: nothing has to be weighed. */
const AUTOMATIC: ReadonlySet<DataRequestType> = new Set(['access', 'portability']);
const BY_ITSELF: Executor = { by: { by: 'system', id: '' }, mayChangePlatform: false, note: '' };

const person = ({ userId }: Asker): RequestActor => ({ by: 'person', id: userId });
const administrator = ({ id }: Administrator): RequestActor => ({ by: 'administrator', id });
const isAsker = (who: Asker | Administrator): who is Asker => 'userId' in who;

export function createRequestService(deps: RequestServiceDeps): RequestService {
  const { database } = deps;
  return {
    list: (workspaceId, filter) =>
      database.workspaceReads(workspaceId, (tx) => listRequests(tx, workspaceId, filter)),
    present: (rows) => presentRequests(deps, rows),
    get: (place, asker) => get(deps, place, asker),
    ...filing(deps),
    ...handling(deps),
    async withdraw(place, asker) {
      await changeRequest(deps, place, {
        asker,
        action: 'withdrawn',
        actor: person(asker),
        note: '',
        sets: ({ status }) => {
          if (status !== 'received' && status !== 'verified')
            throw wrongStatus(status, 'it can no longer be withdrawn.');
          return [sql`status = 'withdrawn'`, sql`closed_at = ${at(deps.clock.now())}`];
        },
      });
      return get(deps, place, asker);
    },
    fetch: (place, who, format) => fetchExport(deps, place, { who, format }),
    note: (place, entry) => note(deps, place, entry),
  };
}

async function get(deps: RequestServiceDeps, place: Place, asker?: Asker): Promise<DataRequest> {
  const row = await deps.database.workspaceReads(place.workspaceId, (tx) =>
    mustFind(tx, place, { asker }),
  );
  const [shown] = await presentRequests(deps, [row]);
  return shown as DataRequest;
}

function filing(deps: RequestServiceDeps): Pick<RequestService, 'fileOwn' | 'fileFor'> {
  const { database } = deps;
  return {
    async fileOwn(workspaceId, asker, asked) {
      const account = await findOwnAccount(database, asker.userId);
      if (account === null) throw notFound('user', asker.userId);
      const place = await fileRequest(deps, workspaceId, {
        ...asked,
        account,
        actor: person(asker),
      });
      return (await isProven(deps, asker)) ? verifyOwn(deps, place, asker) : get(deps, place);
    },
    async fileFor(workspaceId, by, { email, ...asked }) {
      const account = await findMemberByEmail(database, workspaceId, email);
      if (account === null) throw notAMember();
      const actor = administrator(by);
      return get(deps, await fileRequest(deps, workspaceId, { ...asked, account, actor }));
    },
  };
}

type Handling = 'verifyOwn' | 'verify' | 'execute' | 'refuse' | 'extend';

function handling(deps: RequestServiceDeps): Pick<RequestService, Handling> {
  const { clock } = deps;
  return {
    verifyOwn: (place, asker) => verifyOwn(deps, place, asker),
    async verify(place, by, words) {
      const actor = administrator(by);
      await verifyBy(deps, place, { method: 'administrator', actor, note: words });
      return get(deps, place);
    },
    execute: (place, by, words) =>
      execute(deps, place, {
        by: administrator(by),
        mayChangePlatform: by.mayChangePlatform,
        note: words,
      }),
    async refuse(place, by, reason) {
      await changeRequest(deps, place, {
        action: 'refused',
        actor: administrator(by),
        note: reason,
        sets: ({ status }) => {
          if (!OPEN.has(status)) throw wrongStatus(status, 'it is closed.');
          return [
            sql`status = 'refused'`,
            sql`refusal_reason = ${reason}`,
            sql`closed_at = ${at(clock.now())}`,
          ];
        },
      });
      return get(deps, place);
    },
    async extend(place, by, { months, reason }) {
      await changeRequest(deps, place, {
        action: 'extended',
        actor: administrator(by),
        note: reason,
        sets: ({ status, extensionReason, dueAt }) => {
          if (!OPEN.has(status)) throw wrongStatus(status, 'it is closed.');
          if (extensionReason !== null) throw extendedAlready();
          const dueMs = addMonths(dueAt.getTime(), months);
          return [sql`extension_reason = ${reason}`, sql`due_at = ${at(dueMs)}`];
        },
      });
      return get(deps, place);
    },
  };
}

async function verifyOwn(
  deps: RequestServiceDeps,
  place: Place,
  asker: Asker,
): Promise<DataRequest> {
  if (!(await isProven(deps, asker))) throw stepUpRequired();
  const verified = await verifyBy(deps, place, {
    asker,
    method: 'session',
    actor: person(asker),
    note: '',
  });
  return AUTOMATIC.has(verified.type) ? execute(deps, place, BY_ITSELF) : get(deps, place);
}

function verifyBy(
  deps: RequestServiceDeps,
  place: Place,
  how: { asker?: Asker; method: 'session' | 'administrator'; actor: RequestActor; note: string },
): Promise<RequestRow> {
  return changeRequest(deps, place, {
    ...how,
    action: 'verified',
    sets: ({ status }) => {
      if (status !== 'received') throw wrongStatus(status, 'only a received one is verified.');
      return [
        sql`status = 'verified'`,
        sql`verification_method = ${how.method}`,
        sql`verification_note = ${how.note}`,
        sql`verified_at = ${at(deps.clock.now())}`,
      ];
    },
  });
}

async function execute(
  deps: RequestServiceDeps,
  place: Place,
  executor: Executor,
): Promise<DataRequest> {
  const row = await changeRequest(deps, place, {
    action: 'started',
    actor: executor.by,
    note: executor.note,
    sets: ({ status }) => {
      if (status === 'received') throw wrongStatus(status, 'verify first that it is the person.');
      if (!OPEN.has(status)) throw wrongStatus(status, 'it is closed.');
      return [sql`status = 'in_progress'`, sql`executed_by = ${executor.by.id}`];
    },
  });
  try {
    return await finish(
      deps,
      { row, actor: executor.by },
      await deps.execution.execute(row, executor),
    );
  } catch (error) {
    const code = isPlatformError(error) ? error.code : 'internal';
    await note(deps, place, { action: 'failed', actor: executor.by, note: code });
    throw error;
  }
}

/** The workspace may be gone with the person; what was done is told all the same. */
async function finish(
  deps: RequestServiceDeps,
  { row, actor }: { row: RequestRow; actor: RequestActor },
  result: JsonObject,
): Promise<DataRequest> {
  const nowMs = deps.clock.now();
  const isSelfErased = row.type === 'erasure' && actor.id === row.subject?.id;
  const there = await deps.database.workspace(row.workspaceId, async (tx) => {
    if ((await findRequest(tx, row, true)) === null) return null;
    await updateRequest(tx, row.id, [
      sql`status = 'completed'`,
      sql`closed_at = ${at(nowMs)}`,
      sql`result = ${JSON.stringify(result)}::jsonb`,
    ]);
    const by = isSelfErased ? { ...actor, id: '' } : actor;
    await addHistory(tx, { request: row, action: 'completed', actor: by, note: '', nowMs });
    return findRequest(tx, row);
  });
  const [shown] = await presentRequests(deps, [
    there ?? { ...row, subject: null, status: 'completed', closedAt: new Date(nowMs), result },
  ]);
  return shown as DataRequest;
}

async function fetchExport(
  deps: RequestServiceDeps,
  place: Place,
  { who, format }: { who: Asker | Administrator; format: 'json' | 'markdown' },
): Promise<string> {
  const nowMs = deps.clock.now();
  const asker = isAsker(who) ? who : undefined;
  const { row, content } = await deps.database.workspaceReads(place.workspaceId, async (tx) => {
    const found = await mustFind(tx, place, { asker });
    return { row: found, content: await findExport(tx, { requestId: found.id, format, nowMs }) };
  });
  const mayFetch = isAsker(who) || (row.filedBy === 'administrator' && row.executedBy === who.id);
  if (content === null || !mayFetch) throw notFound('privacy_export', place.id);
  const actor = isAsker(who) ? person(who) : administrator(who);
  await note(deps, place, { action: 'fetched', actor, note: format });
  return content;
}

async function note(
  deps: RequestServiceDeps,
  place: Place,
  entry: { action: HistoryAction; actor: RequestActor; note: string },
): Promise<void> {
  await deps.database.workspace(place.workspaceId, async (tx) => {
    const request = await findRequest(tx, place);
    if (request !== null) await addHistory(tx, { request, ...entry, nowMs: deps.clock.now() });
  });
}
