import type { Finding } from '@automatos/contracts';
import { allNodes, type PlanNode } from './read-plan.ts';
import { suggestIndex } from './suggest-index.ts';

/** A scan below this many rows is cheap whatever it throws away. */
const SCAN_ROWS_MIN = 10_000;
const KEPT_SHARE_MAX = 0.1;
const MISESTIMATE_RATIO = 10;
const MISESTIMATE_ROWS = 1000;
const LOOPS_MIN = 1000;
const LOOP_ROWS_MIN = 100_000;

type PlanFinding = Pick<Finding, 'rule' | 'severity' | 'message' | 'evidence' | 'fix'> & {
  line: number;
};

const figure = (value: number): string => Math.round(value).toLocaleString('en-US');

function judgeScan(node: PlanNode): PlanFinding[] {
  if (node.type !== 'Seq Scan' || node.relation === null || node.filter === null) return [];
  const kept = node.actualRows ?? node.plannedRows;
  const read = kept + node.removedRows;
  if (node.actualRows === null || read < SCAN_ROWS_MIN || kept / read > KEPT_SHARE_MAX) return [];
  const index = suggestIndex(node.relation, node.filter);
  return [
    {
      rule: 'performance.seq_scan',
      severity: read >= 1_000_000 ? 'high' : 'medium',
      message: `All of ${node.relation} is read for ${figure(kept)} of ${figure(read)} rows.`,
      evidence: `Seq Scan on ${node.relation}, Filter: ${node.filter}`,
      fix:
        index === undefined
          ? 'Look for an index that serves the filter; none could be derived from it.'
          : `Try: ${index}`,
      line: node.line,
    },
  ];
}

function judgeEstimate(node: PlanNode): PlanFinding[] {
  const { actualRows, plannedRows } = node;
  if (actualRows === null || Math.max(actualRows, plannedRows) < MISESTIMATE_ROWS) return [];
  const ratio = Math.max(actualRows, 1) / Math.max(plannedRows, 1);
  if (ratio < MISESTIMATE_RATIO && ratio > 1 / MISESTIMATE_RATIO) return [];
  // What comes from a wrong estimate below is not told again.
  const below = node.children.some(
    (child) => child.actualRows !== null && judgeEstimate(child).length > 0,
  );
  if (below) return [];
  return [
    {
      rule: 'performance.row_misestimate',
      severity: 'medium',
      message: `${node.type}${node.relation === null ? '' : ` on ${node.relation}`} was planned for ${figure(plannedRows)} rows and gave ${figure(actualRows)}.`,
      evidence: `Plan Rows ${plannedRows}, Actual Rows ${actualRows}`,
      fix: 'ANALYZE the table; for columns that depend on each other, CREATE STATISTICS.',
      line: node.line,
    },
  ];
}

function judgeMemory(node: PlanNode): PlanFinding[] {
  if (node.sortSpace?.kind === 'Disk')
    return [
      {
        rule: 'performance.sort_spilled',
        severity: 'medium',
        message: `A sort by ${node.sortKey.join(', ') || 'its keys'} did not fit into memory and used ${figure(node.sortSpace.kb)} kB on disk.`,
        evidence: `Sort Method: ${node.sortMethod ?? 'external'}, Sort Space Type: Disk`,
        fix: 'Sort fewer rows (limit, narrower columns, an index in this order), or raise work_mem for this query.',
        line: node.line,
      },
    ];
  if (node.hashBatches > 1)
    return [
      {
        rule: 'performance.hash_spilled',
        severity: 'medium',
        message: `A hash table did not fit into memory and was split into ${node.hashBatches} batches on disk.`,
        evidence: `Hash Batches: ${node.hashBatches}`,
        fix: 'Filter before joining, or raise work_mem for this query.',
        line: node.line,
      },
    ];
  return [];
}

function judgeLoop(node: PlanNode): PlanFinding[] {
  if (node.type !== 'Nested Loop') return [];
  const inner = node.children[1];
  if (inner === undefined || inner.actualRows === null || inner.loops < LOOPS_MIN) return [];
  const touched = inner.actualRows + inner.removedRows;
  if (touched < LOOP_ROWS_MIN) return [];
  return [
    {
      rule: 'performance.nested_loop',
      severity: touched >= 10_000_000 ? 'high' : 'medium',
      message: `A nested loop ran its inner side (${inner.type}${inner.relation === null ? '' : ` on ${inner.relation}`}) ${figure(inner.loops)} times over ${figure(touched)} rows.`,
      evidence: `Nested Loop, Actual Loops ${inner.loops}`,
      fix: 'Give the inner side an index on the column of the join, or correct the estimate that made the planner choose the loop.',
      line: node.line,
    },
  ];
}

/** What stands out in one plan. */
export function judgePlan(root: PlanNode): PlanFinding[] {
  const nodes = allNodes(root);
  // The inner side of a loop that is reported is not reported as a scan of its own.
  const loops = new Set(
    nodes.filter((node) => judgeLoop(node).length > 0).map((node) => node.children[1]),
  );
  return nodes.flatMap((node) => [
    ...(loops.has(node) ? [] : judgeScan(node)),
    ...judgeEstimate(node),
    ...judgeMemory(node),
    ...judgeLoop(node),
  ]);
}
