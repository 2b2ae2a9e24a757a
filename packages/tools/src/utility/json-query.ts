import type { JsonValue } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';
import { queryJson } from './json-path.ts';

const FILE_BYTES_MAX = 20 * 1024 * 1024;

const input = z.strictObject({
  query: z
    .string()
    .max(1000)
    .describe('For example items[*].name, ..id, orders[?(@.total > 100)], [0:3]'),
  value: z.json().optional().describe('JSON to look into'),
  path: z.string().max(4096).optional().describe('JSON file, instead of `value`'),
  limit: z.int().min(1).max(10_000).default(100),
});

async function rootOf(
  { value, path }: z.output<typeof input>,
  env: ToolEnvironment,
): Promise<JsonValue> {
  if ((path === undefined) === (value === undefined)) {
    throw toolError('tools.arguments.invalid', 'invalid-input', {
      message: 'Give either "value" or "path".',
      errors: [{ pointer: '/value', message: 'exactly one of value and path' }],
    });
  }
  if (path === undefined) return value as JsonValue;
  const text = await requireText(await env.roots.resolveInside(path), path, FILE_BYTES_MAX);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw toolError('tools.data.malformed', 'invalid-input', {
      message: `"${path}" is no JSON: ${(error as Error).message}.`,
      cause: error,
    });
  }
}

export const jsonQuery = defineTool({
  name: 'json_query',
  title: 'Query JSON',
  description:
    'Takes values out of a JSON document or file by a path: names, indices, slices, wildcards, deep search and filters.',
  group: 'utility',
  input,
  output: z.object({
    matches: z.array(z.object({ pointer: z.string(), value: z.json() })),
    total: z.int(),
  }),
  capabilities: ['read'],
  timeoutMs: 30_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['jsonpath', 'jq', 'extract', 'field', 'select', 'filter'],
  async run(request, env) {
    const found = queryJson(await rootOf(request, env), request.query);
    const matches = found.slice(0, request.limit);
    const left = found.length > matches.length ? `, of which ${matches.length} are given` : '';
    return {
      output: { matches, total: found.length },
      summary: `The query matches ${found.length} values${left}.`,
    };
  },
});
