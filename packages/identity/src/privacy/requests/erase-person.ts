import type { Database, PersonalDataHolder, PersonalSubject, Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { erasePersonal } from '../../audit/index.ts';
import type { AuditLog } from '../../audit/index.ts';
import { deleteWorkspace } from '../../workspaces/workspace-store.ts';
import type { WorkspaceContents } from '../../workspaces/workspace-ports.ts';
import {
  keptWorkspace,
  lastAdministrator,
  lastOwner,
  notAllErased,
  runsOpen,
} from '../privacy-errors.ts';
import { forgetRequestsOf } from './request-store.ts';
import { listMemberships } from './subject.ts';
import type { Membership } from './subject.ts';

export interface EraseDeps {
  database: Database;
  audit: Pick<AuditLog, 'seal'>;
  /** In the order in which they erase; the account comes after all of them. */
  holders: readonly PersonalDataHolder[];
  account: PersonalDataHolder;
  /** Holds the request itself, so it comes when all else is done. */
  privacy: PersonalDataHolder;
  contents: WorkspaceContents;
  secondFactors: { remove(tx: Tx, userId: string): Promise<{ forget: () => Promise<void> }> };
  /** Workspaces that cannot be deleted. */
  keptWorkspaces: ReadonlySet<string>;
  /** After workspaces were deleted: what the durable engine still holds of their runs. */
  afterDeletion: () => Promise<unknown>;
  /** Writes what waits in memory, e.g. of the threat detector. */
  settle: () => Promise<void>;
  /** What this process remembers of who may do what. */
  forgetCallers: () => void;
}

/** Rows of each table that a report of an erasure counts what is left in. */
const LOOK_MAX = 100;

/**
 * Takes a person out of everything that the subject covers; may be repeated until it succeeds. Refuses, with the way out, while the
 * person is the last owner of a workspace where others work, the last administrator, or has runs that have not ended.
 */
export async function erasePerson(deps: EraseDeps, subject: PersonalSubject): Promise<JsonObject> {
  const { database, holders } = deps;
  const alone = await plan(deps, subject);
  if (subject.account) await lockOut(deps, subject.userId);
  await assertNoRuns(deps, subject, alone);
  for (const { workspaceId } of alone) await removeWorkspace(deps, workspaceId);
  if (alone.length > 0) await deps.afterDeletion();
  await deps.settle();
  await deps.audit.seal();
  if (subject.account) await removeSecondFactor(deps, subject.userId);
  const rows: Record<string, JsonObject> = {};
  for (const holder of holders) {
    const erased = await holder.erase(database.system, subject);
    const forgotten = await holder.forget?.(subject);
    rows[holder.name] = { ...erased.rows, ...forgotten };
  }
  if (subject.account) await deps.account.erase(database.system, subject);
  const audit = await eraseAudit(deps, subject);
  const remaining = await countRemaining(deps, subject);
  if (Object.keys(remaining).length > 0) throw notAllErased(remaining);
  await database.system((tx) => forgetRequestsOf(tx, subject));
  rows['privacy'] = (await deps.privacy.erase(database.system, subject)).rows;
  return {
    account: subject.account ? 'erased' : 'kept: it is used in other workspaces',
    workspaces_deleted: alone.length,
    workspaces_covered: subject.workspaces.length,
    rows,
    audit_log: audit,
    not_reached:
      'Backups, log files of the operator, and what other systems received. The audit log keeps the id as a pseudonym.',
  };
}

/** Workspaces that go with the person, because nobody else is in them. */
async function plan(deps: EraseDeps, subject: PersonalSubject): Promise<Membership[]> {
  const covered = new Set(subject.workspaces);
  const { memberships, isLastAdministrator } = await deps.database.system(async (tx) => ({
    memberships: await listMemberships(tx, subject.userId),
    isLastAdministrator: subject.account && (await isLast(tx, subject.userId)),
  }));
  const own = memberships.filter(({ workspaceId }) => covered.has(workspaceId));
  const orphaned = own.filter(
    ({ role, members, otherOwners }) => role === 'owner' && otherOwners === 0 && members > 1,
  );
  if (orphaned.length > 0) throw lastOwner(orphaned.map(({ name }) => name));
  if (isLastAdministrator) throw lastAdministrator();
  const alone = own.filter(({ members }) => members === 1);
  const kept = alone.find(({ workspaceId }) => deps.keptWorkspaces.has(workspaceId));
  if (kept !== undefined) throw keptWorkspace(kept.name);
  return subject.account ? alone : [];
}

async function isLast(tx: Tx, userId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ last: boolean }>(sql`
    SELECT u.platform_admin AND NOT EXISTS (
      SELECT FROM users o WHERE o.platform_admin AND o.disabled_at IS NULL AND o.id <> u.id) AS last
    FROM users u WHERE u.id = ${userId}`);
  return rows[0]?.last === true;
}

/** From here on the person begins nothing new. */
async function lockOut({ database, forgetCallers }: EraseDeps, userId: string): Promise<void> {
  await database.system(async (tx) => {
    await tx.execute(
      sql`UPDATE users SET disabled_at = coalesce(disabled_at, now()) WHERE id = ${userId}`,
    );
    await tx.execute(sql`DELETE FROM sessions WHERE user_id = ${userId}`);
  });
  forgetCallers();
}

async function assertNoRuns(
  { database }: EraseDeps,
  subject: PersonalSubject,
  alone: readonly Membership[],
): Promise<void> {
  const open = await database.system(async (tx) => {
    const { rows } = await tx.execute<{ open: number }>(sql`
      SELECT count(*)::int AS open FROM runs WHERE status NOT IN ('completed','failed','cancelled')
        AND ((created_by_id = ${subject.userId} AND workspace_id = ANY(${sql.param([...subject.workspaces])}::uuid[]))
          OR workspace_id = ANY(${sql.param(alone.map(({ workspaceId }) => workspaceId))}::uuid[]))`);
    return rows[0]?.open ?? 0;
  });
  if (open > 0) throw runsOpen(open);
}

async function removeWorkspace(
  { database, contents }: EraseDeps,
  workspaceId: WorkspaceId,
): Promise<void> {
  const forget = await database.workspace(workspaceId, async (tx) => {
    const outside = await contents.outside(tx, workspaceId);
    await deleteWorkspace(tx, workspaceId);
    return outside;
  });
  await forget();
}

/** Before its rows go with those of the account: they alone say where its secret is kept. */
async function removeSecondFactor(
  { database, secondFactors }: EraseDeps,
  userId: string,
): Promise<void> {
  const { forget } = await database.system((tx) => secondFactors.remove(tx, userId));
  await forget();
}

/**
 * Empties what the log says of the person: of their own rows, of rows about them, and of rows whose target is named after them. Rows
 * written before version 2 of the form keep the name of their target, which their hash covers; they are counted.
 */
async function eraseAudit(
  { database, audit }: EraseDeps,
  subject: PersonalSubject,
): Promise<JsonObject> {
  await audit.seal();
  const long = [...subject.emails, ...subject.names.filter((name) => /\s/u.test(name.trim()))];
  const words = long.flatMap((word) => [word, word.toLowerCase()]);
  const whole = subject.names.flatMap((name) => [name, `${name}'s workspace`]);
  const named = (text: SQL) => sql`(${text} = ANY(${sql.param(whole)}::text[])
    OR EXISTS (SELECT FROM unnest(${sql.param(words)}::text[]) AS word
      WHERE position(word IN ${text}) > 0 OR position(word IN lower(${text})) > 0))`;
  const inScope = sql`workspace_id = ANY(${sql.param([...subject.workspaces])}::uuid[])`;
  return database.system(async (tx) => {
    const own = subject.account ? await erasePersonal(tx, subject.userId) : 0;
    const others = await tx.execute(sql`
      UPDATE audit_log SET personal = NULL WHERE personal IS NOT NULL AND ${inScope}
        AND (actor_id = ${subject.userId} OR target_id = ${subject.userId} OR ${named(sql`personal->>'target_name'`)}
          OR ${named(sql`personal->>'user_agent'`)})`);
    const old = await tx.execute<{ rows: number }>(sql`
      SELECT count(*)::int AS rows FROM audit_log WHERE version = 1 AND ${inScope} AND ${named(sql`target_name`)}`);
    const kept = old.rows[0]?.rows ?? 0;
    return {
      rows_emptied: own + (others.rowCount ?? 0),
      ...(kept === 0 ? {} : { names_of_targets_kept_in_old_rows: kept }),
    };
  });
}

/** Looks for the person once more, everywhere. */
async function countRemaining(
  { database, holders, account }: EraseDeps,
  subject: PersonalSubject,
): Promise<Record<string, number>> {
  return database.system(async (tx) => {
    const remaining: Record<string, number> = {};
    for (const holder of [...holders, account]) {
      const items = await holder.find(tx, subject, LOOK_MAX);
      const elsewhere = new Set(
        holder.describe().flatMap(({ table, erase }) => (erase === 'elsewhere' ? [table] : [])),
      );
      for (const { table } of items.filter((item) => !elsewhere.has(item.table)))
        remaining[table] = (remaining[table] ?? 0) + 1;
    }
    return remaining;
  });
}
