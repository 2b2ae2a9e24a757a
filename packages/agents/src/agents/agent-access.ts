import type { Agent } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import { workingTurns } from '../turns/turn-store.ts';
import { findAgent, toAgent } from './agent-store.ts';
import type { AgentRow } from './agent-store.ts';
import type { Scope } from './agent-viewer.ts';

/** The agent; throws `agent.item.not_found`, also for one that the viewer may not see. */
export async function mustFind(
  tx: Tx,
  { viewer }: Pick<Scope, 'viewer'>,
  ref: string | { ref: string; lock: boolean },
): Promise<AgentRow> {
  const wanted = typeof ref === 'string' ? { ref, lock: false } : ref;
  const row = await findAgent(tx, wanted.ref, { viewer, lock: wanted.lock });
  if (row === undefined) throw notFound('agent', wanted.ref);
  return row;
}

/** The rows as people see them: with what they do now. */
export async function present(tx: Tx, rows: readonly AgentRow[]): Promise<Agent[]> {
  const working = await workingTurns(
    tx,
    rows.filter(({ status }) => status === 'active').map(({ id }) => id),
  );
  return rows.map((row) => toAgent(row, working.get(row.id) ?? 0));
}

export async function presentOne(tx: Tx, row: AgentRow): Promise<Agent> {
  const [agent] = await present(tx, [row]);
  return agent ?? toAgent(row);
}
