/** A directed graph by name; edges to unknown names are ignored. */
export type Graph = ReadonlyMap<string, readonly string[]>;

interface Frame {
  node: string;
  next: number;
}

/**
 * Returns the groups of nodes that reach each other (strongly connected, two or more nodes, or one with an edge to
 * itself), by Tarjan's method without recursion, so that a long chain cannot exhaust the stack. Sorted.
 */
export function findCycles(graph: Graph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const enter = (node: string, frames: Frame[]) => {
    index.set(node, index.size);
    low.set(node, index.get(node) ?? 0);
    stack.push(node);
    onStack.add(node);
    frames.push({ node, next: 0 });
  };
  const leave = (node: string) => {
    if (low.get(node) !== index.get(node)) return;
    const group: string[] = [];
    for (;;) {
      const member = stack.pop();
      if (member === undefined) break;
      onStack.delete(member);
      group.push(member);
      if (member === node) break;
    }
    const first = group[0] ?? '';
    if (group.length > 1 || graph.get(first)?.includes(first) === true)
      groups.push(group.toSorted());
  };
  const lower = (node: string, value: number) =>
    low.set(node, Math.min(low.get(node) ?? value, value));
  for (const root of [...graph.keys()].toSorted()) {
    if (index.has(root)) continue;
    const frames: Frame[] = [];
    enter(root, frames);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const target = graph.get(frame.node)?.[frame.next++];
      if (target === undefined) {
        frames.pop();
        leave(frame.node);
        const parent = frames.at(-1);
        if (parent !== undefined) lower(parent.node, low.get(frame.node) ?? 0);
      } else if (!graph.has(target)) continue;
      else if (!index.has(target)) enter(target, frames);
      else if (onStack.has(target)) lower(frame.node, index.get(target) ?? 0);
    }
  }
  return groups.toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

/** A shortest way around inside a group, starting at its first node. */
export function shortestCycle(graph: Graph, group: readonly string[]): string[] {
  const start = group[0] ?? '';
  const members = new Set(group);
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const target of (graph.get(node) ?? []).toSorted()) {
      if (target === start) {
        const path = [start];
        for (
          let step: string | undefined = node;
          step !== undefined && step !== start;
          step = cameFrom.get(step)
        )
          path.splice(1, 0, step);
        return [...path, start];
      }
      if (!members.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return [...group];
}
