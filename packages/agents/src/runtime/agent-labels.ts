import type { Agent } from '@automatos/contracts';
import { SPECIALISTS } from '../seeds/specialists.ts';

/** Metric labels of an agent: slug and name of the seeded ones, `custom` for all others, so that the series stay few. */
export function agentLabels(agent: Pick<Agent, 'slug' | 'seeded'>): {
  agent_id: string;
  agent_name: string;
} {
  const seed = agent.seeded
    ? SPECIALISTS.find((specialist) => specialist.slug === agent.slug)
    : undefined;
  return seed === undefined
    ? { agent_id: 'custom', agent_name: 'custom' }
    : { agent_id: seed.slug, agent_name: seed.name };
}
