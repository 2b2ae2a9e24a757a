import type { z } from 'zod';
import type {
  consentDecisionSchema,
  consentPurposeSchema,
  ownConsentSchema,
} from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound, PlatformError } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { describePeople } from './people.ts';

export type ConsentPurpose = z.output<typeof consentPurposeSchema>;
export type OwnConsent = z.output<typeof ownConsentSchema>;
export type ConsentDecision = z.output<typeof consentDecisionSchema>;

/** Purposes that people are asked to agree to, and every decision as proof. */
export interface Consents {
  listPurposes(workspaceId: WorkspaceId): Promise<ConsentPurpose[]>;
  createPurpose(
    workspaceId: WorkspaceId,
    purpose: { key: string; name: string; text: string },
  ): Promise<ConsentPurpose>;
  /** A new text is a new version: consents given to an older one no longer count. */
  updatePurpose(
    workspaceId: WorkspaceId,
    id: string,
    change: { name?: string | undefined; text?: string | undefined; retired?: boolean | undefined },
  ): Promise<ConsentPurpose>;
  own(workspaceId: WorkspaceId, userId: string): Promise<OwnConsent[]>;
  decide(workspaceId: WorkspaceId, decision: Decision): Promise<OwnConsent>;
  /** Newest first; one more than `limit` when there is a next page. */
  list(workspaceId: WorkspaceId, filter: ConsentFilter): Promise<ConsentDecision[]>;
  /** Whether the person agrees now, to the text as it stands now. For rooms that do what needs consent. */
  hasConsent(workspaceId: WorkspaceId, userId: string, purpose: string): Promise<boolean>;
}

export interface Decision {
  userId: string;
  purpose: string;
  given: boolean;
  /** Of the text that was shown; absent when it is withdrawn for the person. */
  version?: number;
  via: 'person' | 'objection';
}

export interface ConsentFilter {
  limit: number;
  before: string | undefined;
  purpose?: string | undefined;
  userId?: string | undefined;
}

export function createConsents(deps: { database: Database; clock: Pick<Clock, 'now'> }): Consents {
  const { database, clock } = deps;
  const now = () => clock.now();
  const inWorkspace: Database['workspace'] = (workspaceId, work) =>
    database.workspace(workspaceId, work);
  return {
    listPurposes: (workspaceId) => inWorkspace(workspaceId, (tx) => readPurposes(tx, sql`true`)),
    createPurpose: (workspaceId, purpose) =>
      inWorkspace(workspaceId, (tx) =>
        createPurpose(tx, { workspaceId, ...purpose, nowMs: now() }),
      ),
    updatePurpose: (workspaceId, id, change) =>
      inWorkspace(workspaceId, (tx) =>
        updatePurpose(tx, { workspaceId, id, change, nowMs: now() }),
      ),
    own: (workspaceId, userId) => inWorkspace(workspaceId, (tx) => readOwn(tx, userId, sql`true`)),
    decide: (workspaceId, decision) =>
      inWorkspace(workspaceId, (tx) => decide(tx, { workspaceId, decision, nowMs: now() })),
    async list(workspaceId, filter) {
      const rows = await database.workspaceReads(workspaceId, (tx) => readDecisions(tx, filter));
      const describe = await describePeople(
        database,
        rows.map((row) => row.user_id),
      );
      return rows.map(({ user_id: id, at: decidedAt, ...row }) => ({
        ...row,
        user: describe(id),
        at: new Date(decidedAt).toISOString(),
      }));
    },
    async hasConsent(workspaceId, userId, purpose) {
      const [own] = await inWorkspace(workspaceId, (tx) =>
        readOwn(tx, userId, sql`p.key = ${purpose}`),
      );
      return own !== undefined && counts(own);
    },
  };
}

/** Given, to the newest text, of a purpose that people are still asked for. */
function counts({ given, version, purpose }: OwnConsent): boolean {
  return given && version === purpose.version && !purpose.retired;
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
const PURPOSE = sql.raw(
  'p.id, p.key, p.name, t.text, p.version, p.retired_at IS NOT NULL AS retired, p.created_at, p.updated_at',
);
const PURPOSES = sql.raw(
  'privacy_purposes p JOIN privacy_purpose_texts t ON t.purpose_id = p.id AND t.version = p.version',
);

type PurposeRow = ConsentPurpose & { created_at: Date | string; updated_at: Date | string };

const toPurpose = (row: PurposeRow): ConsentPurpose => ({
  id: row.id,
  key: row.key,
  name: row.name,
  text: row.text,
  version: row.version,
  retired: row.retired,
  created_at: new Date(row.created_at).toISOString(),
  updated_at: new Date(row.updated_at).toISOString(),
});

async function readPurposes(tx: Tx, where: SQL): Promise<ConsentPurpose[]> {
  const { rows } = await tx.execute(
    sql`SELECT ${PURPOSE} FROM ${PURPOSES} WHERE ${where} ORDER BY p.name, p.id`,
  );
  return (rows as unknown as PurposeRow[]).map(toPurpose);
}

async function createPurpose(
  tx: Tx,
  purpose: { workspaceId: WorkspaceId; key: string; name: string; text: string; nowMs: number },
): Promise<ConsentPurpose> {
  const { workspaceId, key, name, text, nowMs } = purpose;
  const id = newId(nowMs);
  const done = await tx.execute(sql`
    INSERT INTO privacy_purposes (id, workspace_id, key, name, version, created_at, updated_at)
    VALUES (${id}, ${workspaceId}, ${key}, ${name}, 1, ${at(nowMs)}, ${at(nowMs)})
    ON CONFLICT (workspace_id, key) DO NOTHING`);
  if (done.rowCount === 0) {
    throw new PlatformError({
      code: 'privacy.purpose.key_taken',
      kind: 'conflict',
      message: `There is a purpose with the key ${key} already; change its text instead.`,
      errors: [{ pointer: '/key', message: 'is taken' }],
    });
  }
  await insertText(tx, { id, workspaceId, version: 1, text, nowMs });
  const [made] = await readPurposes(tx, sql`p.id = ${id}`);
  return made as ConsentPurpose;
}

async function insertText(
  tx: Tx,
  row: { id: string; workspaceId: WorkspaceId; version: number; text: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    INSERT INTO privacy_purpose_texts (purpose_id, version, workspace_id, text, created_at)
    VALUES (${row.id}, ${row.version}, ${row.workspaceId}, ${row.text}, ${at(row.nowMs)})`);
}

async function updatePurpose(
  tx: Tx,
  {
    workspaceId,
    id,
    change,
    nowMs,
  }: {
    workspaceId: WorkspaceId;
    id: string;
    change: Parameters<Consents['updatePurpose']>[2];
    nowMs: number;
  },
): Promise<ConsentPurpose> {
  await tx.execute(sql`SELECT id FROM privacy_purposes WHERE id = ${id} FOR UPDATE`);
  const [before] = await readPurposes(tx, sql`p.id = ${id}`);
  if (before === undefined) throw notFound('consent_purpose', id);
  const isNew = change.text !== undefined && change.text !== before.text;
  const version = before.version + (isNew ? 1 : 0);
  if (isNew) await insertText(tx, { id, workspaceId, version, text: change.text ?? '', nowMs });
  const retired =
    change.retired === undefined
      ? sql`retired_at`
      : change.retired
        ? sql`coalesce(retired_at, ${at(nowMs)})`
        : sql`NULL`;
  await tx.execute(sql`
    UPDATE privacy_purposes SET name = ${change.name ?? before.name}, version = ${version}, retired_at = ${retired},
      updated_at = ${at(nowMs)} WHERE id = ${id}`);
  const [after] = await readPurposes(tx, sql`p.id = ${id}`);
  return after as ConsentPurpose;
}

/** Each purpose with the newest decision of the person. Served by privacy_consents_newest. */
async function readOwn(tx: Tx, userId: string, where: SQL): Promise<OwnConsent[]> {
  const { rows } = await tx.execute(sql`
    SELECT ${PURPOSE}, c.given, c.version AS decided_version, c.at AS decided_at FROM ${PURPOSES}
    LEFT JOIN LATERAL (
      SELECT given, version, at FROM privacy_consents
      WHERE workspace_id = p.workspace_id AND user_id = ${userId} AND purpose_id = p.id ORDER BY id DESC LIMIT 1
    ) AS c ON true
    WHERE ${where} AND (p.retired_at IS NULL OR c.given) ORDER BY p.name, p.id`);
  return (rows as unknown as OwnRow[]).map((row) => ({
    purpose: toPurpose(row),
    given: row.given ?? false,
    version: row.decided_version,
    at: row.decided_at === null ? null : new Date(row.decided_at).toISOString(),
  }));
}

type OwnRow = PurposeRow & {
  given: boolean | null;
  decided_version: number | null;
  decided_at: Date | string | null;
};

async function decide(
  tx: Tx,
  { workspaceId, decision, nowMs }: { workspaceId: WorkspaceId; decision: Decision; nowMs: number },
): Promise<OwnConsent> {
  const [purpose] = await readPurposes(tx, sql`p.key = ${decision.purpose}`);
  if (purpose === undefined) throw notFound('consent_purpose', decision.purpose);
  if (decision.given && (decision.version !== purpose.version || purpose.retired)) {
    throw new PlatformError({
      code: 'privacy.consent.outdated',
      kind: 'conflict',
      message: purpose.retired
        ? 'Nobody is asked for this any more.'
        : `The text has changed: it is version ${purpose.version} now. Show it again before asking.`,
    });
  }
  await tx.execute(sql`
    INSERT INTO privacy_consents (id, workspace_id, purpose_id, user_id, given, version, text_hash, via, at)
    VALUES (${newId(nowMs)}, ${workspaceId}, ${purpose.id}, ${decision.userId}, ${decision.given}, ${purpose.version},
      ${sha256(purpose.text)}, ${decision.via}, ${at(nowMs)})`);
  const [own] = await readOwn(tx, decision.userId, sql`p.id = ${purpose.id}`);
  return (
    own ?? { purpose, given: false, version: purpose.version, at: new Date(nowMs).toISOString() }
  );
}

/** Decisions of the workspace in scope. Served by privacy_consents_by_time. */
async function readDecisions(tx: Tx, filter: ConsentFilter): Promise<DecisionRow[]> {
  const conditions = [
    sql`true`,
    ...(filter.before === undefined ? [] : [sql`c.id < ${filter.before}::uuid`]),
    ...(filter.purpose === undefined ? [] : [sql`p.key = ${filter.purpose}`]),
    ...(filter.userId === undefined ? [] : [sql`c.user_id = ${filter.userId}`]),
  ];
  const { rows } = await tx.execute(sql`
    SELECT c.id, p.key AS purpose, c.user_id, c.given, c.version, c.text_hash, c.via, c.at
    FROM privacy_consents c JOIN privacy_purposes p ON p.id = c.purpose_id
    WHERE ${sql.join(conditions, sql` AND `)} ORDER BY c.id DESC LIMIT ${filter.limit + 1}`);
  return rows as unknown as DecisionRow[];
}

type DecisionRow = Omit<ConsentDecision, 'user' | 'at'> & {
  user_id: string;
  at: Date | string;
};
