import { sql } from 'drizzle-orm';
import type {
  Artifact,
  Finding,
  QualityReport,
  Run,
  RunComparison,
  Severity,
} from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { isUuid, notFound } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { listArtifacts, readArtifact } from './artifact-store.ts';
import type { ArtifactContent } from './artifact-store.ts';
import { compareRuns } from './compare-runs.ts';
import type { ComparedRun } from './compare-runs.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { findRun, listSteps } from './run-store.ts';

export interface FindingFilter {
  limit: number;
  cursor?: string | undefined;
  severity?: Severity | undefined;
  step?: string | undefined;
}

export type RunFinding = Finding & { id: string; step_id: string; agent: string | null };

/** Counts for dashboards and health. */
export interface RunCounts {
  queued: number;
  running: number;
  paused: number;
  completed_24h: number;
  failed_24h: number;
}

/** What a run produced. */
export interface RunReads {
  /** Findings, worst first. */
  findings(
    workspaceId: WorkspaceId,
    runId: string,
    filter: FindingFilter,
  ): Promise<{ items: RunFinding[]; nextCursor: string | null; total: number }>;
  artifacts(workspaceId: WorkspaceId, runId: string): Promise<Artifact[]>;
  artifact(workspaceId: WorkspaceId, runId: string, artifactId: string): Promise<ArtifactContent>;
  /** Reports as `quality.scored` brought them; null and empty before. */
  quality(
    workspaceId: WorkspaceId,
    runId: string,
  ): Promise<{ run: QualityReport | null; steps: QualityReport[] }>;
  /** Two runs of the workspace side by side; see {@link compareRuns}. */
  compare(workspaceId: WorkspaceId, ids: { left: string; right: string }): Promise<RunComparison>;
  counts(workspaceId: WorkspaceId): Promise<RunCounts>;
}

interface FindingRow {
  id: string;
  step_id: string;
  agent: string | null;
  rank: number;
  finding: Finding;
}

const COMPARED_FINDINGS_MAX = 20_000;

/** Ranks share the shape of time cursors: the epoch plus `rank` seconds. */
const rankToTime = (rank: number) => new Date(rank * 1000).toISOString();

export function createRunReads(deps: { database: Database }): RunReads {
  async function mustExist(workspaceId: WorkspaceId, runId: string): Promise<Run> {
    const run = isUuid(runId)
      ? await deps.database.workspaceReads(workspaceId, (tx) => findRun(tx, runId))
      : null;
    if (!run) throw notFound('run', runId);
    return run;
  }
  async function compared(workspaceId: WorkspaceId, runId: string): Promise<ComparedRun> {
    const run = await mustExist(workspaceId, runId);
    return deps.database.workspaceReads(workspaceId, async (tx) => ({
      run,
      steps: await listSteps(tx, runId),
      findings: await allFindings(tx, runId),
    }));
  }
  return {
    async findings(workspaceId, runId, filter) {
      await mustExist(workspaceId, runId);
      return deps.database.workspaceReads(workspaceId, (tx) => listFindings(tx, runId, filter));
    },
    async artifacts(workspaceId, runId) {
      await mustExist(workspaceId, runId);
      return deps.database.workspaceReads(workspaceId, (tx) => listArtifacts(tx, runId));
    },
    async artifact(workspaceId, runId, artifactId) {
      await mustExist(workspaceId, runId);
      const found = isUuid(artifactId)
        ? await deps.database.workspaceReads(workspaceId, (tx) =>
            readArtifact(tx, runId, artifactId),
          )
        : null;
      if (!found) throw notFound('artifact', artifactId);
      return found;
    },
    async quality(workspaceId, runId) {
      await mustExist(workspaceId, runId);
      return deps.database.workspaceReads(workspaceId, (tx) => readQuality(tx, runId));
    },
    async compare(workspaceId, { left, right }) {
      return compareRuns(await compared(workspaceId, left), await compared(workspaceId, right));
    },
    async counts(workspaceId) {
      const result = await deps.database.workspaceReads(workspaceId, (tx) =>
        tx.execute(sql`SELECT
          count(*) FILTER (WHERE status = 'queued')::int AS queued,
          count(*) FILTER (WHERE status = 'running')::int AS running,
          count(*) FILTER (WHERE status IN ('paused','waiting_approval'))::int AS paused,
          count(*) FILTER (WHERE status = 'completed' AND finished_at > now() - interval '24 hours')::int AS completed_24h,
          count(*) FILTER (WHERE status = 'failed' AND finished_at > now() - interval '24 hours')::int AS failed_24h FROM runs`),
      );
      return result.rows[0] as unknown as RunCounts;
    },
  };
}

async function readQuality(
  tx: Tx,
  runId: string,
): Promise<{ run: QualityReport | null; steps: QualityReport[] }> {
  const ofRun = await tx.execute(sql`SELECT quality FROM runs WHERE id = ${runId}`);
  const ofSteps = await tx.execute(sql`
    SELECT quality FROM run_steps WHERE run_id = ${runId} AND quality IS NOT NULL ORDER BY ordinal, step_id`);
  const rows = ofSteps.rows as { quality: QualityReport }[];
  return {
    run: (ofRun.rows[0] as { quality: QualityReport | null }).quality,
    steps: rows.map((row) => row.quality),
  };
}

/** The worst findings of a run, as many as a comparison holds. Served by run_findings_worst. */
async function allFindings(tx: Tx, runId: string): Promise<Finding[]> {
  const result = await tx.execute(sql`
    SELECT finding FROM run_findings WHERE run_id = ${runId} ORDER BY rank, id LIMIT ${COMPARED_FINDINGS_MAX}`);
  return (result.rows as { finding: Finding }[]).map((row) => row.finding);
}

/** Served by run_findings_worst. */
async function listFindings(tx: Tx, runId: string, filter: FindingFilter) {
  const where = sql`run_id = ${runId}
    AND (${filter.severity ?? null}::text IS NULL OR severity = ${filter.severity ?? null})
    AND (${filter.step ?? null}::text IS NULL OR step_id = ${filter.step ?? null})`;
  const cursor = filter.cursor ? decodeCursor(filter.cursor) : null;
  const page = cursor
    ? sql`AND (rank, id) > (${Date.parse(cursor.at) / 1000}::smallint, ${cursor.id}::uuid)`
    : sql``;
  const totals = await tx.execute(
    sql`SELECT count(*)::int AS total FROM run_findings WHERE ${where}`,
  );
  const result = await tx.execute(sql`
    SELECT id, step_id, agent, rank, finding FROM run_findings
    WHERE ${where} ${page} ORDER BY rank, id LIMIT ${filter.limit + 1}`);
  const rows = result.rows as unknown as FindingRow[];
  const shown = rows.slice(0, filter.limit);
  const last = shown.at(-1);
  const hasMore = rows.length > filter.limit && last !== undefined;
  return {
    items: shown.map((row) => ({
      ...row.finding,
      id: row.id,
      step_id: row.step_id,
      agent: row.agent,
    })),
    nextCursor: hasMore ? encodeCursor({ at: rankToTime(last.rank), id: last.id }) : null,
    total: (totals.rows[0] as { total: number }).total,
  };
}
