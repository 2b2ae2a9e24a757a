import type { StepStatus } from '@automatos/sdk';
import type { RunState, StepView } from './run-state-types.ts';

/** Steps inside maps and loops are done once for each item or round, each time as `<step id>#<index>`. Pure. */

type Steps = Readonly<Record<string, StepView>>;

/** Items and rounds of a container that are shown one by one at most; more are a count. */
const SHOWN_MAX = 8;

export function isInstance(stepId: string): boolean {
  return stepId.includes('#');
}

/** Number of the item (0-based) or round (1-based) that an instance belongs to; null for a step done once. */
export function instanceIndex(stepId: string): number | null {
  const path = stepId.split('#')[1];
  return path === undefined ? null : Number(path.split('.').at(-1));
}

/** `Read` → `Read, item 2`: which of the many this is. */
export function instanceName(step: StepView, steps: Steps): string {
  const index = instanceIndex(step.stepId);
  if (index === null) return step.name;
  let outer = step.parent === null ? undefined : steps[step.parent];
  // A branch or group inside a map belongs to the item that the map counts.
  while (
    outer !== undefined &&
    ['branch', 'parallel'].includes(outer.type) &&
    outer.parent !== null
  )
    outer = steps[outer.parent];
  return outer?.type === 'loop'
    ? `${step.name}, round ${index}`
    : `${step.name}, item ${index + 1}`;
}

export interface Repetition {
  /** Items or rounds that have begun. */
  begun: number;
  done: number;
  failed: number;
}

const OVER: readonly StepStatus[] = ['completed', 'failed', 'skipped', 'cancelled'];

/** How far the items or rounds of a container are; null for what repeats nothing (yet). */
export function repetitionOf(containerId: string, steps: Steps): Repetition | null {
  const bodies = new Map<number, StepView[]>();
  for (const step of Object.values(steps)) {
    if (step.parent !== containerId) continue;
    const index = instanceIndex(step.stepId);
    // Instances directly inside a branch or group that is itself an instance are not repeated by it.
    if (index === null || depthOf(step.stepId) <= depthOf(containerId)) continue;
    bodies.set(index, [...(bodies.get(index) ?? []), step]);
  }
  if (bodies.size === 0) return null;
  const whole = Math.max(...[...bodies.values()].map((body) => body.length));
  const failed = [...bodies.values()].filter((body) => body.some((s) => s.status === 'failed'));
  const over = OVER.includes(steps[containerId]?.status ?? 'running');
  const done = [...bodies.values()].filter(
    (body) =>
      body.every((step) => OVER.includes(step.status)) &&
      // Between two steps of an item all that have begun are over, and the item is not.
      (over || body.length === whole || body.some((step) => step.status === 'failed')),
  );
  return { begun: bodies.size, done: done.length, failed: failed.length };
}

function depthOf(stepId: string): number {
  return stepId.split('#')[1]?.split('.').length ?? 0;
}

/** `3 of 5 items done, 1 failed`. */
export function repetitionText({ begun, done, failed }: Repetition, type: string): string {
  const unit = type === 'loop' ? 'round' : 'item';
  const text = `${done} of ${begun} ${unit}${begun === 1 ? '' : 's'} done`;
  return failed === 0 ? text : `${text}, ${failed} failed`;
}

export interface TimelineEntry {
  step: StepView;
  name: string;
  depth: number;
  repetition: Repetition | null;
  /** Whether its items can be hidden, and whether they are; null when it has few or none. */
  folded: boolean | null;
}

/**
 * The steps as the timeline lists them: what stands inside a container below it. Groups of parallel steps are no entries
 * of their own. Of containers with more than eight items only those in `opened` list them.
 */
export function timelineEntries(
  { steps, stepOrder }: Pick<RunState, 'steps' | 'stepOrder'>,
  opened: ReadonlySet<string>,
): TimelineEntry[] {
  const inside = new Map<string | null, StepView[]>();
  for (const id of stepOrder) {
    const step = steps[id];
    if (step === undefined) continue;
    const parent = step.parent !== null && steps[step.parent] !== undefined ? step.parent : null;
    inside.set(parent, [...(inside.get(parent) ?? []), step]);
  }
  const entries: TimelineEntry[] = [];
  const list = (parent: string | null, depth: number): void => {
    const children = inside.get(parent) ?? [];
    const sorted = children.some((step) => instanceIndex(step.stepId) !== null)
      ? children.toSorted((a, b) => (instanceIndex(a.stepId) ?? 0) - (instanceIndex(b.stepId) ?? 0))
      : children;
    for (const step of sorted) {
      if (step.type === 'parallel') {
        list(step.stepId, depth);
        continue;
      }
      const repetition = repetitionOf(step.stepId, steps);
      const many = repetition !== null && repetition.begun > SHOWN_MAX;
      const folded = many ? !opened.has(step.stepId) : null;
      entries.push({ step, name: instanceName(step, steps), depth, repetition, folded });
      if (folded !== true) list(step.stepId, depth + 1);
    }
  };
  list(null, 0);
  return entries;
}

/** The steps that the graph draws: a container with all that stands inside as one; only parallel groups are opened. */
export function drawnSteps({
  steps,
  stepOrder,
}: Pick<RunState, 'steps' | 'stepOrder'>): StepView[] {
  return stepOrder.flatMap((id) => {
    const step = steps[id];
    if (step === undefined) return [];
    for (let parent = step.parent; parent !== null;) {
      const outer: StepView | undefined = steps[parent];
      if (outer === undefined) break;
      if (outer.type !== 'parallel') return [];
      parent = outer.parent;
    }
    return [step];
  });
}

/** Id of the drawn step in which `stepId` stands. */
export function drawnAs(stepId: string, steps: Steps): string {
  let drawn = stepId;
  for (let id: string | null = stepId; id !== null; id = steps[id]?.parent ?? null) {
    const outer = steps[id]?.parent ?? null;
    if (outer !== null && steps[outer] !== undefined && steps[outer].type !== 'parallel')
      drawn = outer;
  }
  return drawn;
}
