import { AGENT_STATUSES } from '@automatos/contracts';
import type { AgentStats } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import { agents } from '../agents/agent-tables.ts';
import { countCategories } from '../agents/agent-store.ts';
import { visibleTo } from '../agents/agent-viewer.ts';
import type { Viewer } from '../agents/agent-viewer.ts';
import { turnStats } from '../turns/agent-metrics.ts';
import type { Period } from '../turns/agent-metrics.ts';

/** Figures over the agents that the viewer may see. */
export async function rosterStats(
  tx: Tx,
  viewer: Viewer | null,
  { days, ...period }: Period & { days: number },
): Promise<AgentStats> {
  const visible = visibleTo(viewer);
  const status = sql<string>`
    CASE WHEN ${agents.status} = 'active' AND EXISTS (
      SELECT 1 FROM agent_turns t WHERE t.workspace_id = ${agents.workspaceId} AND t.agent_id = ${agents.id} AND t.finished_at IS NULL)
    THEN 'busy' ELSE ${agents.status} END`;
  const rows = await tx
    .select({ status, count: sql<number>`count(*)::int` })
    .from(agents)
    .where(visible)
    .groupBy(sql`1`);
  const counts = new Map<string, number>(rows.map((row) => [row.status, row.count]));
  return {
    total: rows.reduce((sum, row) => sum + row.count, 0),
    by_status: Object.fromEntries(
      AGENT_STATUSES.map((name) => [name, counts.get(name) ?? 0]),
    ) as AgentStats['by_status'],
    by_category: await countCategories(tx, viewer),
    days,
    ...(await turnStats(tx, visible, period)),
  };
}
