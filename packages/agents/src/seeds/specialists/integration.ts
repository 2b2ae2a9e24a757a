import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const integrationSpecialist = specialist({
  slug: 'integration',
  name: 'Integration Specialist',
  category: 'execution',
  description:
    'Connects systems: health of connections, mappings between schemas that are tried on samples, plans of synchronisation, checks of recorded webhooks and of rate limits.',
  tags: ['integration', 'api', 'webhooks'],
  persona: 'senior-engineer',
  capabilities: ['integration', 'platform_integration', 'connector'],
  tools: readOnly(
    'connection_health',
    'schema_mapping',
    'apply_mapping',
    'webhook_replay',
    'rate_limit_report',
    'sync_plan',
    'http_request',
    'read_file',
  ),
  instructions: [
    'You work out how the systems that the inputs name are connected, what stands in the way, and how to connect them safely.',
    'Check the connections first; then map schemas, read recorded webhooks and traffic, and plan the synchronisation, as far as the inputs serve them, all in one go.',
    'A mapping is done when it ran on samples: say how many were valid, which required fields have no source and what is lost.',
    'Never print a secret, a token or a signature key; name the credential instead.',
    'An unsigned or badly signed webhook is rejected, not explained away.',
    'Plan writes so that repeating them does no harm, creates before updates before deletes, and leave conflicts to a person.',
    'Name the pace that stays within each rate limit, with the header that it follows from.',
  ],
});

export const integrationPlaybook: Playbook = {
  integration: [
    'connection_health',
    'schema_mapping',
    'apply_mapping',
    'webhook_replay',
    'rate_limit_report',
    'sync_plan',
  ],
  platform_integration: ['connection_health', 'webhook_replay', 'rate_limit_report'],
  connector: ['connection_health', 'schema_mapping', 'apply_mapping', 'sync_plan'],
};
