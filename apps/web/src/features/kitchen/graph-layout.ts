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

export const NODE = { width: 196, height: 64 } as const;
const GAPS = { betweenStages: 56, inStage: 24 } as const;

const spaced = (size: number, gap: number) => ({ step: size + gap, gap });
const SPACING = {
  right: {
    along: spaced(NODE.width, GAPS.betweenStages),
    across: spaced(NODE.height, GAPS.inStage),
  },
  down: {
    along: spaced(NODE.height, GAPS.betweenStages),
    across: spaced(NODE.width, GAPS.inStage),
  },
} as const;

/** Groups are not drawn: what depends on a group depends on all its steps, and they take over what it depends on. */
function withoutGroups(steps: readonly GraphStep[]): Map<string, Set<string>> {
  const groups = new Set(
    steps.filter((step) => step.type === 'parallel').map((step) => step.stepId),
  );
  const childrenOf = (group: string) =>
    steps.filter((step) => step.parent === group).map((step) => step.stepId);
  const expand = (ids: readonly string[]): string[] =>
    ids.flatMap((id) => (groups.has(id) ? expand(childrenOf(id)) : [id]));
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

function stagesOf(needs: Map<string, Set<string>>): Map<string, number> {
  const stages = new Map<string, number>();
  const visit = (id: string, path: ReadonlySet<string>): number => {
    const known = stages.get(id);
    if (known !== undefined) return known;
    let stage = 0;
    for (const before of needs.get(id) ?? []) {
      // A circle cannot be saved as a recipe; if one comes anyway the picture must still end.
      if (!path.has(before)) stage = Math.max(stage, visit(before, new Set([...path, id])) + 1);
    }
    stages.set(id, stage);
    return stage;
  };
  for (const id of needs.keys()) visit(id, new Set([id]));
  return stages;
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

/** `right`: stages stand beside each other from left to right; `down`: below each other, for narrow screens. */
export type GraphDirection = 'right' | 'down';

/** Steps in stages by what they wait for; the steps of one stage side by side, centred across the direction. */
export function layoutGraph(
  steps: readonly GraphStep[],
  direction: GraphDirection = 'right',
): GraphLayout {
  const needs = withoutGroups(steps);
  const order = new Map([...needs.keys()].map((id, index) => [id, index]));
  const stages = new Map<number, string[]>();
  for (const [id, stage] of stagesOf(needs)) stages.set(stage, [...(stages.get(stage) ?? []), id]);
  const { along, across } = SPACING[direction];
  const broadest = Math.max(0, ...[...stages.values()].map((ids) => ids.length));
  const nodes: PlacedStep[] = [];
  for (const [stage, ids] of stages) {
    const sorted = ids.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    const offset = ((broadest - sorted.length) * across.step) / 2;
    sorted.forEach((stepId, place) => {
      const main = stage * along.step;
      const cross = offset + place * across.step;
      nodes.push(
        direction === 'right' ? { stepId, x: main, y: cross } : { stepId, x: cross, y: main },
      );
    });
  }
  const length = Math.max(0, stages.size * along.step - along.gap);
  const breadth = Math.max(0, broadest * across.step - across.gap);
  return {
    nodes: nodes.toSorted((a, b) => (order.get(a.stepId) ?? 0) - (order.get(b.stepId) ?? 0)),
    edges: directEdges(needs),
    width: direction === 'right' ? length : breadth,
    height: direction === 'right' ? breadth : length,
  };
}
