import type { Finding } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import type { MappingDocument } from './mapping-document.ts';

const file = z.string().min(1).max(4096);
const input = z.strictObject({
  mapping: z
    .string()
    .min(1)
    .max(500_000)
    .describe('Mapping document of schema_mapping as JSON, or the path of one'),
  records: file.describe('Records to map: JSON, NDJSON or CSV'),
  target_schema: file.optional().describe('JSON schema to validate the results by'),
  preview: z
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe('Results to show; all of them are an artifact'),
});
const output = z.object({
  records: z.int(),
  mapped: z.int(),
  failed: z.int(),
  validated: z.boolean(),
  failures: z.array(
    z.object({
      reason: z.string(),
      count: z.int(),
      first_record: z.int(),
      first_line: z.int().nullable(),
    }),
  ),
  preview: z.array(z.record(z.string(), z.unknown())),
});

const ARTIFACT_CHARS_MAX = 1_900_000;

async function readMapping(text: string, env: ToolEnvironment): Promise<MappingDocument> {
  const { openText, parseJson } = await import('./read-records.ts');
  const { mappingDocumentSchema } = await import('./mapping-document.ts');
  const isInline = text.trimStart().startsWith('{');
  const json = isInline ? text : (await openText(text, env)).text;
  const parsed = mappingDocumentSchema.safeParse(parseJson(json, isInline ? 'mapping' : text));
  if (!parsed.success)
    throw toolError('tools.mapping.invalid', 'invalid-input', {
      message: `"mapping" is no mapping document: ${z.prettifyError(parsed.error).slice(0, 300)}`,
      cause: parsed.error,
    });
  return parsed.data;
}

async function readSchema(
  path: string | undefined,
  env: ToolEnvironment,
): Promise<JsonObject | undefined> {
  if (path === undefined) return undefined;
  const { openText, parseJson } = await import('./read-records.ts');
  const { isSchema } = await import('./read-fields.ts');
  const schema = parseJson((await openText(path, env)).text, path);
  return isSchema(schema) ? schema : undefined;
}

/** Lines of JSON, as many whole ones as fit. */
function toLines(records: readonly JsonObject[]): string {
  const lines: string[] = [];
  let size = 0;
  for (const record of records) {
    const line = JSON.stringify(record);
    size += line.length + 1;
    if (size > ARTIFACT_CHARS_MAX) break;
    lines.push(line);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export const applyMapping = defineTool({
  name: 'apply_mapping',
  title: 'Apply a mapping',
  description:
    'Brings records into the form of a target by a mapping document, validates them when a schema is given, and counts those that fail by reason. Writes nothing but an artifact.',
  group: 'integration',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['transform', 'convert', 'records', 'import', 'etl'],
  async run(request, env) {
    const { openText, recordsIn } = await import('./read-records.ts');
    const { compileCheck, runMapping } = await import('./run-mapping.ts');
    const mapping = await readMapping(request.mapping, env);
    const schema = await readSchema(request.target_schema, env);
    const { text, real } = await openText(request.records, env);
    const records = await recordsIn(text, real);
    const run = runMapping(
      records,
      mapping,
      schema === undefined ? undefined : compileCheck(schema),
    );
    const path = pathBelow(await commonFolder([real], env), real);
    const findings = run.failures.map(({ reason, count, first }): Finding => ({
      rule: 'mapping.record_failed',
      severity: 'medium',
      message: `${count} of ${records.length} records cannot be mapped: ${reason}.`,
      location: { path, ...(first.line === null ? {} : { line: first.line }) },
      evidence: `record ${first.index + 1}: ${first.message.slice(0, 300)}`,
      fix: 'Correct the records, or how the field is mapped.',
      tool: 'apply_mapping',
    }));
    const lines = toLines(run.mapped);
    const kept = lines === '' ? 0 : lines.split('\n').length - 1;
    return {
      output: {
        records: records.length,
        mapped: run.mapped.length,
        failed: run.failed,
        validated: schema !== undefined,
        failures: run.failures.map(({ reason, count, first }) => ({
          reason,
          count,
          first_record: first.index + 1,
          first_line: first.line,
        })),
        preview: run.mapped.slice(0, request.preview),
      },
      summary: `${run.mapped.length} of ${records.length} records mapped${schema === undefined ? ' (not validated, as no target schema was given)' : ' and valid'}; ${run.failed} failed for ${run.failures.length} reasons${kept < run.mapped.length ? `; the artifact holds the first ${kept}` : ''}.`,
      findings,
      artifacts:
        kept === 0
          ? []
          : [
              {
                name: 'mapped.ndjson',
                title: 'Mapped records',
                contentType: 'application/x-ndjson',
                content: lines,
              },
            ],
    };
  },
});
