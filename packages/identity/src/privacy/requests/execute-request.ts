import type { PersonalDataHolder, PersonalSubject } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { annotateAudit, currentAuditScope } from '../../audit/index.ts';
import type { Consents } from '../consents.ts';
import { findAccountById } from '../people.ts';
import { accountNotCovered, incomplete } from '../privacy-errors.ts';
import { LEARNING } from '../processing-defaults.ts';
import type { ProcessingRecords } from '../processing-records.ts';
import type { Restrictions } from '../restrictions.ts';
import { correctPerson } from './correct-person.ts';
import { erasePerson } from './erase-person.ts';
import type { EraseDeps } from './erase-person.ts';
import { makeAccessReport, makePortabilityExport } from './make-report.ts';
import type { Report } from './make-report.ts';
import { putExport } from './request-store.ts';
import type { RequestActor, RequestRow } from './request-store.ts';
import { listMemberships, listTraces, toSubject } from './subject.ts';

export interface ExecutionDeps extends EraseDeps {
  clock: { now(): number };
  processing: Pick<ProcessingRecords, 'list' | 'find'>;
  consents: Pick<Consents, 'decide'>;
  restrictions: Pick<Restrictions, 'restrict' | 'exclude' | 'refresh'>;
}

export interface Executor {
  by: RequestActor;
  mayChangePlatform: boolean;
  note: string;
}

/** Does what a verified request asks for and gives what was done; all of it bears a repetition. */
export interface RequestExecution {
  execute(request: RequestRow, executor: Executor): Promise<JsonObject>;
}

/** What it brought can be fetched for so long. */
const EXPORT_MS = 7 * 86_400_000;
const RECORDS_MAX = 1_000;
const NOTE_MIN = 10;
/** Activities that an objection ends here by itself. */
const EXCLUDABLE: ReadonlySet<string> = new Set([LEARNING]);

export function createRequestExecution(deps: ExecutionDeps): RequestExecution {
  return {
    async execute(request, executor) {
      const reach = await reachOf(deps, request, executor);
      switch (request.type) {
        case 'access':
        case 'portability':
          return report(deps, request, reach);
        case 'rectification':
          return rectify(deps, request, reach);
        case 'erasure':
          hideActor(request, executor);
          return erasePerson(deps, reach.subject);
        case 'restriction':
          return restrict(deps, request, reach);
        case 'objection':
          return object(deps, { request, executor, userId: reach.subject.userId });
      }
    },
  };
}

interface Reach {
  subject: PersonalSubject;
  /** Workspaces that the person is in now, as far as the request covers them. */
  current: readonly WorkspaceId[];
}

/**
 * A request that the person confirmed, or that an administrator of the platform executes, covers the account and every workspace
 * that the person was in. One that a workspace took down covers that workspace, and the account only where it is used nowhere else.
 */
async function reachOf(
  deps: ExecutionDeps,
  request: RequestRow,
  executor: Executor,
): Promise<Reach> {
  const { subject: stated, workspaceId } = request;
  if (stated === null) throw gone();
  return deps.database.system(async (tx) => {
    const account = await findAccountById(tx, stated.id);
    const memberships = (await listMemberships(tx, stated.id)).map((each) => each.workspaceId);
    const isOwn = request.verificationMethod === 'session';
    const isElsewhere = memberships.some((each) => each !== workspaceId);
    const covers = isOwn || executor.mayChangePlatform || !isElsewhere;
    const workspaces = covers ? await listTraces(tx, stated.id) : [workspaceId];
    const subject = toSubject(account ?? stated, stated, { workspaces, account: covers });
    return { subject, current: covers ? memberships : [workspaceId] };
  });
}

function gone(): PlatformError {
  return new PlatformError({
    code: 'privacy.request.subject_gone',
    kind: 'conflict',
    message:
      'The person was erased already; there is nothing left to do. Refuse or leave the request.',
  });
}

/** The entry of the audit log for an erasure does not bring the person back who executes their own. */
function hideActor(request: RequestRow, executor: Executor): void {
  const actor = currentAuditScope()?.actor;
  if (executor.by.id === request.subject?.id || actor?.id === request.subject?.id)
    annotateAudit({ actor: { name: '', ip: '', userAgent: '' } });
}

async function report(deps: ExecutionDeps, request: RequestRow, reach: Reach): Promise<JsonObject> {
  const nowMs = deps.clock.now();
  const processing = await deps.processing.list(request.workspaceId, {
    limit: RECORDS_MAX,
    after: undefined,
  });
  const holders: PersonalDataHolder[] = [...deps.holders, deps.account, deps.privacy];
  // Of workspaces that the person left nothing is told: others work there.
  const subject = { ...reach.subject, workspaces: reach.current };
  const make = request.type === 'access' ? makeAccessReport : makePortabilityExport;
  const made: Report = await deps.database.system((tx) =>
    make(tx, subject, { holders, processing, nowMs }),
  );
  await deps.database.workspace(request.workspaceId, (tx) =>
    putExport(tx, {
      request,
      userId: subject.userId,
      exports: [
        { format: 'json', content: made.json },
        { format: 'markdown', content: made.markdown },
      ],
      nowMs,
      expiresMs: nowMs + EXPORT_MS,
    }),
  );
  return { items: made.items, account: subject.account, workspaces: subject.workspaces.length };
}

async function rectify(
  deps: ExecutionDeps,
  request: RequestRow,
  { subject }: Reach,
): Promise<JsonObject> {
  const { corrections, workspaceId } = request;
  if (corrections === null) throw incomplete('/corrections', 'The request names no corrections.');
  const isOfAccount = corrections.name !== undefined || corrections.email !== undefined;
  if (isOfAccount && !subject.account) throw accountNotCovered();
  return correctPerson(deps, subject, { corrections, workspaceId });
}

async function restrict(
  deps: ExecutionDeps,
  request: RequestRow,
  { subject, current }: Reach,
): Promise<JsonObject> {
  const { id: requestId } = request;
  const workspaces = current.filter((workspaceId) => workspaceId === request.workspaceId);
  for (const workspaceId of workspaces) {
    await deps.database.workspace(workspaceId, (tx) =>
      deps.restrictions.restrict(tx, { workspaceId, userId: subject.userId, requestId }),
    );
  }
  await deps.restrictions.refresh();
  return { restricted: workspaces.length > 0 };
}

async function object(
  deps: ExecutionDeps,
  { request, executor, userId }: { request: RequestRow; executor: Executor; userId: string },
): Promise<JsonObject> {
  const { workspaceId, target, id: requestId } = request;
  if (target?.purpose !== undefined) {
    await deps.consents.decide(workspaceId, {
      userId,
      purpose: target.purpose,
      given: false,
      via: 'objection',
    });
    return { consent_withdrawn: target.purpose };
  }
  const record = await deps.processing.find(workspaceId, target?.processing ?? '');
  if (record === null)
    throw incomplete('/target/processing', 'The record of processing has no such activity.');
  if (record.key !== null && EXCLUDABLE.has(record.key)) {
    const processing = record.key;
    await deps.database.workspace(workspaceId, (tx) =>
      deps.restrictions.exclude(tx, { workspaceId, userId, processing, requestId }),
    );
    return { excluded_from: processing };
  }
  if (executor.note.length < NOTE_MIN)
    throw incomplete(
      '/note',
      `"${record.name}" does not leave single people out by itself. Say in the note what was done, or refuse with the compelling grounds.`,
    );
  return { activity: record.name, done_by_hand: executor.note };
}
