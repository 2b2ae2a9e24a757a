import type { Agent } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, asc, count, desc, eq, ilike, or, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { z } from 'zod';
import { containsPattern } from '../paging.ts';
import { agents } from './agent-tables.ts';
import type { AgentRow } from './agent-store.ts';
import { visibleTo } from './agent-viewer.ts';
import type { Viewer } from './agent-viewer.ts';

export type AgentSort =
  | '-created_at'
  | 'created_at'
  | 'name'
  | '-name'
  | 'updated_at'
  | '-updated_at';

export interface AgentFilter {
  limit: number;
  cursor?: string | undefined;
  search?: string | undefined;
  category?: string | undefined;
  status?: Agent['status'] | undefined;
  capability?: string | undefined;
  tool?: string | undefined;
  tag?: string | undefined;
  sort?: AgentSort | undefined;
}

const INVALID = 'agents.list.cursor_invalid';
const idCursor = z.uuid();
const nameCursor = z.tuple([z.string().max(300), z.uuid()]);
const timeCursor = z.tuple([z.iso.datetime(), z.uuid()]);

/** An open turn makes an active agent busy; index `agent_turns_working`. */
const WORKS = sql`EXISTS (SELECT 1 FROM agent_turns t WHERE t.workspace_id = ${agents.workspaceId} AND t.agent_id = ${agents.id} AND t.finished_at IS NULL)`;

/** One page of what the viewer may see; indexes `agents_newest`, `agents_by_name` and `agents_by_change`. */
export async function listAgents(
  tx: Tx,
  viewer: Viewer | null,
  filter: AgentFilter,
): Promise<{ rows: AgentRow[]; nextCursor: string | null; total: number }> {
  const wanted = and(visibleTo(viewer), ...conditionsOf(filter));
  const order = orderOf(filter.sort ?? '-created_at');
  const after = filter.cursor === undefined ? undefined : order.after(filter.cursor);
  const rows = await tx
    .select()
    .from(agents)
    .where(and(wanted, after))
    .orderBy(...order.by)
    .limit(filter.limit + 1);
  const [all] = await tx.select({ total: count() }).from(agents).where(wanted);
  return { ...toPage(rows, filter.limit, order.cursorOf), total: all?.total ?? 0 };
}

function conditionsOf(filter: AgentFilter): (SQL | undefined)[] {
  const { category, status, capability, tool, tag } = filter;
  const holds = (column: SQL | (typeof agents)['tags'], value: unknown) =>
    sql`${column} @> ${JSON.stringify([value])}::jsonb`;
  const search = filter.search?.trim() ?? '';
  const pattern = containsPattern(search);
  return [
    category === undefined ? undefined : eq(agents.category, category),
    status === undefined ? undefined : hasStatus(status),
    capability === undefined ? undefined : holds(sql`${agents.capabilities}`, capability),
    tool === undefined ? undefined : holds(sql`${agents.tools}`, { tool }),
    tag === undefined ? undefined : holds(sql`${agents.tags}`, tag),
    search === ''
      ? undefined
      : or(
          ilike(agents.name, pattern),
          ilike(agents.slug, pattern),
          ilike(agents.description, pattern),
        ),
  ];
}

function hasStatus(status: Agent['status']): SQL | undefined {
  if (status === 'busy') return and(eq(agents.status, 'active'), WORKS);
  if (status === 'active') return and(eq(agents.status, 'active'), sql`NOT ${WORKS}`);
  return eq(agents.status, status);
}

/** How a sort orders rows, and where a page of it goes on. */
function orderOf(sort: AgentSort) {
  const [direction, beyond] = sort.startsWith('-') ? [desc, sql`<`] : [asc, sql`>`];
  const field = sort.replace('-', '');
  // Ids grow with time, so they are the order of creation.
  if (field === 'created_at') {
    return {
      by: [direction(agents.id)],
      after: (cursor: string) =>
        sql`${agents.id} ${beyond} ${decodeCursor(cursor, idCursor, INVALID)}::uuid`,
      cursorOf: (row: AgentRow) => row.id,
    };
  }
  if (field === 'name') {
    const column = sql`lower(${agents.name})`;
    return {
      by: [direction(column), direction(agents.id)],
      after(cursor: string) {
        const [name, id] = decodeCursor(cursor, nameCursor, INVALID);
        return sql`(${column}, ${agents.id}) ${beyond} (lower(${name}::text), ${id}::uuid)`;
      },
      cursorOf: (row: AgentRow) => [row.name, row.id],
    };
  }
  return {
    by: [direction(agents.updatedAt), direction(agents.id)],
    after(cursor: string) {
      const [at, id] = decodeCursor(cursor, timeCursor, INVALID);
      return sql`(${agents.updatedAt}, ${agents.id}) ${beyond} (${at}::timestamptz, ${id}::uuid)`;
    },
    cursorOf: (row: AgentRow) => [row.updatedAt.toISOString(), row.id],
  };
}
