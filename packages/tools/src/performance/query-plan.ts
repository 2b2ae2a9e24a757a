import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  describeSkipped,
  scanInputShape,
  scanTextFiles,
  type TextFile,
} from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';

const BYTES_MAX = 20 * 1024 * 1024;

const input = z.strictObject(scanInputShape);
const output = z.object({
  plans: z.array(
    z.object({
      path: z.string(),
      nodes: z.int(),
      execution_ms: z.number().nullable().describe('Null without ANALYZE'),
      total_cost: z.number(),
      relations: z.array(z.string()),
      index_suggestions: z
        .array(z.string())
        .describe('Statements that parse; try each before keeping it'),
    }),
  ),
  skipped: skippedSchema,
});

export const queryPlan = defineTool({
  name: 'query_plan',
  title: 'Query plans',
  description:
    'Reads plans of PostgreSQL (files with the output of EXPLAIN (ANALYZE, FORMAT JSON)) and finds scans of large tables for few rows, wrong estimates, sorts and hashes that spilled to disk, and costly nested loops; suggests indexes.',
  group: 'performance',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['explain', 'postgresql', 'index', 'slow query', 'sql', 'seq scan'],
  async run(request, env) {
    const { allNodes, readPlans } = await import('./read-plan.ts');
    const { judgePlan } = await import('./judge-plan.ts');
    const files: TextFile[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: ({ path }) => /\.(?:json|txt|plan|explain)$/i.test(path),
      bytesMax: BYTES_MAX,
      onFile: (file) => void (file.text.includes('"Node Type"') && files.push(file)),
    });
    const read = files.flatMap(({ path, text }) =>
      (readPlans(text) ?? []).map((plan) => ({ path, plan, nodes: allNodes(plan.root) })),
    );
    const findings = read.flatMap(({ path, plan }) =>
      judgePlan(plan.root).map(({ line, ...found }) => ({
        ...found,
        location: { path, line },
        tool: 'query_plan',
      })),
    );
    const suggestions = (path: string): string[] =>
      findings.flatMap(({ location, rule, fix }) =>
        location.path === path &&
        rule === 'performance.seq_scan' &&
        fix?.startsWith('Try: ') === true
          ? [fix.slice('Try: '.length)]
          : [],
      );
    return {
      output: {
        plans: read.map(({ path, plan, nodes }) => ({
          path,
          nodes: nodes.length,
          execution_ms: plan.executionMs,
          total_cost: plan.root.totalCost,
          relations: [...new Set(nodes.flatMap((node) => node.relation ?? []))],
          index_suggestions: [...new Set(suggestions(path))],
        })),
        skipped: scan.skipped,
      },
      summary: `${read.length} plans in ${files.length} of ${scan.scanned} files; ${findings.length} places stand out.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
