import type { Finding } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { openDuckDatabase, type DuckDatabase, type DuckTable } from './duck-database.ts';
import { listDataFiles } from './open-data.ts';
import {
  draftsForTable,
  joinDraft,
  kindOfColumn,
  linksOf,
  orphanSql,
  sketchSql,
  type QueryDraft,
  type TableLink,
  type TableSketch,
} from './query-drafts.ts';
import { dataFilesSchema, FILES_MAX, tableSchema, toTable } from './sql-query.ts';

const TRY = { rowsMax: 5, timeoutMs: 10_000 };

const input = z.strictObject({ files: dataFilesSchema });
const output = z.object({
  tables: z.array(tableSchema),
  queries: z.array(
    z.object({
      title: z.string(),
      sql: z.string(),
      rows: z.int(),
      columns: z.array(z.string()),
      sample: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
    }),
  ),
  left_out: z.array(z.object({ title: z.string(), why: z.string() })),
});
type Query = z.output<typeof output>['queries'][number];

async function sketch(database: DuckDatabase, table: DuckTable): Promise<TableSketch> {
  const { rows } = await database.select(sketchSql(table), { rowsMax: 1, timeoutMs: 30_000 });
  const counts = rows[0] ?? [];
  const columns = table.columns.map(({ name, type }, index) => {
    const distinct = Number(counts[index * 2] ?? 0);
    return {
      name,
      distinct,
      missing: Number(counts[index * 2 + 1] ?? 0),
      kind: kindOfColumn({ name, type }, distinct, table.rows),
    };
  });
  return { table, columns };
}

/** Runs each draft; only what runs and gives rows is offered. */
async function tryDrafts(database: DuckDatabase, drafts: readonly QueryDraft[]) {
  const queries: Query[] = [];
  const leftOut: { title: string; why: string }[] = [];
  for (const { title, sql } of drafts) {
    try {
      const { columns, rows } = await database.select(sql, TRY);
      if (rows.length === 0) leftOut.push({ title, why: 'gives no rows' });
      else
        queries.push({
          title,
          sql,
          rows: rows.length,
          columns: columns.map(({ name }) => name),
          sample: rows,
        });
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      leftOut.push({ title, why: error.message.slice(0, 300) });
    }
  }
  return { queries, leftOut };
}

async function orphans(database: DuckDatabase, link: TableLink): Promise<Finding[]> {
  const { rows } = await database.select(orphanSql(link), { rowsMax: 1000, timeoutMs: 30_000 });
  if (rows.length === 0) return [];
  const count = rows.reduce((sum, row) => sum + Number(row[1] ?? 0), 0);
  return [
    {
      rule: 'data.orphan_key',
      severity: 'medium',
      message: `${count} rows of "${link.from.table.file.path}" name a ${link.column} that "${link.to.table.file.path}" does not have.`,
      location: { path: link.from.table.file.path },
      evidence: `${link.column}: ${rows
        .slice(0, 10)
        .map((row) => `${String(row[0])} (${String(row[1])})`)
        .join(', ')}`,
      fix: 'Complete the other file, or correct the keys; a join drops these rows without a word.',
      tool: 'suggest_queries',
    },
  ];
}

function asFile(queries: readonly Query[]): string {
  return queries
    .map(({ title, sql }) => `-- ${title.replaceAll(/\s+/g, ' ')}\n${sql};\n`)
    .join('\n');
}

export const suggestQueries = defineTool({
  name: 'suggest_queries',
  title: 'Suggest queries',
  description:
    'Derives SQL queries from the columns of data files (totals by category, by month, largest values, missing values, joins by shared keys), runs each before it is offered, and finds keys without a counterpart.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['sql', 'duckdb', 'generate', 'explore'],
  async run(request, env) {
    const files = await listDataFiles(request.files, env, FILES_MAX);
    const database = await openDuckDatabase(files);
    try {
      const tables: TableSketch[] = [];
      for (const table of database.tables) tables.push(await sketch(database, table));
      const links = linksOf(tables);
      const { queries, leftOut } = await tryDrafts(database, [
        ...tables.flatMap(draftsForTable),
        ...links.map(joinDraft),
      ]);
      const findings: Finding[] = [];
      for (const link of links) findings.push(...(await orphans(database, link)));
      return {
        output: { tables: database.tables.map(toTable), queries, left_out: leftOut },
        summary: `${queries.length} queries for ${tables.length} tables, each run before it is offered${leftOut.length > 0 ? `; ${leftOut.length} were left out` : ''}. ${links.length} links between tables were checked: ${findings.length} have keys without a counterpart.`,
        findings,
        ...(queries.length === 0
          ? {}
          : {
              artifacts: [
                {
                  name: 'queries.sql',
                  title: 'Suggested queries',
                  contentType: 'application/sql',
                  content: asFile(queries),
                },
              ],
            }),
      };
    } finally {
      database.close();
    }
  },
});
