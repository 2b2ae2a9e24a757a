import type { Tx } from '@automatos/database';
import { and, count, inArray, isNull } from 'drizzle-orm';
import { agentTurns } from './turn-tables.ts';

/** Turns under way by agent id; agents without one are missing. Index `agent_turns_working`. */
export async function workingTurns(
  tx: Tx,
  agentIds: readonly string[],
): Promise<Map<string, number>> {
  if (agentIds.length === 0) return new Map();
  const rows = await tx
    .select({ agentId: agentTurns.agentId, working: count() })
    .from(agentTurns)
    .where(and(inArray(agentTurns.agentId, [...agentIds]), isNull(agentTurns.finishedAt)))
    .groupBy(agentTurns.agentId);
  return new Map(rows.map(({ agentId, working }) => [agentId, working]));
}
