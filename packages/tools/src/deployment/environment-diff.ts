import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { environmentDiffSchema, environmentShape } from './environment-schema.ts';

const input = z.strictObject(environmentShape);
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
