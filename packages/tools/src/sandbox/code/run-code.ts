import { tmpdir } from 'node:os';
import { z } from 'zod';
import type { JsonObject } from '@automatos/kernel';
import { defineTool } from '../../definition.ts';
import type { ToolDefinition } from '../../definition.ts';
import { createSandbox } from '../create-sandbox.ts';
import { createCodeRunner } from './code-runner.ts';
import { CODE_LANGUAGES } from './code-types.ts';

/** The executor stops a call at the limit of its step; this is what code may take when that is longer. */
const WALL_MS_MAX = 600_000;

const input = z.strictObject({
  language: z.enum(CODE_LANGUAGES),
  source: z
    .string()
    .min(1)
    .max(200_000)
    .describe('Defines a function main(input) that returns JSON; in JavaScript it may be async'),
  input: z.record(z.string(), z.json()).default({}).describe('What main is called with'),
});
const output = z.object({
  value: z.json().describe('What main returned'),
  log: z.string().describe('What the code printed, the first 64 KiB'),
});

/** The tool that runs code of agents and recipes, isolated: nothing of the host, no network, bounded time and memory. */
export function runCodeTool(): ToolDefinition {
  const scratchDir = tmpdir();
  const runner = createCodeRunner({
    sandbox: createSandbox({ platform: process.platform, scratchDir }),
    scratchDir,
  });
  return defineTool({
    name: 'run_code',
    title: 'Run code',
    description:
      'Runs a small JavaScript or Python program that defines main(input) and returns JSON. It sees no files, no network and nothing of this machine.',
    group: 'code',
    input,
    output,
    capabilities: ['code'],
    timeoutMs: 60_000,
    // It can change nothing that outlives it.
    idempotent: true,
    isolation: 'inline',
    keywords: ['compute', 'script', 'program', 'javascript', 'python', 'calculate', 'transform'],
    async run(job, { signal }) {
      const { value, log } = await runner[job.language].run({
        source: job.source,
        input: job.input as JsonObject,
        timeoutMs: WALL_MS_MAX,
        signal,
      });
      const size = JSON.stringify(value).length;
      return {
        output: { value, log },
        summary: `The ${job.language} program returned ${size} characters of JSON${log === '' ? '' : ' and printed something'}.`,
      };
    },
  });
}
