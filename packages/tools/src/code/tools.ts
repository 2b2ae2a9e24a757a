import type { ToolDefinition } from '../definition.ts';
import { codeMetrics } from './code-metrics.ts';
import { deadExports } from './dead-exports.ts';
import { diffReview } from './diff-review.ts';
import { duplicates } from './duplicates.ts';
import { importCycles } from './import-cycles.ts';
import { lintFindings } from './lint-findings.ts';
import { todoScan } from './todo-scan.ts';

/** Structure and upkeep of code. */
export const codeTools: readonly ToolDefinition[] = [
  codeMetrics,
  duplicates,
  importCycles,
  deadExports,
  lintFindings,
  diffReview,
  todoScan,
];
