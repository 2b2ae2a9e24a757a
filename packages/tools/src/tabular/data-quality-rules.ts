import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { countBy } from '../workspace/count-by.ts';
import { findDataFiles, type DataFile } from './open-data.ts';
import { judgeColumn, look, newFacts, qualityFinding, type ColumnFacts } from './judge-columns.ts';
import { readRows, type DataRow } from './read-rows.ts';

const KEYS_MAX = 1_000_000;
const KEY_FINDINGS_MAX = 50;

const input = z.strictObject({
  path: z.string().min(1).max(4096).describe('Data file, or folder with data files'),
  key: z
    .array(z.string().max(200))
    .max(5)
    .optional()
    .describe(
      'Columns that together must be unique; default: a column named id or ending in _id that comes first',
    ),
  missing_share_max: z.number().min(0).max(1).default(0.05),
  rows_max: z.int().min(1).max(5_000_000).default(1_000_000),
});
const output = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      rows: z.int(),
      rows_cut: z.boolean(),
      columns: z.int(),
      key: z.array(z.string()),
      key_duplicates: z.int(),
    }),
  ),
  by_rule: z.record(z.string(), z.int()),
});

function chooseKey(
  wanted: readonly string[] | undefined,
  names: readonly string[],
  path: string,
): string[] {
  if (wanted !== undefined && wanted.length > 0) {
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw toolError(
        'tools.data.column_not_found',
        'invalid-input',
        `"${path}" has no column "${unknown}"; there are: ${names.slice(0, 50).join(', ')}.`,
      );
    return [...wanted];
  }
  const first = names[0];
  return first !== undefined && /^(?:id|uuid|key|.*[_ ]id)$/i.test(first) ? [first] : [];
}

/** Remembers keys and reports those that come again. */
function createKeyCheck(file: DataFile, wanted: readonly string[] | undefined) {
  const lines = new Map<string, number>();
  const findings: Finding[] = [];
  let key: string[] | undefined;
  let duplicates = 0;
  return {
    add(row: DataRow) {
      key ??= chooseKey(wanted, [...row.cells.keys()], file.path);
      if (key.length === 0) return;
      const value = key.map((name) => String(row.cells.get(name) ?? '')).join(' | ');
      const before = lines.get(value);
      if (before === undefined) {
        if (lines.size < KEYS_MAX) lines.set(value, row.line);
        return;
      }
      duplicates += 1;
      if (duplicates > KEY_FINDINGS_MAX) return;
      findings.push(
        qualityFinding(file, {
          rule: 'duplicate_key',
          severity: 'high',
          line: row.line,
          message: `The key ${key.join(' + ')} repeats the value of line ${before}.`,
          evidence: value.slice(0, 100),
          fix: 'Remove one of the rows, or correct its key.',
        }),
      );
    },
    result: () => ({ key: key ?? [], duplicates, findings }),
  };
}

function emptyFile(file: DataFile): Finding {
  return qualityFinding(file, {
    rule: 'empty_file',
    severity: 'medium',
    line: 1,
    message: 'The file has no rows.',
    evidence: `${file.size} bytes`,
    fix: 'Check the export.',
  });
}

async function checkFile(file: DataFile, request: z.output<typeof input>, env: ToolEnvironment) {
  const columns = new Map<string, ColumnFacts>();
  const keys = createKeyCheck(file, request.key);
  let rows = 0;
  let cut = false;
  for await (const row of readRows(file)) {
    if (rows >= request.rows_max) {
      cut = true;
      break;
    }
    rows += 1;
    if (rows % 50_000 === 0) env.progress(`${file.path}: ${rows} rows`);
    for (const [name, cell] of row.cells) {
      const facts = columns.get(name) ?? newFacts();
      columns.set(name, facts);
      look(facts, cell, row.line);
    }
    keys.add(row);
  }
  const { key, duplicates, findings } = keys.result();
  const judged = { file, rows, missingShareMax: request.missing_share_max };
  const problems =
    rows === 0
      ? [emptyFile(file)]
      : [...columns].flatMap(([name, facts]) => judgeColumn(name, facts, judged));
  const report = {
    path: file.path,
    rows,
    rows_cut: cut,
    columns: columns.size,
    key,
    key_duplicates: duplicates,
  };
  return {
    report,
    findings: [...findings, ...problems],
    dropped: Math.max(0, duplicates - KEY_FINDINGS_MAX),
  };
}

export const dataQualityRules = defineTool({
  name: 'data_quality_rules',
  title: 'Check data quality',
  description:
    'Checks data files for missing values, mixed types, mixed date formats, constant or empty columns, padded texts and repeated keys, with lines.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['validation', 'cleaning', 'csv', 'duplicates'],
  async run(request, env) {
    const { files } = await findDataFiles(request.path, env, 20);
    const checked: Awaited<ReturnType<typeof checkFile>>[] = [];
    for (const file of files) checked.push(await checkFile(file, request, env));
    const findings = checked.flatMap((entry) => entry.findings);
    const total = findings.length + checked.reduce((sum, entry) => sum + entry.dropped, 0);
    return {
      output: {
        files: checked.map((entry) => entry.report),
        by_rule: countBy(findings, (entry) => entry.rule),
      },
      summary: `${total} problems in ${files.length} data files, ${checked.reduce((sum, entry) => sum + entry.report.rows, 0)} rows.`,
      findings,
      findingsTotal: total,
    };
  },
});
