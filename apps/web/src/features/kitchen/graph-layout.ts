/** Where each step stands in the picture of a run or recipe. Pure. */

export interface GraphStep {
  stepId: string;
  type: string;
  parent: string | null;
  dependsOn: readonly string[];
}

export interface PlacedStep {
  stepId: string;
  x: number;
  y: number;
}

export interface GraphLayout {
  nodes: PlacedStep[];
  edges: { from: string; to: string }[];
  width: number;
  height: number;
}

export const NODE = { width: 196, height: 64, gapX: 64, gapY: 24 } as const;

/** Groups are not drawn: what depends on a group depends on all its steps, and they take over what it depends on. */
function withoutGroups(steps: readonly GraphStep[]): Map<string, Set<string>> {
  const groups = new Set(
    steps.filter((step) => step.type === 'parallel').map((step) => step.stepId),
  );
  const childrenOf = (group: string) =>
    steps.filter((step) => step.parent === group).map((step) => step.stepId);
  const expand = (ids: readonly string[]) =>
    ids.flatMap((id) => (groups.has(id) ? childrenOf(id) : [id]));
  const known = new Set(steps.map((step) => step.stepId));
  const result = new Map<string, Set<string>>();
  for (const step of steps) {
    if (groups.has(step.stepId)) continue;
    const inherited = steps.find((each) => each.stepId === step.parent)?.dependsOn ?? [];
    const needs = expand(
      [...step.dependsOn, ...inherited].filter((id) => known.has(id) && id !== step.parent),
    );
    result.set(step.stepId, new Set(needs.filter((id) => id !== step.stepId)));
  }
  return result;
}

function columnsOf(needs: Map<string, Set<string>>): Map<string, number> {
  const columns = new Map<string, number>();
  const visit = (id: string, path: ReadonlySet<string>): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    let column = 0;
    for (const before of needs.get(id) ?? []) {
      // A circle cannot be saved as a recipe; if one comes anyway the picture must still end.
      if (!path.has(before)) column = Math.max(column, visit(before, new Set([...path, id])) + 1);
    }
    columns.set(id, column);
    return column;
  };
  for (const id of needs.keys()) visit(id, new Set([id]));
  return columns;
}

/** Drops an edge that another path already implies, so that the picture stays readable. */
function directEdges(needs: Map<string, Set<string>>): { from: string; to: string }[] {
  const reaches = (from: string, target: string, seen: Set<string>): boolean => {
    for (const before of needs.get(from) ?? []) {
      if (before === target) return true;
      if (seen.has(before)) continue;
      seen.add(before);
      if (reaches(before, target, seen)) return true;
    }
    return false;
  };
  const edges: { from: string; to: string }[] = [];
  for (const [to, sources] of needs) {
    for (const from of sources) {
      const implied = [...sources].some(
        (other) => other !== from && reaches(other, from, new Set([other])),
      );
      if (!implied) edges.push({ from, to });
    }
  }
  return edges;
}

/** Steps in columns from left to right by what they wait for, each column centred. */
export function layoutGraph(steps: readonly GraphStep[]): GraphLayout {
  const needs = withoutGroups(steps);
  const columns = columnsOf(needs);
  const rows = new Map<number, string[]>();
  for (const [id, column] of columns) rows.set(column, [...(rows.get(column) ?? []), id]);
  const order = new Map([...needs.keys()].map((id, index) => [id, index]));
  const tallest = Math.max(0, ...[...rows.values()].map((ids) => ids.length));
  const rowHeight = NODE.height + NODE.gapY;
  const nodes: PlacedStep[] = [];
  for (const [column, ids] of rows) {
    const sorted = ids.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    const offset = ((tallest - sorted.length) * rowHeight) / 2;
    sorted.forEach((stepId, row) => {
      nodes.push({ stepId, x: column * (NODE.width + NODE.gapX), y: offset + row * rowHeight });
    });
  }
  return {
    nodes: nodes.toSorted((a, b) => (order.get(a.stepId) ?? 0) - (order.get(b.stepId) ?? 0)),
    edges: directEdges(needs),
    width: Math.max(0, rows.size * (NODE.width + NODE.gapX) - NODE.gapX),
    height: Math.max(0, tallest * rowHeight - NODE.gapY),
  };
}
