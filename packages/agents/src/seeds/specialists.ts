import type { Specialist } from './specialists/specialist.ts';
import { apiSpecialist } from './specialists/api.ts';
import { codeSpecialist } from './specialists/code.ts';
import { dataSpecialist } from './specialists/data.ts';
import { documentationSpecialist } from './specialists/documentation.ts';
import { monitoringSpecialist } from './specialists/monitoring.ts';
import { performanceSpecialist } from './specialists/performance.ts';
import { securitySpecialist } from './specialists/security.ts';
import { testingSpecialist } from './specialists/testing.ts';

/** Agents that come with the product; their tools do the work, the model plans and writes. */
export const SPECIALISTS: readonly Specialist[] = [
  securitySpecialist,
  codeSpecialist,
  documentationSpecialist,
  dataSpecialist,
  monitoringSpecialist,
  apiSpecialist,
  testingSpecialist,
  performanceSpecialist,
];
