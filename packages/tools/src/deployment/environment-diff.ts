import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { skippedSchema } from '../workspace/walk.ts';

const place = z.string().min(1).max(4096);
/** Inputs of the tools that compare two environments. */
export const environmentShape = {
  path: place
    .optional()
    .describe('Folder that the two places are relative to and that findings are told in'),
  current: place.describe('File or folder with the settings that run now'),
  wanted: place.describe('File or folder with the settings that shall run'),
};
const input = z.strictObject(environmentShape);
const difference = z.object({
  key: z.string(),
  file: z.string(),
  current: z.string(),
  wanted: z.string(),
  secret: z.boolean(),
});
export const environmentDiffSchema = z.object({
  missing: z.array(z.object({ key: z.string(), file: z.string() })).describe('Only in current'),
  added: z.array(z.object({ key: z.string(), file: z.string() })).describe('Only in wanted'),
  different: z.array(difference).describe('Values of secrets are masked'),
  same: z.int(),
  compared: z.array(z.object({ current: z.string(), wanted: z.string() })),
  only_in_current: z.array(z.string()).describe('Files without a counterpart'),
  only_in_wanted: z.array(z.string()),
});
const output = environmentDiffSchema.extend({ skipped: skippedSchema });

export const environmentDiff = defineTool({
  name: 'environment_diff',
  title: 'Compare environments',
  description:
    'Compares the settings of two environments (.env, JSON, YAML, properties; files or folders): missing and added keys, differing values with secrets masked, placeholders left over, and secrets that both share.',
  group: 'deployment',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['configuration', 'settings', 'staging', 'production', 'env', 'drift'],
  async run(request, env) {
    const { compareEnvironments } = await import('./compare-environments.ts');
    const { diff, findings, skipped } = await compareEnvironments(request, env);
    return {
      output: { ...diff, skipped },
      summary:
        diff.compared.length === 0
          ? `Nothing could be compared: no file of the one place has a counterpart of the same name in the other (${diff.only_in_current.length} and ${diff.only_in_wanted.length} files).`
          : `${diff.compared.length} pairs of files: ${diff.missing.length} keys missing in the wanted environment, ${diff.added.length} added, ${diff.different.length} with other values, ${diff.same} the same.`,
      findings,
    };
  },
});
