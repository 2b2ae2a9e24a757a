import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, desc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { llmUsage } from './usage-tables.ts';

export type ListedCall = typeof llmUsage.$inferSelect;

export interface CallFilter {
  limit: number;
  cursor?: string | undefined;
  provider?: string | undefined;
  /** Slug. */
  agent?: string | undefined;
  runId?: string | undefined;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** Single calls, newest first; times have whole milliseconds, so that a cursor names them exactly. Reads by `llm_usage_recent`. Throws `providers.calls.cursor_invalid`. */
export async function listCalls(
  tx: Tx,
  { limit, cursor, ...filter }: CallFilter,
): Promise<{ items: ListedCall[]; nextCursor: string | null }> {
  const after =
    cursor === undefined
      ? null
      : decodeCursor(cursor, cursorSchema, 'providers.calls.cursor_invalid');
  const rows = await tx
    .select()
    .from(llmUsage)
    .where(
      and(
        filter.provider === undefined ? undefined : eq(llmUsage.provider, filter.provider),
        filter.agent === undefined ? undefined : eq(llmUsage.agentSlug, filter.agent),
        filter.runId === undefined ? undefined : eq(llmUsage.runId, filter.runId),
        after === null
          ? undefined
          : sql`(${llmUsage.at}, ${llmUsage.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(llmUsage.at), desc(llmUsage.id))
    .limit(limit + 1);
  const page = toPage(rows, limit, (row) => [row.at.toISOString(), row.id]);
  return { items: page.rows, nextCursor: page.nextCursor };
}
