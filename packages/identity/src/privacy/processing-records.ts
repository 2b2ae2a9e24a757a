import type { ProcessingRecord } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { PROCESSING_DEFAULTS } from './processing-defaults.ts';
import type { ProcessingFields } from './processing-defaults.ts';

export interface ProcessingPage {
  limit: number;
  after: string | undefined;
}

type Changes = { [Field in keyof ProcessingFields]?: ProcessingFields[Field] | undefined };

/** The record of processing activities of each workspace (Art. 30). The product's own activities come by themselves. */
export interface ProcessingRecords {
  /** One more than `limit` when there is a next page. */
  list(workspaceId: WorkspaceId, page: ProcessingPage): Promise<ProcessingRecord[]>;
  create(workspaceId: WorkspaceId, fields: ProcessingFields): Promise<ProcessingRecord>;
  update(workspaceId: WorkspaceId, id: string, changes: Changes): Promise<ProcessingRecord>;
  remove(workspaceId: WorkspaceId, id: string): Promise<void>;
  /** By key or id; null when there is none. */
  find(workspaceId: WorkspaceId, keyOrId: string): Promise<ProcessingRecord | null>;
}

/** What people write of an activity, in the order of tables and files. */
export const PROCESSING_COLUMNS = [
  'name',
  'purpose',
  'legal_basis',
  'legal_basis_detail',
  'data_categories',
  'subject_categories',
  'recipients',
  'third_countries',
  'retention',
  'security_measures',
] as const;
const ALL = sql.raw(['id', 'key', ...PROCESSING_COLUMNS, 'created_at', 'updated_at'].join(', '));
const EVERY: ProcessingPage = { limit: 10_000, after: undefined };

export function createProcessingRecords(deps: {
  database: Pick<Database, 'workspace'>;
  clock: Pick<Clock, 'now'>;
}): ProcessingRecords {
  const { database, clock } = deps;
  const inWorkspace = <T>(workspaceId: WorkspaceId, work: (tx: Tx) => Promise<T>) =>
    database.workspace(workspaceId, async (tx) => {
      await addMissing(tx, workspaceId, clock.now());
      return work(tx);
    });
  return {
    list: (workspaceId, page) => inWorkspace(workspaceId, (tx) => select(tx, page)),
    create: (workspaceId, fields) =>
      inWorkspace(workspaceId, (tx) =>
        insert(tx, { workspaceId, key: null, fields, nowMs: clock.now() }),
      ),
    update: (workspaceId, id, changes) =>
      inWorkspace(workspaceId, (tx) => update(tx, { id, changes, nowMs: clock.now() })),
    remove: (workspaceId, id) =>
      inWorkspace(workspaceId, async (tx) => {
        const done = await tx.execute(sql`
          UPDATE privacy_processing_records SET deleted_at = ${at(clock.now())} WHERE id = ${id} AND deleted_at IS NULL`);
        if (done.rowCount === 0) throw notFound('processing_record', id);
      }),
    find: (workspaceId, keyOrId) =>
      inWorkspace(workspaceId, async (tx) => {
        const all = await select(tx, EVERY);
        return all.find(({ id, key }) => id === keyOrId || key === keyOrId) ?? null;
      }),
  };
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** One statement where nothing is missing; those that were taken out stay out. */
async function addMissing(tx: Tx, workspaceId: WorkspaceId, nowMs: number): Promise<void> {
  const { rows } = await tx.execute<{ key: string }>(
    sql`SELECT key FROM privacy_processing_records WHERE key IS NOT NULL`,
  );
  const known = new Set(rows.map(({ key }) => key));
  for (const [key, fields] of Object.entries(PROCESSING_DEFAULTS)) {
    if (!known.has(key)) await insert(tx, { workspaceId, key, fields, nowMs });
  }
}

interface NewRecord {
  workspaceId: WorkspaceId;
  key: string | null;
  fields: ProcessingFields;
  nowMs: number;
}

async function insert(
  tx: Tx,
  { workspaceId, key, fields, nowMs }: NewRecord,
): Promise<ProcessingRecord> {
  const id = newId(nowMs);
  const values = PROCESSING_COLUMNS.map((name) => valueOf(fields[name]));
  await tx.execute(sql`
    INSERT INTO privacy_processing_records (id, workspace_id, key, ${sql.raw(PROCESSING_COLUMNS.join(', '))}, created_at, updated_at)
    VALUES (${id}, ${workspaceId}, ${key}, ${sql.join(values, sql`, `)}, ${at(nowMs)}, ${at(nowMs)})
    ON CONFLICT (workspace_id, key) DO NOTHING`);
  const [made] = await read(tx, sql`id = ${id}`, 1);
  return made as ProcessingRecord;
}

async function update(
  tx: Tx,
  { id, changes, nowMs }: { id: string; changes: Changes; nowMs: number },
): Promise<ProcessingRecord> {
  const sets = PROCESSING_COLUMNS.flatMap((name) => {
    const value = changes[name];
    return value === undefined ? [] : [sql`${sql.identifier(name)} = ${valueOf(value)}`];
  });
  await tx.execute(sql`
    UPDATE privacy_processing_records SET ${sql.join([...sets, sql`updated_at = ${at(nowMs)}`], sql`, `)}
    WHERE id = ${id} AND deleted_at IS NULL`);
  const [changed] = await read(tx, sql`id = ${id}`, 1);
  if (changed === undefined) throw notFound('processing_record', id);
  return changed;
}

const valueOf = (value: string | readonly string[]) =>
  typeof value === 'string' ? sql`${value}` : sql`${JSON.stringify(value)}::jsonb`;

const select = (tx: Tx, { limit, after }: ProcessingPage) =>
  read(tx, after === undefined ? sql`true` : sql`id > ${after}::uuid`, limit + 1);

/** Those of the workspace in scope, oldest first. Served by privacy_processing_records_by_time. */
async function read(
  tx: Tx,
  where: ReturnType<typeof sql>,
  limit: number,
): Promise<ProcessingRecord[]> {
  const { rows } = await tx.execute(sql`
    SELECT ${ALL} FROM privacy_processing_records WHERE deleted_at IS NULL AND ${where} ORDER BY id LIMIT ${limit}`);
  return (rows as unknown as Row[]).map(
    ({ created_at: createdAt, updated_at: updatedAt, ...row }) => ({
      ...row,
      source: row.key === null ? 'workspace' : 'product',
      created_at: new Date(createdAt).toISOString(),
      updated_at: new Date(updatedAt).toISOString(),
    }),
  );
}

type Row = Omit<ProcessingRecord, 'source' | 'created_at' | 'updated_at'> & {
  created_at: Date | string;
  updated_at: Date | string;
};
