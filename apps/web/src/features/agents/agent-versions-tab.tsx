'use client';

import {
  diffAgentVersions,
  listAgentVersions,
  restoreAgentVersion,
  type Agent,
} from '@automatos/sdk';
import { useApi } from '../../components/api-context.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { VersionHistory } from '../versions/version-history.tsx';

/** Every version of the agent, what changed between two, and the way back. */
export function AgentVersionsTab({ agent }: { agent: Agent }) {
  const client = useApi();
  const mayWrite = useMay('agents:write');
  const path = { agent_id: agent.id };
  const { query, items } = usePaged(['agents', 'versions', agent.id], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listAgentVersions({ client, path, query: paging, signal })).data;
  });
  return (
    <VersionHistory
      mayWrite={mayWrite}
      versions={{ query, items }}
      subject={{
        area: 'agents',
        id: agent.id,
        version: agent.version,
        onlyOne:
          'Each time the agent is saved a version is added. Edit it, and what changed is shown here.',
        diff: async (version, to, signal) =>
          (await diffAgentVersions({ client, path: { ...path, version }, query: { to }, signal }))
            .data,
        restore: async (version) => {
          const headers = {
            'If-Match': `"${agent.version}"`,
            'Idempotency-Key': newIdempotencyKey(),
          };
          const answer = await restoreAgentVersion({ client, path: { ...path, version }, headers });
          return answer.data.version;
        },
      }}
    />
  );
}
