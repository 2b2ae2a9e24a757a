import type { Agent } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import { findPersona } from '../personas/persona-store.ts';
import { assertCanWork } from '../runtime/turn-start.ts';
import { findAgent, findSharedAgents, toAgent } from './agent-store.ts';
import type { Viewer } from './agent-viewer.ts';

/** What a turn needs of an agent; plain JSON, so that a run may keep it unchanged. */
export interface ResolvedAgent {
  agent: Agent;
  personaPrompt: string | null;
}

/** Sees what the workspace shares. */
const ANYONE: Viewer = { id: '', seesAll: false };

/**
 * The agent with its persona's prompt. Throws `agent.item.not_found`, or `agents.agent.not_active` when it takes no work.
 * Without a viewer, agents that only their creator sees are not found: recipes and tasks are the workspace's.
 */
export async function resolveAgent(
  tx: Tx,
  ref: string,
  viewer: Viewer | null = ANYONE,
): Promise<ResolvedAgent> {
  const row = await findAgent(tx, ref, { viewer });
  if (row === undefined) throw notFound('agent', ref);
  const agent = toAgent(row);
  assertCanWork({ agent });
  return { agent, personaPrompt: await personaPromptOf(tx, agent) };
}

/** The agent's own persona text, else its persona's prompt; null without either. */
export async function personaPromptOf(
  tx: Tx,
  { persona, persona_text: own }: Pick<Agent, 'persona' | 'persona_text'>,
): Promise<string | null> {
  if (own.trim() !== '') return own;
  const found = persona === null ? undefined : await findPersona(tx, persona);
  return found?.prompt ?? null;
}

/** The agents behind these ids or slugs that the workspace shares, by the given reference; others are missing. For checking recipes. */
export async function lookUpAgents(tx: Tx, refs: readonly string[]): Promise<Map<string, Agent>> {
  const found = (await findSharedAgents(tx, refs)).map((row) => toAgent(row));
  const entries = refs.map(
    (ref) => [ref, found.find((agent) => agent.slug === ref || agent.id === ref)] as const,
  );
  return new Map(entries.filter((entry): entry is [string, Agent] => entry[1] !== undefined));
}
