import type { RecipeDefinition, RecipeStep, RunStep } from '@automatos/contracts';
import { flattenSteps } from '../definition/flatten.ts';
import { bodiesOf } from '../definition/step-kinds.ts';
import { buildGraph } from '../validation/step-graph.ts';
import type { StepGraph } from '../validation/step-graph.ts';

/** What is left of an earlier run of the same steps. */
export interface EarlierRun {
  graph: StepGraph;
  /** By step id, instances such as `x#0` included. */
  rows: ReadonlyMap<string, RunStep>;
  /** Rows of each step that ended: its own and those of its instances. */
  ended: ReadonlyMap<string, readonly RunStep[]>;
}

const ENDED: readonly RunStep['status'][] = ['completed', 'failed', 'skipped'];

export function earlierRun(
  definition: Pick<RecipeDefinition, 'steps' | 'execution'>,
  rows: readonly RunStep[],
): EarlierRun {
  const ended = rows.filter(({ status }) => ENDED.includes(status));
  return {
    graph: buildGraph(flattenSteps(definition), definition.execution.mode),
    rows: new Map(rows.map((row) => [row.step_id, row])),
    ended: Map.groupBy(ended, ({ step_id: id }) => id.split('#', 1)[0] ?? id),
  };
}

/**
 * Whether a first-level step is over for good: completed, left out by its condition, or failed where the recipe puts up
 * with that. What failed so has no result to keep and is done again, but what came after it stays.
 */
export function isSettled(step: RecipeStep, { rows }: Pick<EarlierRun, 'rows'>): boolean {
  const status = rows.get(step.step_id)?.status;
  if (status === 'completed' || status === 'skipped') return true;
  return status === 'failed' && step.on_error !== undefined && step.on_error !== 'stop';
}

/**
 * Rows whose results a new run takes over: of finished steps that come after nothing that is done again. `again` are
 * first-level steps to be done in any case; steps that are not settled are done again without being named.
 *
 * Documents are made anew, because they belong to their run; so a finished container that holds one is not taken over
 * itself, only its other steps. Of an unfinished group or branch the finished steps are kept; maps, loops and steps with
 * `for_each` start over.
 */
export function keptRows(earlier: EarlierRun, again: ReadonlySet<string>): string[] {
  const { graph } = earlier;
  const isOpen = ({ stepId, step }: StepGraph['top'][number]) =>
    again.has(stepId) || step === null || !isSettled(step, earlier);
  const open = new Set(graph.top.filter(isOpen).map(({ stepId }) => stepId));
  return graph.top.flatMap(({ stepId, step }) => {
    if (step === null || again.has(stepId)) return [];
    const before = graph.ancestors(stepId);
    return [...open].some((id) => before.has(id)) ? [] : keptOf(earlier, step);
  });
}

function keptOf(earlier: EarlierRun, step: RecipeStep): string[] {
  if (step.type === 'document') return [];
  const isDone = earlier.rows.get(step.step_id)?.status === 'completed';
  const inside = stepsInside(step);
  // What failed or was left out inside of something that is kept whole is a part of its result.
  if (isDone && !inside.some(isDocument)) {
    return [step, ...inside].flatMap(({ step_id: id }) => rowsOf(earlier, id, ENDED));
  }
  if (step.type === 'map' || step.type === 'loop') {
    const own = inside.filter((inner) => ![inner, ...stepsInside(inner)].some(isDocument));
    return isDone ? own.flatMap(({ step_id: id }) => rowsOf(earlier, id, ['completed'])) : [];
  }
  return bodiesOf(step).flatMap(({ steps }) =>
    step.type === 'parallel'
      ? steps.flatMap((inner) => keptOf(earlier, inner))
      : keptInOrder(earlier, steps),
  );
}

/** Of steps that run one after the other: up to the first that is not settled, of which the finished part is kept. */
function keptInOrder(earlier: EarlierRun, steps: readonly RecipeStep[]): string[] {
  const end = steps.findIndex((step) => !isSettled(step, earlier));
  return steps
    .slice(0, end === -1 ? steps.length : end + 1)
    .flatMap((step) => keptOf(earlier, step));
}

function rowsOf(
  { ended }: EarlierRun,
  stepId: string,
  statuses: readonly RunStep['status'][],
): string[] {
  const rows = ended.get(stepId) ?? [];
  return rows.filter(({ status }) => statuses.includes(status)).map(({ step_id: id }) => id);
}

/** Steps inside a container, at any depth. */
function stepsInside(step: RecipeStep): RecipeStep[] {
  return bodiesOf(step).flatMap(({ steps }) =>
    steps.flatMap((inner) => [inner, ...stepsInside(inner)]),
  );
}

function isDocument(step: RecipeStep): boolean {
  return step.type === 'document';
}
