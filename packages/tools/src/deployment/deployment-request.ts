import { z } from 'zod';

const PLATFORMS = ['docker', 'compose', 'kubernetes', 'github_actions', 'all'] as const;

export const deploymentRequestSchema = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  platform: z.enum(PLATFORMS).default('all').describe('Which files to make'),
  component: z
    .string()
    .max(300)
    .optional()
    .describe('Folder of the component to deploy; default the first service'),
  image: z
    .string()
    .max(300)
    .regex(/^[\w./:@-]+$/, 'give an image such as registry.example/shop:1.2.0')
    .optional()
    .describe('Image that Kubernetes runs; default name and version of the project'),
  port: z.int().min(1).max(65_535).optional().describe('Port of the program; default the detected'),
  save: z
    .boolean()
    .default(false)
    .describe('Write the files into the project; those that exist are never overwritten'),
});
export type DeploymentRequest = z.output<typeof deploymentRequestSchema>;
