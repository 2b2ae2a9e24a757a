import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { definitionOf, insertAgent } from '../agents/agent-store.ts';
import { insertPersona } from '../personas/persona-store.ts';
import { PERSONA_SEEDS } from './persona-data.ts';
import { SPECIALISTS } from './specialists.ts';

/**
 * Adds the predefined personas and the specialists that the workspace does not have yet, and returns how many. What has
 * the slug already is left as it is, so people's changes survive every start.
 */
export async function seedAgents(
  tx: Tx,
  workspaceId: WorkspaceId,
  nowMs: number,
): Promise<{ personas: number; agents: number }> {
  const at = new Date(nowMs);
  const times = { createdAt: at, updatedAt: at };
  const added = { personas: 0, agents: 0 };
  for (const seed of PERSONA_SEEDS) {
    const row = { id: newId(nowMs), workspaceId, predefined: true, ...times, ...seed };
    if (await insertPersona(tx, row)) added.personas += 1;
  }
  for (const { slug, ...definition } of SPECIALISTS) {
    const row = {
      id: newId(nowMs),
      workspaceId,
      slug,
      status: 'active' as const,
      version: 1,
      seeded: true,
      createdById: null,
      ...times,
      ...definitionOf(definition),
    };
    if (await insertAgent(tx, row, { by: 'system' })) added.agents += 1;
  }
  return added;
}
