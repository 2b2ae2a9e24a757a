import { createHash } from 'node:crypto';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import { countBy } from '../workspace/count-by.ts';
import type { Keyed, SyncStep } from './plan-sync.ts';
import type { FileRecord } from './read-records.ts';

const file = z.string().min(1).max(4096);
const input = z.strictObject({
  source_records: file.describe('Records as they should be: JSON, NDJSON or CSV'),
  target_records: file.describe('Records as they are in the other system'),
  base_records: file
    .optional()
    .describe(
      'Records as they were at the last synchronisation; tells changes of both sides apart',
    ),
  key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Field by which records are the same; default: a usual one that both sides have'),
  deletes: z.boolean().default(false).describe('Also plan to delete what the source does not have'),
  limit: z
    .int()
    .min(1)
    .max(5000)
    .default(200)
    .describe('Most operations in the output; all are in the artifact'),
});
const operation = z.object({
  order: z.int(),
  kind: z.enum(['create', 'update', 'delete']),
  key: z.string(),
  idempotency_key: z.string(),
  changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
  reason: z.string(),
});
const output = z.object({
  key: z.string(),
  counts: z.record(z.string(), z.int()),
  operations: z.array(operation),
  operations_total: z.int(),
  conflicts: z.array(
    z.object({ key: z.string(), reason: z.string(), fields: z.array(z.string()) }),
  ),
});

const ARTIFACT_CHARS_MAX = 1_900_000;
const MASS_SHARE = 0.3;
const MASS_MIN = 3;

interface Side {
  records: FileRecord[];
  real: string;
  path: string;
}

async function readSide(path: string, env: ToolEnvironment): Promise<Side> {
  const { openText, recordsIn } = await import('./read-records.ts');
  const { text, real } = await openText(path, env);
  return { records: await recordsIn(text, real), real, path };
}

function place(path: string, record: FileRecord | null): Pick<Finding, 'location'> {
  return {
    location: { path, ...(record === null || record.line === null ? {} : { line: record.line }) },
  };
}

function shown(record: FileRecord): string {
  return JSON.stringify(record.value).slice(0, 200);
}

function keyFindings({ duplicates, without }: Keyed, key: string, path: string): Finding[] {
  return [
    ...duplicates.map(({ key: value, record, first }) => ({
      rule: 'sync.duplicate_key',
      severity: 'high' as const,
      message: `Two records have the ${key} "${value}"; the first one is used.`,
      ...place(path, record),
      evidence: `${shown(record)} and ${shown(first)}`,
      fix: 'Join the two, or choose a key that tells them apart.',
      tool: 'sync_plan',
    })),
    ...without.map((record) => ({
      rule: 'sync.missing_key',
      severity: 'medium' as const,
      message: `A record has no ${key} and is left out.`,
      ...place(path, record),
      evidence: shown(record),
      fix: `Give it a ${key}.`,
      tool: 'sync_plan',
    })),
  ];
}

function conflictFinding(
  { key, reason, changes, source, target }: SyncStep,
  paths: { source: string; target: string },
): Finding {
  const values = changes.map(
    ({ field, from, to }) =>
      `${field}: source ${JSON.stringify(to)}, target ${JSON.stringify(from)}`,
  );
  return {
    rule: 'sync.conflict',
    severity: 'medium',
    message: `"${key}" is not synchronised: ${reason}.`,
    ...(source === null ? place(paths.target, target) : place(paths.source, source)),
    evidence: values.length === 0 ? key : values.join('; ').slice(0, 400),
    fix: 'Decide which value holds; then plan again.',
    tool: 'sync_plan',
  };
}

function massFinding(deletes: number, total: number, path: string): Finding[] {
  if (deletes < MASS_MIN || deletes < total * MASS_SHARE) return [];
  return [
    {
      rule: 'sync.mass_delete',
      severity: 'high',
      message: `The plan deletes ${deletes} of ${total} records of the target.`,
      location: { path },
      evidence: `${Math.round((deletes / total) * 100)} % of the target`,
      fix: 'Make sure that the source is complete before anything is deleted.',
      tool: 'sync_plan',
    },
  ];
}

function toOperations(steps: readonly SyncStep[]): z.output<typeof operation>[] {
  return steps.flatMap(({ kind, key, changes, source, reason }, index) => {
    if (kind === 'same' || kind === 'conflict') return [];
    const content = JSON.stringify([
      kind,
      key,
      kind === 'create' ? (source?.value ?? null) : changes,
    ]);
    return [
      {
        order: index + 1,
        kind,
        key,
        idempotency_key: createHash('sha256').update(content).digest('hex').slice(0, 32),
        changes,
        reason,
      },
    ];
  });
}

/** The plan as JSON, as many operations as an artifact holds. */
function toDocument(key: string, operations: readonly z.output<typeof operation>[]): string {
  const text = (kept: number): string =>
    `${JSON.stringify({ version: 1, key, operations_total: operations.length, operations: operations.slice(0, kept) }, null, 2)}\n`;
  const whole = text(operations.length);
  return whole.length <= ARTIFACT_CHARS_MAX
    ? whole
    : text(Math.floor((operations.length * ARTIFACT_CHARS_MAX * 0.5) / whole.length));
}

export const syncPlan = defineTool({
  name: 'sync_plan',
  title: 'Plan a synchronisation',
  description:
    'Compares two sets of records by a key and plans what to create, update and delete in which order, each operation with a key that makes repeating it harmless; changes on both sides are conflicts for a person. Changes nothing itself.',
  group: 'integration',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['synchronise', 'diff', 'records', 'merge', 'reconcile', 'migration'],
  async run(request, env) {
    const { guessKey, keyBy, planSync } = await import('./plan-sync.ts');
    const source = await readSide(request.source_records, env);
    const target = await readSide(request.target_records, env);
    const base =
      request.base_records === undefined ? null : await readSide(request.base_records, env);
    const key = request.key ?? guessKey(source.records, target.records);
    if (key === undefined)
      throw toolError(
        'tools.records.no_key',
        'invalid-input',
        'No field identifies the records on both sides: name one in "key".',
      );
    const folder = await commonFolder([source.real, target.real], env);
    const paths = {
      source: pathBelow(folder, source.real),
      target: pathBelow(folder, target.real),
    };
    const ours = keyBy(source.records, key);
    const theirs = keyBy(target.records, key);
    const steps = planSync({
      source: ours.byKey,
      target: theirs.byKey,
      base: base === null ? null : keyBy(base.records, key).byKey,
      removes: request.deletes,
    });
    const operations = toOperations(steps);
    const conflicts = steps.filter(({ kind }) => kind === 'conflict');
    const counts = countBy(steps, ({ kind }) => kind);
    return {
      output: {
        key,
        counts,
        operations: operations.slice(0, request.limit),
        operations_total: operations.length,
        conflicts: conflicts.map((step) => ({
          key: step.key,
          reason: step.reason,
          fields: step.changes.map(({ field }) => field),
        })),
      },
      summary: `By "${key}": ${['create', 'update', 'delete', 'conflict', 'same'].map((kind) => `${counts[kind] ?? 0} ${kind}`).join(', ')}.`,
      findings: [
        ...keyFindings(ours, key, paths.source),
        ...keyFindings(theirs, key, paths.target),
        ...conflicts.map((step) => conflictFinding(step, paths)),
        ...massFinding(counts['delete'] ?? 0, theirs.byKey.size, paths.target),
      ],
      artifacts: [
        {
          name: 'sync-plan.json',
          title: 'Synchronisation plan',
          contentType: 'application/json',
          content: toDocument(key, operations),
        },
      ],
    };
  },
});
