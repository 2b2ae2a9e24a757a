import type { Suggestion } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { and, eq, inArray, notInArray, sql } from 'drizzle-orm';
import { recipeLearning, recipeSuggestions } from './learning-tables.ts';

export type SuggestionRow = typeof recipeSuggestions.$inferSelect;

/** All rows of a recipe, oldest first. */
export function listSuggestions(tx: Tx, recipeId: string): Promise<SuggestionRow[]> {
  return tx
    .select()
    .from(recipeSuggestions)
    .where(eq(recipeSuggestions.recipeId, recipeId))
    .orderBy(recipeSuggestions.createdAt, recipeSuggestions.id);
}

/** Writes a suggestion over an open one of the same id. */
export async function saveSuggestion(tx: Tx, row: SuggestionRow): Promise<void> {
  const { recipeId: _recipe, id: _id, createdAt: _created, workspaceId: _scope, ...change } = row;
  await tx
    .insert(recipeSuggestions)
    .values(row)
    .onConflictDoUpdate({
      target: [recipeSuggestions.recipeId, recipeSuggestions.id],
      set: change,
      setWhere: inArray(recipeSuggestions.status, ['open', 'measuring']),
    });
}

/** Open suggestions that the runs do not speak for any more go. */
export async function dropOpenExcept(
  tx: Tx,
  recipeId: string,
  ids: readonly string[],
): Promise<void> {
  const open = and(eq(recipeSuggestions.recipeId, recipeId), eq(recipeSuggestions.status, 'open'));
  const others = ids.length === 0 ? undefined : notInArray(recipeSuggestions.id, [...ids]);
  await tx.delete(recipeSuggestions).where(and(open, others));
}

export async function readRunsSeen(tx: Tx, recipeId: string): Promise<number> {
  const [row] = await tx
    .select({ seen: recipeLearning.runsSeen })
    .from(recipeLearning)
    .where(eq(recipeLearning.recipeId, recipeId));
  return row?.seen ?? 0;
}

export async function saveRunsSeen(tx: Tx, row: typeof recipeLearning.$inferInsert): Promise<void> {
  await tx
    .insert(recipeLearning)
    .values(row)
    .onConflictDoUpdate({
      target: recipeLearning.recipeId,
      set: { runsSeen: sql`excluded.runs_seen`, learntAt: sql`excluded.learnt_at` },
    });
}

export function toRow(
  suggestion: Suggestion,
  at: { recipeId: string; workspaceId: string; now: Date },
): SuggestionRow {
  return {
    recipeId: at.recipeId,
    id: suggestion.id,
    workspaceId: at.workspaceId,
    kind: suggestion.kind,
    stepId: suggestion.step_id,
    title: suggestion.title,
    evidence: suggestion.evidence,
    baseVersion: suggestion.base_version,
    changes: suggestion.changes,
    diff: suggestion.diff,
    status: suggestion.status,
    appliedVersion: suggestion.applied_version,
    automatic: false,
    before: suggestion.before,
    after: suggestion.after,
    verdict: suggestion.verdict,
    createdAt: at.now,
    updatedAt: at.now,
  };
}

export function fromRow(row: SuggestionRow): Suggestion {
  return {
    id: row.id,
    kind: row.kind,
    step_id: row.stepId,
    title: row.title,
    evidence: row.evidence,
    base_version: row.baseVersion,
    changes: row.changes,
    diff: row.diff,
    status: row.status,
    applied_version: row.appliedVersion,
    before: row.before,
    after: row.after,
    verdict: row.verdict,
  };
}
