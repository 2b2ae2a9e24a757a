import type { ToolDefinition } from '../definition.ts';
import { applyMapping } from './apply-mapping.ts';
import { connectionHealth } from './connection-health.ts';
import { rateLimitReport } from './rate-limit-report.ts';
import { schemaMapping } from './schema-mapping.ts';
import { syncPlan } from './sync-plan.ts';
import { webhookReplay } from './webhook-replay.ts';

/** Health, mapping, synchronisation and webhooks of connections to other systems. */
export const integrationTools: readonly ToolDefinition[] = [
  connectionHealth,
  schemaMapping,
  applyMapping,
  webhookReplay,
  rateLimitReport,
  syncPlan,
];
