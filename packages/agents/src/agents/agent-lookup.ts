import type { Agent } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import { findPersona } from '../personas/persona-store.ts';
import { assertCanWork } from '../runtime/turn-start.ts';
import { findAgent, findAgents, toAgent } from './agent-store.ts';

/** What a turn needs of an agent; plain JSON, so that a run may keep it unchanged. */
export interface ResolvedAgent {
  agent: Agent;
  personaPrompt: string | null;
}

/** The agent with its persona's prompt. Throws `agent.item.not_found`, or `agents.agent.not_active` when it takes no work. */
export async function resolveAgent(tx: Tx, ref: string): Promise<ResolvedAgent> {
  const row = await findAgent(tx, ref);
  if (row === undefined) throw notFound('agent', ref);
  const agent = toAgent(row);
  assertCanWork({ agent });
  const persona = row.persona === null ? undefined : await findPersona(tx, row.persona);
  return { agent, personaPrompt: persona?.prompt ?? null };
}

/** The agents behind these ids or slugs, by the given reference; unknown ones are missing. For checking recipes. */
export async function lookUpAgents(tx: Tx, refs: readonly string[]): Promise<Map<string, Agent>> {
  const found = (await findAgents(tx, refs)).map(toAgent);
  const entries = refs.map(
    (ref) => [ref, found.find((agent) => agent.slug === ref || agent.id === ref)] as const,
  );
  return new Map(entries.filter((entry): entry is [string, Agent] => entry[1] !== undefined));
}
