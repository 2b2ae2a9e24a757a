import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { stackSchema } from './stack.ts';

const input = z.strictObject(scanInputShape);
const output = stackSchema.extend({ skipped: skippedSchema });

export const detectStack = defineTool({
  name: 'detect_stack',
  title: 'Detect the stack',
  description:
    'Works out what a project is made of and how it runs: languages, package managers, frameworks, versions, ports, health address, variables, services it needs, and its commands, each with the line that shows it.',
  group: 'deployment',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['framework', 'language', 'port', 'build', 'project'],
  async run(request, env) {
    const { readStack } = await import('./read-stack.ts');
    const { stack, scan } = await readStack(request, env);
    const parts = stack.components.map(
      ({ name, language, kind, frameworks, ports }) =>
        `${name} (${language} ${kind}${frameworks.length === 0 ? '' : ` with ${frameworks.map(({ value }) => value).join(', ')}`}${ports[0] === undefined ? '' : `, port ${ports[0].value}`})`,
    );
    return {
      output: { ...stack, skipped: scan.skipped },
      summary: `${parts.length === 0 ? `No manifest of a known language among ${scan.listed.length} files` : parts.slice(0, 8).join('; ')}. ${stack.deployment_files.length} deployment files are there already.${describeSkipped(scan.skipped)}`,
    };
  },
});
