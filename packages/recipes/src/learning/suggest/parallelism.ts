import type { JsonObject } from '@automatos/kernel';
import type { DraftStep } from '../../definition/draft-step.ts';
import { flattenSteps } from '../../definition/flatten.ts';
import { buildGraph } from '../../validation/step-graph.ts';
import { candidateId, percent, seconds } from '../candidate.ts';
import type { Candidate } from '../candidate.ts';
import { currentDefinition } from '../history.ts';
import type { History } from '../history.ts';
import { RUNS_NEEDED } from '../intervals.ts';
import { usesOfStep } from './uses.ts';

/** Least part of the time, and least time, that must be won. */
const SHARE_WON_MIN = 0.2;
const MS_WON_MIN = 1_000;

/** Steps of the first level that run one after the other although none needs the other. */
export function parallelismCandidates(history: History): Candidate[] {
  const definition = currentDefinition(history);
  const steps = flattenSteps(definition);
  const graph = buildGraph(steps, definition.execution.mode);
  if (
    graph.mode === 'graph' ||
    definition.execution.mode === 'sequential' ||
    graph.top.length < 2
  ) {
    return [];
  }
  const needs = needsOf(steps);
  const durations = meanDurations(history, graph.top);
  if (needs === null || durations === null) return [];
  const inOrder = graph.top.reduce((sum, { stepId }) => sum + (durations.get(stepId) ?? 0), 0);
  const together = longestPath(graph.top, needs, durations);
  const won = inOrder - together;
  if (won < MS_WON_MIN || won < inOrder * SHARE_WON_MIN) return [];
  const copy = structuredClone(definition);
  for (const [index, step] of copy.steps.entries()) {
    const id = graph.top[index]?.stepId ?? '';
    (step as unknown as JsonObject)['depends_on'] = direct(needs, id);
  }
  const free = graph.top.filter(
    ({ stepId }, index) => index > 0 && !reaches(needs, stepId, graph.top[index - 1]?.stepId ?? ''),
  );
  return [
    {
      id: candidateId(
        'parallelism',
        null,
        graph.top.map(({ stepId, step }) => [stepId, step?.depends_on ?? null]),
      ),
      kind: 'parallelism',
      stepId: null,
      title: `Run ${free.map(({ stepId }) => `"${stepId}"`).join(', ')} beside the steps before`,
      evidence: [
        `No text of these steps refers to the step before: ${free.map(({ stepId }) => stepId).join(', ')}.`,
        `By their mean durations the steps take ${seconds(inOrder)} one after the other and ${seconds(together)} side by side, ${percent(won / inOrder)} less.`,
      ],
      definition: copy,
    },
  ];
}

/** Ids of first-level steps that each first-level step needs, by what it and the steps inside it read; null when order itself is read. */
function needsOf(steps: readonly DraftStep[]): Map<string, Set<string>> | null {
  const graph = buildGraph(steps);
  const topOf = new Map<string, string>();
  for (const { outputKey, stepId } of steps) {
    topOf.set(outputKey, graph.containers(stepId).at(-1)?.stepId ?? stepId);
  }
  const needs = new Map<string, Set<string>>();
  const before: string[] = [];
  let barrier: string | null = null;
  for (const top of graph.top) {
    const own = new Set<string>();
    for (const draft of [top, ...graph.descendants(top.stepId)]) {
      const uses = usesOfStep(steps, graph, draft);
      // `previous` has no meaning once there is more than one step before.
      if (uses.byOrder) return null;
      if (uses.everything) for (const id of before) own.add(id);
      for (const key of uses.keys) {
        const needed = topOf.get(key);
        if (needed !== undefined && needed !== top.stepId) own.add(needed);
      }
    }
    const holds = holdsBack(top);
    if (holds) for (const id of before) own.add(id);
    if (barrier !== null) own.add(barrier);
    if (holds) barrier = top.stepId;
    needs.set(top.stepId, own);
    before.push(top.stepId);
  }
  return needs;
}

/** A person or a clock stands between what is before and what comes after, whatever the texts say. */
function holdsBack({ step }: DraftStep): boolean {
  return step?.type === 'approval' || step?.type === 'wait' || step?.approval !== undefined;
}

function meanDurations(history: History, top: readonly DraftStep[]): Map<string, number> | null {
  const means = new Map<string, number>();
  for (const { stepId } of top) {
    const values = history.steps.filter(
      (sample) => sample.stepId === stepId && sample.completed > 0,
    );
    if (values.length < RUNS_NEEDED) return null;
    means.set(stepId, values.reduce((sum, { totalMs }) => sum + totalMs, 0) / values.length);
  }
  return means;
}

function longestPath(
  top: readonly DraftStep[],
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  durations: ReadonlyMap<string, number>,
): number {
  const ends = new Map<string, number>();
  for (const { stepId } of top) {
    const start = Math.max(0, ...[...(needs.get(stepId) ?? [])].map((id) => ends.get(id) ?? 0));
    ends.set(stepId, start + (durations.get(stepId) ?? 0));
  }
  return Math.max(0, ...ends.values());
}

/** Whether `from` needs `to`, directly or through others. */
function reaches(
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
): boolean {
  const own = needs.get(from) ?? new Set<string>();
  return own.has(to) || [...own].some((id) => reaches(needs, id, to));
}

/** What a step needs without what follows from the rest of it. */
function direct(needs: ReadonlyMap<string, ReadonlySet<string>>, id: string): string[] {
  const own = [...(needs.get(id) ?? [])];
  return own.filter((need) => !own.some((other) => other !== need && reaches(needs, other, need)));
}
