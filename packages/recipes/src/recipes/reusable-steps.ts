import type { RecipeDefinition, RecipeStep, RunStep } from '@automatos/contracts';
import { flattenSteps } from '../definition/flatten.ts';
import { bodiesOf, isContainer, typeOfStep } from '../definition/step-kinds.ts';
import { buildGraph } from '../validation/step-graph.ts';
import type { StepGraph } from '../validation/step-graph.ts';

/** What is left of an earlier run of the same steps. */
export interface EarlierRun {
  graph: StepGraph;
  /** By step id, instances such as `x#0` included. */
  rows: ReadonlyMap<string, RunStep>;
  /** Finished rows of each step: its own and those of its instances. */
  finished: ReadonlyMap<string, readonly string[]>;
}

export function earlierRun(
  definition: Pick<RecipeDefinition, 'steps' | 'execution'>,
  rows: readonly RunStep[],
): EarlierRun {
  const graph = buildGraph(flattenSteps(definition), definition.execution.mode);
  const finished = new Map<string, string[]>();
  for (const { step_id: id, status } of rows) {
    if (status !== 'completed') continue;
    const base = id.split('#', 1)[0] ?? id;
    const known = finished.get(base);
    if (known === undefined) finished.set(base, [id]);
    else known.push(id);
  }
  return { graph, rows: new Map(rows.map((row) => [row.step_id, row])), finished };
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

function keptOf(earlier: EarlierRun, step: RecipeStep): readonly string[] {
  const isDone = earlier.rows.get(step.step_id)?.status === 'completed';
  if (step.type === 'document') return [];
  if (!isContainer(step)) return isDone ? rowsOf(earlier, step.step_id) : [];
  const own = isDone && !holdsDocument(step) ? [step.step_id] : [];
  if (step.type === 'map' || step.type === 'loop') {
    return isDone ? [...own, ...stepsInside(step).flatMap((inner) => wholeOf(earlier, inner))] : [];
  }
  const inside = bodiesOf(step).flatMap(({ steps }) =>
    step.type === 'parallel'
      ? steps.flatMap((inner) => keptOf(earlier, inner))
      : keptInOrder(earlier, steps),
  );
  return [...own, ...inside];
}

/** Of steps that run one after the other: up to the first that is not settled, of which the finished part is kept. */
function keptInOrder(earlier: EarlierRun, steps: readonly RecipeStep[]): string[] {
  const end = steps.findIndex((step) => !isSettled(step, earlier));
  return steps
    .slice(0, end === -1 ? steps.length : end + 1)
    .flatMap((step) => keptOf(earlier, step));
}

/** Finished rows of a step inside a finished map or loop. */
function wholeOf(earlier: EarlierRun, step: RecipeStep): readonly string[] {
  if (step.type === 'document' || holdsDocument(step)) return [];
  return rowsOf(earlier, step.step_id);
}

function rowsOf({ finished }: EarlierRun, stepId: string): readonly string[] {
  return finished.get(stepId) ?? [];
}

function stepsInside(step: RecipeStep): RecipeStep[] {
  return bodiesOf(step).flatMap(({ steps }) =>
    steps.flatMap((inner) => [inner, ...stepsInside(inner)]),
  );
}

function holdsDocument(step: RecipeStep): boolean {
  return stepsInside(step).some((inner) => typeOfStep(inner) === 'document');
}
