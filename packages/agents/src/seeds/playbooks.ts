import type { Playbook } from './specialists/specialist.ts';
import { apiPlaybook } from './specialists/api.ts';
import { codePlaybook } from './specialists/code.ts';
import { dataPlaybook } from './specialists/data.ts';
import { deploymentPlaybook } from './specialists/deployment.ts';
import { documentationPlaybook } from './specialists/documentation.ts';
import { integrationPlaybook } from './specialists/integration.ts';
import { intelligencePlaybook } from './specialists/intelligence.ts';
import { monitoringPlaybook } from './specialists/monitoring.ts';
import { performancePlaybook } from './specialists/performance.ts';
import { researchPlaybook } from './specialists/research.ts';
import { securityPlaybook } from './specialists/security.ts';
import { testingPlaybook } from './specialists/testing.ts';

/** Playbooks of the specialists by slug. */
export const PLAYBOOKS: Readonly<Record<string, Playbook>> = {
  api: apiPlaybook,
  code: codePlaybook,
  data: dataPlaybook,
  deployment: deploymentPlaybook,
  documentation: documentationPlaybook,
  integration: integrationPlaybook,
  intelligence: intelligencePlaybook,
  monitoring: monitoringPlaybook,
  security: securityPlaybook,
  testing: testingPlaybook,
  performance: performancePlaybook,
  research: researchPlaybook,
};
