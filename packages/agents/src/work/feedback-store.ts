import type { AgentFeedback } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import { agentFeedback, agentTurns } from '../turns/turn-tables.ts';

type FeedbackRow = typeof agentFeedback.$inferSelect;

const cursorSchema = z.uuid();

export function toFeedback(row: FeedbackRow): AgentFeedback {
  return {
    run_id: row.runId,
    rating: row.rating,
    comment: row.comment,
    by: row.byName,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** Whether the agent worked in the run. */
export async function workedIn(tx: Tx, agentId: string, runId: string): Promise<boolean> {
  const [row] = await tx
    .select({ stepId: agentTurns.stepId })
    .from(agentTurns)
    .where(and(eq(agentTurns.agentId, agentId), eq(agentTurns.runId, runId)))
    .limit(1);
  return row !== undefined;
}

/** One opinion per person and run: a later one takes the place of the first, whose time stays. */
export async function putFeedback(tx: Tx, row: FeedbackRow): Promise<FeedbackRow> {
  const { rating, comment, byName, updatedAt } = row;
  const [written] = await tx
    .insert(agentFeedback)
    .values(row)
    .onConflictDoUpdate({
      target: [agentFeedback.agentId, agentFeedback.runId, agentFeedback.byId],
      set: { rating, comment, byName, updatedAt },
    })
    .returning();
  return written ?? row;
}

/** One page, newest first. */
export async function listFeedback(
  tx: Tx,
  agentId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: AgentFeedback[]; nextCursor: string | null }> {
  const after =
    page.cursor === undefined
      ? null
      : decodeCursor(page.cursor, cursorSchema, 'agents.list.cursor_invalid');
  const rows = await tx
    .select()
    .from(agentFeedback)
    .where(
      and(
        eq(agentFeedback.agentId, agentId),
        after === null ? undefined : lt(agentFeedback.id, after),
      ),
    )
    .orderBy(desc(agentFeedback.id))
    .limit(page.limit + 1);
  const cut = toPage(rows, page.limit, ({ id }) => id);
  return { items: cut.rows.map(toFeedback), nextCursor: cut.nextCursor };
}
