import type { z } from 'zod';
import type { retentionCategorySchema, retentionRunSchema } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound, PlatformError } from '@automatos/kernel';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { deleteChunk, inScopeOf, readPlatformPeriods } from './platform-retention.ts';
import type { RetentionOwner, StoredPeriod } from './platform-retention.ts';
import type { RetentionCategory } from './retention-category.ts';

export type RetentionView = z.output<typeof retentionCategorySchema>;
export type RetentionRun = z.output<typeof retentionRunSchema>;
export interface RetentionCount {
  category: string;
  before: string;
  rows: number;
}

/** How long what is kept, and its deletion with evidence. */
export interface Retention {
  list(workspaceId: WorkspaceId): Promise<RetentionView[]>;
  set(
    workspaceId: WorkspaceId,
    change: { category: string; days: number | null; mayChangePlatform: boolean },
  ): Promise<RetentionView>;
  preview(workspaceId: WorkspaceId): Promise<RetentionCount[]>;
  /** Deletes now, in chunks; what was deleted stands in the evidence that it gives. */
  run(workspaceId: WorkspaceId, signal?: AbortSignal): Promise<RetentionRun>;
  /** Newest first; one more than `limit` when there is a next page. */
  listRuns(
    workspaceId: WorkspaceId,
    page: { limit: number; before: string | undefined },
  ): Promise<RetentionRun[]>;
  /** Makes the scheduled deletions of the day that are still to be made; of several processes one makes each. */
  runDue(signal?: AbortSignal): Promise<number>;
  /** When the next scheduled deletion begins, ms of the epoch. */
  nextRunAt(): number;
}

export interface RetentionDeps {
  database: Database;
  clock: Pick<Clock, 'now'>;
  categories: readonly RetentionCategory[];
  /** After each deletion: what hangs on deleted rows elsewhere. */
  afterDeletion?: () => Promise<unknown>;
}

const DAY_MS = 86_400_000;
/** Of the day, in UTC, when people sleep in most of the places where this runs. */
const HOUR_MS = 3 * 3_600_000;
/** A deletion that has not ended by then died with its process. */
const LEFT_BEHIND_MS = 3_600_000;
const ROWS_PER_WRITE = 500;

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

export function createRetention(deps: RetentionDeps): Retention {
  const { database, clock, categories } = deps;
  const find = (category: string) => {
    const found = categories.find((each) => each.category === category);
    if (found === undefined) throw notFound('retention_category', category);
    return found;
  };
  return {
    list: (workspaceId) => readViews(database, workspaceId, categories),
    async set(workspaceId, { category, days, mayChangePlatform }) {
      const found = find(category);
      if (found.scope === 'platform' && !mayChangePlatform) throw ofPlatform(found);
      assertInBounds(found, days);
      const owner = found.scope === 'platform' ? null : workspaceId;
      await inScopeOf(database, owner, (tx) =>
        tx.execute(sql`
          INSERT INTO privacy_retention (workspace_id, category, days, updated_at)
          VALUES (${owner}, ${category}, ${days}, ${at(clock.now())})
          ON CONFLICT (workspace_id, category) DO UPDATE SET days = EXCLUDED.days, updated_at = EXCLUDED.updated_at`),
      );
      const [view] = await readViews(database, workspaceId, [found]);
      return view as RetentionView;
    },
    preview: (workspaceId) =>
      database.workspace(workspaceId, async (tx) => {
        const counts: RetentionCount[] = [];
        for (const { category, scope, before } of due(deps, workspaceId, await readPeriods(tx))) {
          const rows = await category.count(tx, scope);
          counts.push({ category: category.category, before, rows });
        }
        return counts;
      }),
    run: (workspaceId, signal) => runByPerson(deps, workspaceId, signal),
    listRuns: (workspaceId, page) =>
      database.workspaceReads(workspaceId, (tx) => readRuns(tx, page)),
    runDue: (signal) => runDue(deps, signal),
    nextRunAt: () => nextRunAt(clock.now()),
  };
}

function nextRunAt(nowMs: number): number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + HOUR_MS;
  return nowMs < today ? today : today + DAY_MS;
}

function assertInBounds(category: RetentionCategory, days: number | null): void {
  const { minDays, maxDays, minimumReason, name } = category;
  if (days === null ? category.defaultDays === null : days >= minDays && days <= maxDays) return;
  const reason = minimumReason === '' ? '' : ` ${minimumReason}`;
  const message = `${name} can be kept from ${minDays} to ${maxDays} days${category.defaultDays === null ? ', or without limit' : ''}.${reason}`;
  throw new PlatformError({
    code: 'privacy.retention.out_of_bounds',
    kind: 'invalid-input',
    message,
    errors: [{ pointer: '/days', message }],
  });
}

function ofPlatform({ name }: RetentionCategory): PlatformError {
  return new PlatformError({
    code: 'privacy.retention.platform_only',
    kind: 'forbidden',
    message: `${name} belong to the whole installation; its administrators set how long they are kept.`,
  });
}

/** Those of the workspace in scope. */
async function readPeriods(tx: Tx): Promise<StoredPeriod[]> {
  const { rows } = await tx.execute<StoredPeriod>(
    sql`SELECT category, days, updated_at FROM privacy_retention`,
  );
  return rows;
}

async function readViews(
  database: Database,
  workspaceId: WorkspaceId,
  categories: readonly RetentionCategory[],
): Promise<RetentionView[]> {
  const stored = {
    platform: await readPlatformPeriods(database),
    workspace: await database.workspaceReads(workspaceId, readPeriods),
  };
  return categories.map((category) => {
    const own = stored[category.scope].find((row) => row.category === category.category);
    return {
      category: category.category,
      name: category.name,
      description: category.description,
      days: own === undefined ? category.defaultDays : own.days,
      default_days: category.defaultDays,
      min_days: category.minDays,
      max_days: category.maxDays,
      minimum_reason: category.minimumReason,
      scope: category.scope,
      updated_at: own === undefined ? null : new Date(own.updated_at).toISOString(),
    };
  });
}

interface Due {
  category: RetentionCategory;
  scope: { workspaceId: RetentionOwner; before: Date };
  before: string;
}

/** Categories with a period, of the workspace or of the installation, and what is too old in each. */
function due(
  { clock, categories }: RetentionDeps,
  owner: RetentionOwner,
  stored: readonly StoredPeriod[],
): Due[] {
  const wanted = categories.filter(({ scope }) => (scope === 'platform') === (owner === null));
  return wanted.flatMap((category) => {
    const own = stored.find((row) => row.category === category.category);
    const days = own === undefined ? category.defaultDays : own.days;
    if (days === null) return [];
    const before = new Date(clock.now() - Math.max(days, category.minDays) * DAY_MS);
    return [{ category, scope: { workspaceId: owner, before }, before: before.toISOString() }];
  });
}

async function runByPerson(
  deps: RetentionDeps,
  workspaceId: WorkspaceId,
  signal: AbortSignal | undefined,
): Promise<RetentionRun> {
  const id = newId(deps.clock.now());
  await deps.database.workspace(workspaceId, (tx) =>
    tx.execute(sql`
      INSERT INTO privacy_retention_runs (id, workspace_id, trigger, started_at, deleted)
      VALUES (${id}, ${workspaceId}, 'person', ${at(deps.clock.now())}, '[]')`),
  );
  await perform(deps, { id, owner: workspaceId }, signal);
  const [run] = await deps.database.workspaceReads(workspaceId, (tx) =>
    readRuns(tx, { limit: 1, id }),
  );
  return run as RetentionRun;
}

/** Each chunk in its own transaction; the evidence grows with them, so that a crash loses none of it. */
async function perform(
  deps: RetentionDeps,
  run: { id: string; owner: RetentionOwner },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { database, clock } = deps;
  const deleted = new Map<string, RetentionCount>();
  const write = (error: string | null, finished: boolean) =>
    inScopeOf(database, run.owner, (tx) =>
      tx.execute(sql`
        UPDATE privacy_retention_runs SET deleted = ${JSON.stringify([...deleted.values()])}::jsonb, error = ${error},
          finished_at = ${finished ? at(clock.now()) : sql`NULL`} WHERE id = ${run.id}`),
    );
  try {
    const stored = await (run.owner === null
      ? readPlatformPeriods(database)
      : database.workspaceReads(run.owner, readPeriods));
    for (const { category, scope, before } of due(deps, run.owner, stored)) {
      const count = { category: category.category, before, rows: 0 };
      deleted.set(count.category, count);
      for (;;) {
        signal?.throwIfAborted();
        const rows = await deleteChunk(database, { category, scope, limit: ROWS_PER_WRITE });
        count.rows += rows;
        if (rows > 0) await write(null, false);
        if (rows < ROWS_PER_WRITE) break;
      }
    }
    await deps.afterDeletion?.();
    await write(null, true);
  } catch (error) {
    await write(String((error as Error).message).slice(0, 500), true);
    throw error;
  }
}

/** The evidence row of the day is the right to make its deletion: who inserts it, or finds it left behind, makes it. */
async function runDue(deps: RetentionDeps, signal: AbortSignal | undefined): Promise<number> {
  const { database, clock } = deps;
  const now = clock.now();
  if (now - Math.floor(now / DAY_MS) * DAY_MS < HOUR_MS) return 0;
  const day = new Date(now).toISOString().slice(0, 10);
  const { rows } = await database.system((tx) =>
    tx.execute<{ id: string }>(sql`SELECT id FROM workspaces ORDER BY id`),
  );
  const owners: RetentionOwner[] = [null, ...rows.map(({ id }) => id as WorkspaceId)];
  let made = 0;
  for (const owner of owners) {
    signal?.throwIfAborted();
    const id = await database.system((tx) => claimDay(tx, { owner, day, now }));
    if (id === null) continue;
    await perform(deps, { id, owner }, signal);
    made += 1;
  }
  return made;
}

async function claimDay(
  tx: Tx,
  { owner, day, now }: { owner: RetentionOwner; day: string; now: number },
): Promise<string | null> {
  // One process at a time looks and inserts; the unique index would decide too, this keeps the log free of its refusals.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('automatos.retention'))`);
  const known = await tx.execute<{ id: string; left: boolean }>(sql`
    SELECT id, finished_at IS NULL AND started_at < ${at(now - LEFT_BEHIND_MS)} AS left FROM privacy_retention_runs
    WHERE trigger = 'schedule' AND day = ${day}::date AND workspace_id IS NOT DISTINCT FROM ${owner}`);
  const [row] = known.rows;
  if (row === undefined) {
    const id = newId(now);
    await tx.execute(sql`
      INSERT INTO privacy_retention_runs (id, workspace_id, trigger, day, started_at, deleted)
      VALUES (${id}, ${owner}, 'schedule', ${day}::date, ${at(now)}, '[]')`);
    return id;
  }
  if (!row.left) return null;
  await tx.execute(
    sql`UPDATE privacy_retention_runs SET started_at = ${at(now)} WHERE id = ${row.id}`,
  );
  return row.id;
}

/** Of the workspace in scope. */
async function readRuns(
  tx: Tx,
  page: { limit: number; before?: string | undefined; id?: string },
): Promise<RetentionRun[]> {
  const where =
    page.id === undefined
      ? page.before === undefined
        ? sql`true`
        : sql`id < ${page.before}::uuid`
      : sql`id = ${page.id}`;
  const { rows } = await tx.execute(sql`
    SELECT id, trigger, started_at, finished_at, deleted, error FROM privacy_retention_runs
    WHERE ${where} ORDER BY id DESC LIMIT ${page.limit + 1}`);
  return (rows as unknown as RunRow[]).map((row) => ({
    id: row.id,
    trigger: row.trigger,
    started_at: new Date(row.started_at).toISOString(),
    finished_at: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
    deleted: row.deleted as unknown as RetentionRun['deleted'],
    error: row.error,
  }));
}

interface RunRow {
  id: string;
  trigger: 'schedule' | 'person';
  started_at: Date | string;
  finished_at: Date | string | null;
  deleted: JsonObject[];
  error: string | null;
}
