import { sql } from 'drizzle-orm';
import type { Artifact } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { RunId, WorkspaceId } from '@automatos/kernel';
import type { MadeArtifact } from './types.ts';

/** Keeps a document once per run and name: a second save answers with the first one's id. */
export async function saveArtifact(
  tx: Tx,
  scope: { workspaceId: WorkspaceId; runId: RunId; at: string },
  artifact: MadeArtifact,
): Promise<{ id: string; bytes: number }> {
  const { content } = artifact;
  const text =
    typeof content === 'string' ? content.toWellFormed().replaceAll('\0', '\uFFFD') : null;
  const bytes = typeof content === 'string' ? null : Buffer.from(content);
  const size = bytes?.byteLength ?? Buffer.byteLength(text ?? '');
  const result = await tx.execute(sql`
    INSERT INTO run_artifacts (id, workspace_id, run_id, name, step_id, title, format, content_type, content, content_bytes, bytes, created_at)
    VALUES (${newId()}, ${scope.workspaceId}, ${scope.runId}, ${artifact.name}, ${artifact.stepId}, ${artifact.title}, ${artifact.format},
      ${artifact.contentType}, ${text}, ${bytes}, ${size}, ${scope.at}::timestamptz)
    ON CONFLICT (run_id, name) DO UPDATE SET name = excluded.name
    RETURNING id, bytes`);
  const row = result.rows[0] as { id: string; bytes: number };
  return { id: row.id, bytes: row.bytes };
}

interface ArtifactRow {
  id: string;
  step_id: string;
  title: string;
  format: string;
  content_type: string;
  bytes: number;
  created_at: Date | string;
}

/** Documents of a run in the order they were made. */
export async function listArtifacts(tx: Tx, runId: string): Promise<Artifact[]> {
  const result = await tx.execute(sql`
    SELECT id, step_id, title, format, content_type, bytes, created_at FROM run_artifacts WHERE run_id = ${runId} ORDER BY created_at, id`);
  return (result.rows as unknown as ArtifactRow[]).map((row) => ({
    ...row,
    created_at: new Date(row.created_at).toISOString(),
  }));
}

/** A document with its content, text or bytes. */
export interface ArtifactContent {
  title: string;
  format: string;
  contentType: string;
  content: string | Uint8Array;
}

export async function readArtifact(
  tx: Tx,
  runId: string,
  artifactId: string,
): Promise<ArtifactContent | null> {
  const result = await tx.execute(
    sql`SELECT title, format, content_type, content, content_bytes
      FROM run_artifacts WHERE run_id = ${runId} AND id = ${artifactId}`,
  );
  const row = result.rows[0] as
    | {
        title: string;
        format: string;
        content_type: string;
        content: string | null;
        content_bytes: Buffer | null;
      }
    | undefined;
  if (!row) return null;
  return {
    title: row.title,
    format: row.format,
    contentType: row.content_type,
    content: row.content ?? new Uint8Array(row.content_bytes ?? []),
  };
}
