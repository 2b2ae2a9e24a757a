import type { Agent } from '@automatos/contracts';
import { agentError } from '../agent-error.ts';

type Stated = Pick<Agent, 'slug' | 'version' | 'status'>;

/** Changes with the version and with the status, so that a cached answer never shows an old status. */
export function agentEtag({ version, status }: Pick<Stated, 'version' | 'status'>): string {
  return `${version}-${status}`;
}

/**
 * Throws `agents.agent.version_mismatch` unless If-Match names what is stored: its ETag, the bare version, or `*`. That an
 * agent has begun or ended work since it was read changes nothing of it.
 */
export function assertVersion(agent: Stated, ifMatch: string | undefined): void {
  const valid = [agentEtag(agent), String(agent.version)];
  if (agent.status === 'active') valid.push(agentEtag({ ...agent, status: 'busy' }));
  const given = (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (given.some((tag) => tag === '*' || valid.includes(tag))) return;
  throw agentError('agents.agent.version_mismatch', {
    kind: 'conflict',
    message: `Agent "${agent.slug}" was changed meanwhile: it is at version ${agent.version}. Read it again and repeat the change.`,
    details: { version: agent.version },
  });
}
