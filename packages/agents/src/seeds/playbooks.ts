import type { Playbook } from './specialists/specialist.ts';
import { apiPlaybook } from './specialists/api.ts';
import { codePlaybook } from './specialists/code.ts';
import { dataPlaybook } from './specialists/data.ts';
import { documentationPlaybook } from './specialists/documentation.ts';
import { monitoringPlaybook } from './specialists/monitoring.ts';
import { performancePlaybook } from './specialists/performance.ts';
import { securityPlaybook } from './specialists/security.ts';
import { testingPlaybook } from './specialists/testing.ts';

/** Playbooks of the specialists by slug. */
export const PLAYBOOKS: Readonly<Record<string, Playbook>> = {
  api: apiPlaybook,
  code: codePlaybook,
  data: dataPlaybook,
  documentation: documentationPlaybook,
  monitoring: monitoringPlaybook,
  security: securityPlaybook,
  testing: testingPlaybook,
  performance: performancePlaybook,
};
