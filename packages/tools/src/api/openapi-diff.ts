import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { apiFinding } from './api-finding.ts';
import { compareOperations } from './diff-operations.ts';
import { listOperations } from './operations.ts';
import { specPathSchema } from './openapi-lint.ts';
import { lineOfPlace, requireSpec } from './spec-document.ts';

const input = z.strictObject({
  spec: specPathSchema.describe('The new OpenAPI description'),
  previous: specPathSchema.describe('The description before'),
});
const output = z.object({
  spec: z.string(),
  previous: z.string(),
  operations_before: z.int(),
  operations_after: z.int(),
  breaking_total: z.int(),
  compatible_total: z.int(),
  breaking: z.array(z.object({ rule: z.string(), message: z.string(), line: z.int() })),
});

export const openapiDiff = defineTool({
  name: 'openapi_diff',
  title: 'Compare two API descriptions',
  description:
    'Compares two OpenAPI descriptions and tells which changes break clients of the old one (removed operations, answers and fields, new required input, narrower types, other security) and which do not.',
  group: 'api',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['openapi', 'breaking change', 'compatibility', 'version'],
  async run(request, env) {
    const [before, after] = [
      await requireSpec(request.previous, env),
      await requireSpec(request.spec, env),
    ];
    const [old, now] = [listOperations(before), listOperations(after)];
    const changes = compareOperations(old, now, { before, after, seen: new Set() });
    const breaking = changes.filter((change) => change.breaking);
    return {
      output: {
        spec: after.main.path,
        previous: before.main.path,
        operations_before: old.length,
        operations_after: now.length,
        breaking_total: breaking.length,
        compatible_total: changes.length - breaking.length,
        breaking: breaking.slice(0, 200).map(({ rule, message, at }) => ({
          rule: `api.${rule}`,
          message,
          line: lineOfPlace(at),
        })),
      },
      summary: `${breaking.length} breaking and ${changes.length - breaking.length} compatible changes from "${before.main.path}" (${old.length} operations) to "${after.main.path}" (${now.length} operations).`,
      findings: changes.map((change) => apiFinding('openapi_diff', change)),
    };
  },
});
