import type { Finding } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import type { MappedField, MappingDocument } from './mapping-document.ts';
import type { Match } from './match-fields.ts';
import type { Field } from './read-fields.ts';
import type { FileRecord } from './read-records.ts';
import type { MappingRun } from './run-mapping.ts';

const file = z.string().min(1).max(4096);
const input = z.strictObject({
  source_schema: file.describe('JSON schema, or sample file (JSON, NDJSON, CSV), of what comes in'),
  target_schema: file.describe('JSON schema, or sample file, of what goes out'),
  samples: file
    .optional()
    .describe(
      'Records of the source to try the mapping on; default: those of source_schema when it is a sample',
    ),
});
const output = z.object({
  fields: z.array(
    z.object({
      target: z.string(),
      sources: z.array(z.string()),
      transform: z.string().nullable(),
      confidence: z.number(),
      reasons: z.array(z.string()),
      required: z.boolean(),
    }),
  ),
  mapping_coverage: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the target fields that get a value'),
  unmapped_required: z.array(z.string()),
  unused: z.array(z.string()),
  mapping: z.string().describe('The mapping document as JSON, for apply_mapping'),
  tried: z
    .object({
      records: z.int(),
      valid: z.int(),
      failures: z.array(z.object({ reason: z.string(), count: z.int() })),
    })
    .nullable(),
});

interface Side {
  path: string;
  text: string;
  fields: Field[];
  /** With a schema file: itself, to validate by. */
  schema: JsonObject | null;
  records: FileRecord[];
}

async function readSide(path: string, env: ToolEnvironment): Promise<Side & { real: string }> {
  const { openText, recordsIn, parseJson } = await import('./read-records.ts');
  const { fieldsOfRecords, fieldsOfSchema, isSchema } = await import('./read-fields.ts');
  const { text, real } = await openText(path, env);
  const data = /\.json$/i.test(real) ? parseJson(text, path) : null;
  if (data !== null && isSchema(data))
    return { path, text, real, fields: fieldsOfSchema(data), schema: data, records: [] };
  const records = await recordsIn(text, real);
  return { path, text, real, fields: fieldsOfRecords(records), schema: null, records };
}

/** Line of a field: its names are looked for one inside the other. */
function lineOfField(text: string, path: string): number | undefined {
  let at = 0;
  for (const part of path.split('.')) {
    const found = text.indexOf(`"${part}"`, at);
    if (found === -1) return text.split('\n', 1)[0]?.includes(path) === true ? 1 : undefined;
    at = found;
  }
  return text.slice(0, at).split('\n').length;
}

function toDocument(
  matches: readonly Match[],
  targets: readonly Field[],
  mapped: readonly (MappedField | undefined)[],
): MappingDocument {
  const constants = targets
    .filter(({ constant }) => constant !== undefined)
    .map((target): MappedField => ({
      target: target.path,
      sources: [],
      transform: 'constant',
      required: target.required,
      value: target.constant ?? null,
    }));
  return {
    version: 1,
    fields: [...matches.flatMap((_, index) => mapped[index] ?? []), ...constants],
  };
}

function failureFindings(run: MappingRun, known: ReadonlySet<string>, place: string): Finding[] {
  // Required fields without a source are reported already; each record fails of them.
  return run.failures
    .filter(({ reason }) => !known.has(reason.split(':')[0] ?? ''))
    .map(({ reason, count, first }) => ({
      rule: 'mapping.sample_invalid',
      severity: 'high' as const,
      message: `${count} of the samples cannot be mapped: ${reason}.`,
      location: { path: place, ...(first.line === null ? {} : { line: first.line }) },
      evidence: `record ${first.index + 1}: ${first.message.slice(0, 300)}`,
      fix: 'Correct the values, or how the field is mapped.',
      tool: 'schema_mapping',
    }));
}

interface Made {
  fields: Field[];
  matches: Match[];
  mapped: (MappedField | undefined)[];
  mapping: MappingDocument;
  /** Paths of the target that get a value. */
  covered: Set<string>;
}

async function makeMapping(fields: Field[], target: Side): Promise<Made> {
  const { matchFields, toMappedField } = await import('./match-fields.ts');
  const matches = matchFields(fields, target.fields);
  const mapped = matches.map(toMappedField);
  const mapping = toDocument(matches, target.fields, mapped);
  return {
    fields,
    matches,
    mapped,
    mapping,
    covered: new Set(mapping.fields.map((field) => field.target)),
  };
}

async function tryMapping(
  mapping: MappingDocument,
  target: Side,
  records: readonly FileRecord[],
): Promise<MappingRun | null> {
  if (records.length === 0) return null;
  const { compileCheck, runMapping } = await import('./run-mapping.ts');
  const { schemaOfFields } = await import('./read-fields.ts');
  return runMapping(records, mapping, compileCheck(target.schema ?? schemaOfFields(target.fields)));
}

function triedOf(run: MappingRun, records: number) {
  const failures = run.failures.map(({ reason, count }) => ({ reason, count }));
  return { records, valid: run.mapped.length, failures };
}

function describeMapping({ fields, matches, mapped, mapping, covered }: Made, target: Side) {
  const used = new Set(mapping.fields.flatMap((field) => field.sources));
  const missing = target.fields.filter(
    ({ path, required, hasDefault }) => required && !hasDefault && !covered.has(path),
  );
  const total = target.fields.length;
  return {
    fields: matches.map(({ target: to, sources, confidence, reasons }, index) => ({
      target: to.path,
      sources: sources.map(({ path }) => path),
      transform: mapped[index]?.transform ?? null,
      confidence,
      reasons,
      required: to.required,
    })),
    mapping_coverage: total === 0 ? 0 : Math.round((covered.size / total) * 1000) / 1000,
    unmapped_required: missing.map(({ path }) => path),
    unused: fields.filter(({ path }) => !used.has(path)).map(({ path }) => path),
  };
}

export const schemaMapping = defineTool({
  name: 'schema_mapping',
  title: 'Map one schema to another',
  description:
    'Finds for each field of a target schema (or sample) the field of a source that fits by name, type and values, says what is missing, lost or unsure, and tries the mapping on samples, validated by the target schema.',
  group: 'integration',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['fields', 'transform', 'convert', 'json schema', 'etl', 'import'],
  async run(request, env) {
    const { judgeMapping } = await import('./judge-mapping.ts');
    const source = await readSide(request.source_schema, env);
    const target = await readSide(request.target_schema, env);
    const samples = request.samples === undefined ? source : await readSide(request.samples, env);
    const base = await commonFolder([source.real, target.real, samples.real], env);
    const made = await makeMapping(
      source.fields.length > 0 ? source.fields : samples.fields,
      target,
    );
    const findings = judgeMapping(
      made.matches,
      { sources: made.fields, targets: target.fields },
      (field, side) => {
        const from = side === 'source' ? source : target;
        const line = lineOfField(from.text, field.path);
        return {
          location: { path: pathBelow(base, from.real), ...(line === undefined ? {} : { line }) },
        };
      },
    );
    const run = await tryMapping(made.mapping, target, samples.records);
    const text = JSON.stringify(made.mapping, null, 2);
    const result = describeMapping(made, target);
    const failed =
      run === null
        ? []
        : failureFindings(run, new Set(result.unmapped_required), pathBelow(base, samples.real));
    return {
      output: {
        ...result,
        mapping: text,
        tried: run === null ? null : triedOf(run, samples.records.length),
      },
      summary: `${made.covered.size} of ${target.fields.length} target fields mapped, ${result.unmapped_required.length} required ones without a source; ${run === null ? 'not tried, as no samples were given' : `${run.mapped.length} of ${samples.records.length} samples are valid afterwards`}.`,
      findings: [...findings, ...failed],
      artifacts: [
        {
          name: 'mapping.json',
          title: 'Mapping document',
          contentType: 'application/json',
          content: `${text}\n`,
        },
      ],
    };
  },
});
