import { z } from 'zod';
import { environmentShape } from './environment-schema.ts';

export const rolloutStepSchema = z.object({
  number: z.int(),
  phase: z.enum(['prepare', 'deploy', 'verify', 'finish']),
  action: z.string(),
  command: z.string().nullable(),
  check: z.string().describe('What must be true before the next step'),
  rollback: z.string().describe('What to do when it is not'),
});
export type RolloutStep = z.output<typeof rolloutStepSchema>;

export const rolloutRequestSchema = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  platform: z.enum(['compose', 'kubernetes']).default('kubernetes'),
  strategy: z
    .enum(['rolling', 'blue_green', 'canary'])
    .optional()
    .describe('Default rolling; canary and blue_green on Kubernetes only'),
  component: z.string().max(300).optional().describe('Folder of the component; default the first'),
  current: environmentShape.current.optional(),
  wanted: environmentShape.wanted.optional(),
});
export type RolloutRequest = z.output<typeof rolloutRequestSchema>;
