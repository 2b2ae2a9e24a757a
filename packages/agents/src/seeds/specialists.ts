import type { Specialist } from './specialists/specialist.ts';
import { apiSpecialist } from './specialists/api.ts';
import { codeSpecialist } from './specialists/code.ts';
import { dataSpecialist } from './specialists/data.ts';
import { deploymentSpecialist } from './specialists/deployment.ts';
import { documentationSpecialist } from './specialists/documentation.ts';
import { integrationSpecialist } from './specialists/integration.ts';
import { intelligenceSpecialist } from './specialists/intelligence.ts';
import { monitoringSpecialist } from './specialists/monitoring.ts';
import { performanceSpecialist } from './specialists/performance.ts';
import { researchSpecialist } from './specialists/research.ts';
import { securitySpecialist } from './specialists/security.ts';
import { testingSpecialist } from './specialists/testing.ts';

/** Agents that come with the product; their tools do the work, the model plans and writes. */
export const SPECIALISTS: readonly Specialist[] = [
  securitySpecialist,
  codeSpecialist,
  deploymentSpecialist,
  documentationSpecialist,
  dataSpecialist,
  monitoringSpecialist,
  apiSpecialist,
  testingSpecialist,
  performanceSpecialist,
  integrationSpecialist,
  intelligenceSpecialist,
  researchSpecialist,
];
