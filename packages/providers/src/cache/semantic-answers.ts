import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { ModelResult } from '../calls/model-call.ts';
import type { KeptAnswer } from './kept-answers.ts';

/** Where answers are looked up by the meaning of their question. */
export interface SemanticAnswers {
  /** The nearest answer of the scope that is near enough and not older than `since`. */
  nearest(question: {
    workspaceId: WorkspaceId;
    scope: string;
    vector: readonly number[];
    /** Cosine from 0 to 1. */
    similarity: number;
    since: number;
  }): Promise<KeptAnswer | undefined>;
  keep(
    workspaceId: WorkspaceId,
    entry: { scope: string; vector: readonly number[]; answer: KeptAnswer },
  ): Promise<void>;
  clear(workspaceId: WorkspaceId): Promise<number>;
}

/** Of a workspace; the oldest leave. */
const ANSWERS_MAX = 2_000;
/** Of a scope that are compared: the newest. */
const COMPARED_MAX = 500;

/** Keeps them in the database, shared by all processes and seen by their workspace alone. */
export function createSemanticAnswers(
  database: Pick<Database, 'workspace'>,
  answersMax: number = ANSWERS_MAX,
): SemanticAnswers {
  return {
    async nearest({ workspaceId, scope, vector, similarity, since }) {
      const text = vectorText(vector);
      if (text === null) return undefined;
      const { rows } = await database.workspace(workspaceId, (tx) =>
        tx.execute<{ answer: ModelResult; kept_at: string; similarity: number }>(sql`
          SELECT answer, extract(epoch FROM kept_at) * 1000 AS kept_at,
                 1 - (embedding <=> ${text}::vector) AS similarity
          FROM (SELECT answer, kept_at, embedding FROM llm_semantic_answers
                WHERE scope = ${scope} AND kept_at > ${new Date(since).toISOString()}
                  AND vector_dims(embedding) = ${vector.length}
                ORDER BY kept_at DESC LIMIT ${COMPARED_MAX}) AS recent
          ORDER BY embedding <=> ${text}::vector LIMIT 1`),
      );
      const best = rows[0];
      if (best === undefined || !(best.similarity >= similarity)) return undefined;
      return { result: best.answer, keptAt: Number(best.kept_at) };
    },
    async keep(workspaceId, { scope, vector, answer }) {
      const text = vectorText(vector);
      if (text === null) return;
      await database.workspace(workspaceId, async (tx) => {
        await tx.execute(sql`
          INSERT INTO llm_semantic_answers (id, workspace_id, scope, embedding, answer, kept_at)
          VALUES (${newId()}, ${workspaceId}, ${scope}, ${text}::vector,
                  ${JSON.stringify(answer.result)}::jsonb, ${new Date(answer.keptAt).toISOString()})`);
        await tx.execute(sql`
          DELETE FROM llm_semantic_answers WHERE id IN (
            SELECT id FROM llm_semantic_answers ORDER BY kept_at DESC, id DESC OFFSET ${answersMax})`);
      });
    },
    async clear(workspaceId) {
      const { rowCount } = await database.workspace(workspaceId, (tx) =>
        tx.execute(sql`DELETE FROM llm_semantic_answers`),
      );
      return rowCount ?? 0;
    },
  };
}

/** Null for a vector that has no direction, with which nothing can be compared. */
function vectorText(vector: readonly number[]): string | null {
  const usable = vector.length > 0 && vector.every(Number.isFinite) && vector.some((x) => x !== 0);
  return usable ? `[${vector.join(',')}]` : null;
}
