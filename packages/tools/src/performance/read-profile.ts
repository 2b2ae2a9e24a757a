import { z } from 'zod';

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.int(),
        columnNumber: z.int(),
      }),
      children: z.array(z.int()).optional(),
    }),
  ),
  samples: z.array(z.int()).default([]),
  timeDeltas: z.array(z.number()).default([]),
});
export type CpuProfile = z.output<typeof profileSchema>;

/** A function of a CPU profile; times in ms, shares of the time in which something ran. */
export interface ProfiledFunction {
  name: string;
  /** `null` for what is not of the project: Node itself, collection of garbage. */
  path: string | null;
  url: string;
  line: number;
  selfMs: number;
  selfShare: number;
  totalMs: number;
  totalShare: number;
}

/** Reads a profile as V8 writes it; undefined when it is none. */
export function parseProfile(text: string): CpuProfile | undefined {
  try {
    return profileSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut off, or something else
  }
}

type ProfileNode = CpuProfile['nodes'][number];

/** What belongs to no work: waiting, and the frames around everything. */
const IDLE = new Set(['(idle)', '(program)', '(root)']);

const keyOf = ({ callFrame }: ProfileNode): string =>
  `${callFrame.functionName}\n${callFrame.url}\n${callFrame.lineNumber}\n${callFrame.columnNumber}`;

function selfTimes(profile: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of profile.samples.entries())
    times.set(id, (times.get(id) ?? 0) + Math.max(0, profile.timeDeltas[index] ?? 0));
  return times;
}

/** Time of each function itself and with what it calls, the largest first. */
export function functionsOf(
  profile: CpuProfile,
  folder: string,
): { busyMs: number; functions: ProfiledFunction[] } {
  const self = selfTimes(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, { node: ProfileNode; self: number; total: number }>();
  let busy = 0;
  const entryOf = (node: ProfileNode) => {
    const entry = sums.get(keyOf(node)) ?? { node, self: 0, total: 0 };
    sums.set(keyOf(node), entry);
    return entry;
  };
  // Each frame comes with those above it; recursion counts a function once per sample.
  const parents = new Map<number, number>();
  for (const node of profile.nodes)
    for (const child of node.children ?? []) parents.set(child, node.id);
  for (const [id, micros] of self) {
    const node = byId.get(id);
    if (node === undefined || IDLE.has(node.callFrame.functionName)) continue;
    busy += micros;
    entryOf(node).self += micros;
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const above = byId.get(at);
      if (above === undefined || seen.has(keyOf(above))) continue;
      seen.add(keyOf(above));
      entryOf(above).total += micros;
    }
  }
  const functions = [...sums.values()]
    .filter(({ node }) => !IDLE.has(node.callFrame.functionName))
    .map(({ node, self: own, total }) => toFunction(node, { own, total, busy, folder }))
    .toSorted((a, b) => b.selfMs - a.selfMs);
  return { busyMs: Math.round(busy / 10) / 100, functions };
}

/** The path of a source below the folder; null for anything else, also for what only looks like one. */
function pathBelow(prefix: string, url: string): string | null {
  const parsed = url.startsWith(prefix) ? URL.parse(url) : null;
  // Parsing takes `..` out of the way.
  if (parsed === null || !parsed.href.startsWith(prefix)) return null;
  try {
    const path = decodeURIComponent(parsed.href.slice(prefix.length));
    return path.split('/').includes('..') ? null : path;
  } catch {
    return null; // broken escapes: no path of Node's making
  }
}

function toFunction(
  { callFrame }: ProfileNode,
  { own, total, busy, folder }: { own: number; total: number; busy: number; folder: string },
): ProfiledFunction {
  const ms = (micros: number) => Math.round(micros / 10) / 100;
  const share = (micros: number) => (busy === 0 ? 0 : Math.round((micros / busy) * 1000) / 1000);
  const prefix = `file://${folder}/`;
  return {
    name: callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName,
    path: pathBelow(prefix, callFrame.url),
    url: callFrame.url,
    line: callFrame.lineNumber + 1,
    selfMs: ms(own),
    selfShare: share(own),
    totalMs: ms(total),
    totalShare: share(total),
  };
}
