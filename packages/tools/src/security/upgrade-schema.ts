import { severitySchema } from '@automatos/contracts';
import { z } from 'zod';

export const upgradeSchema = z.object({
  ecosystem: z.enum(['npm', 'pypi']),
  package: z.string(),
  from: z.string(),
  to: z.string().describe('Smallest version that no known advisory speaks of'),
  step: z.enum(['patch', 'minor', 'major']),
  direct: z.boolean(),
  declared: z.string().nullable(),
  fits_declared: z.boolean().nullable().describe('Whether the declared range allows it already'),
  needed_by: z.array(z.string()),
  advisories: z.array(z.string()),
  severity: severitySchema,
  path: z.string(),
  how: z.string(),
});
export type Upgrade = z.output<typeof upgradeSchema>;
