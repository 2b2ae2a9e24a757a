import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';

/** One node of a plan of PostgreSQL, as EXPLAIN (FORMAT JSON) tells it. */
export interface PlanNode {
  type: string;
  relation: string | null;
  alias: string | null;
  filter: string | null;
  /** Rows of all loops together; null without ANALYZE. */
  actualRows: number | null;
  plannedRows: number;
  /** Rows that a filter threw away, of all loops together. */
  removedRows: number;
  loops: number;
  sortMethod: string | null;
  sortKey: string[];
  sortSpace: { kind: string; kb: number } | null;
  hashBatches: number;
  totalMs: number | null;
  totalCost: number;
  /** 1-based, of its "Node Type" in the file. */
  line: number;
  children: PlanNode[];
}

export interface QueryPlan {
  root: PlanNode;
  executionMs: number | null;
}

const text = (node: JsonObject, key: string): string | null =>
  typeof node[key] === 'string' ? node[key] : null;
const count = (node: JsonObject, key: string): number =>
  typeof node[key] === 'number' ? node[key] : 0;

function toNode(raw: JsonObject, nextLine: () => number): PlanNode {
  const loops = Math.max(1, count(raw, 'Actual Loops'));
  const line = nextLine();
  const children = Array.isArray(raw['Plans']) ? raw['Plans'].filter(isJsonObject) : [];
  const space = text(raw, 'Sort Space Type');
  const keys = Array.isArray(raw['Sort Key']) ? raw['Sort Key'] : [];
  return {
    type: text(raw, 'Node Type') ?? 'unknown',
    relation: text(raw, 'Relation Name'),
    alias: text(raw, 'Alias'),
    filter: text(raw, 'Filter'),
    actualRows: typeof raw['Actual Rows'] === 'number' ? raw['Actual Rows'] * loops : null,
    plannedRows: count(raw, 'Plan Rows') * loops,
    removedRows: count(raw, 'Rows Removed by Filter') * loops,
    loops,
    sortMethod: text(raw, 'Sort Method'),
    sortKey: keys.filter((key) => typeof key === 'string'),
    sortSpace: space === null ? null : { kind: space, kb: count(raw, 'Sort Space Used') },
    hashBatches: count(raw, 'Hash Batches'),
    totalMs: typeof raw['Actual Total Time'] === 'number' ? raw['Actual Total Time'] * loops : null,
    totalCost: count(raw, 'Total Cost'),
    line,
    children: children.map((child) => toNode(child, nextLine)),
  };
}

/** Reads the plans of a file; undefined when it holds none. */
export function readPlans(source: string): QueryPlan[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch {
    return undefined;
  }
  const entries = (Array.isArray(document) ? document : [document]).filter(
    (entry): entry is JsonObject => isJsonObject(entry) && isJsonObject(entry['Plan']),
  );
  if (entries.length === 0) return undefined;
  // A node's own type is written before those below it, so the order in the text is the order of the walk.
  const lines = [...source.matchAll(/"Node Type"\s*:/g)].map(
    (match) => source.slice(0, match.index).split('\n').length,
  );
  const nextLine = () => lines.shift() ?? 1;
  return entries.map((entry) => ({
    root: toNode(entry['Plan'] as JsonObject, nextLine),
    executionMs: typeof entry['Execution Time'] === 'number' ? entry['Execution Time'] : null,
  }));
}

/** A node with all below it. */
export function allNodes(root: PlanNode): PlanNode[] {
  return [root, ...root.children.flatMap(allNodes)];
}
