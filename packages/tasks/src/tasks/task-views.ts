import { NO_USAGE, TASK_STAGES } from '@automatos/contracts';
import type { Run, RunStep, Task, TaskDetail, TaskStageView } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import { STAGE_NAMES } from '../pipeline/task-plan.ts';
import type { TaskRow } from './task-store.ts';

/** A task with its stages and units, as the steps of its run tell them. */
export function toDetail(
  task: Task,
  { row, run, steps }: { row: TaskRow; run: Run; steps: readonly RunStep[] },
): TaskDetail {
  const stepOf = (id: string) => steps.find(({ step_id: stepId }) => stepId === id);
  return {
    ...task,
    parameters: row.parameters as TaskDetail['parameters'],
    agents: row.agents,
    budget: row.budget,
    quality_threshold: row.qualityThreshold,
    max_refinements: row.maxRefinements,
    stages: TASK_STAGES.map((stage) => toStage(stage, stepOf(stage))),
    units: inOrder(steps.filter(({ parent }) => parent === 'execution').map(toUnit), {
      split: stepOf('decomposition'),
    }),
    assignments: assignmentsOf(stepOf('agent_selection')),
    result: run.outputs as TaskDetail['result'],
  };
}

function toStage(stage: TaskStageView['stage'], step: RunStep | undefined): TaskStageView {
  const begun = step?.started_at ?? null;
  const ended = step?.finished_at ?? null;
  const runs = step?.status === 'running';
  return {
    stage,
    name: STAGE_NAMES[stage],
    status: step?.status ?? 'pending',
    attempts: step?.attempts ?? 0,
    duration_ms:
      begun === null || ended === null || runs ? null : Date.parse(ended) - Date.parse(begun),
    usage: step?.usage ?? { ...NO_USAGE },
    output: step?.output ?? null,
    error: step?.status === 'failed' ? step.error : null,
    started_at: begun,
    finished_at: runs ? null : ended,
  };
}

function toUnit(step: RunStep): TaskDetail['units'][number] {
  const done = step.status === 'completed';
  return {
    unit_id: unitIdOf(step.step_id),
    title: step.name,
    agent: step.agent,
    status: step.status,
    attempts: step.attempts,
    depends_on: step.depends_on.map(unitIdOf),
    output: step.output,
    error: done ? null : step.error,
    usage: step.usage,
    started_at: step.started_at,
    finished_at: step.finished_at,
  };
}

/** Steps of units come as they began; they are shown as the goal was split. */
function inOrder(
  units: TaskDetail['units'],
  { split }: { split: RunStep | undefined },
): TaskDetail['units'] {
  const output = split?.output ?? null;
  const planned = isJsonObject(output) && Array.isArray(output['units']) ? output['units'] : [];
  const ids = planned.map((unit) => (isJsonObject(unit) ? unit['unit_id'] : null));
  return units.toSorted((a, b) => ids.indexOf(a.unit_id) - ids.indexOf(b.unit_id));
}

const unitIdOf = (stepId: string) => stepId.slice(stepId.indexOf('#') + 1);

/** Those of the newest selection; while it is on its way, of the one before. */
function assignmentsOf(step: RunStep | undefined): TaskDetail['assignments'] {
  const output = step?.output ?? null;
  if (!isJsonObject(output)) return [];
  return (output['assignments'] ?? []) as TaskDetail['assignments'];
}
