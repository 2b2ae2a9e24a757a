import { TASK_STAGES, taskInputSchema } from '@automatos/contracts';
import type { TaskStage } from '@automatos/contracts';
import { PATTERN_KINDS } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { DeclaredStep } from '@automatos/runs';
import { z } from 'zod';
import { taskError } from '../task-error.ts';

const planSchema = z.object({
  task: taskInputSchema.omit({ title: true, priority: true }),
  /** As it was when the task was submitted. */
  pattern: z
    .object({
      slug: z.string(),
      kind: z.enum(PATTERN_KINDS),
      settings: z.record(z.string(), z.json()),
    })
    .nullable(),
});
/** Everything the run of a task needs and that must not change while it runs. */
export type TaskPlan = z.infer<typeof planSchema>;

/** The plan as JSON, for `Runs.start`. */
export function toTaskPlan(plan: TaskPlan): JsonObject {
  return plan as unknown as JsonObject;
}

/** Reads a stored plan; throws `tasks.plan.invalid` when this version cannot. */
export function readTaskPlan(plan: JsonObject): TaskPlan {
  const parsed = planSchema.safeParse(plan);
  if (parsed.success) return parsed.data;
  throw taskError('tasks.plan.invalid', {
    kind: 'internal',
    message:
      'The plan of this task was written by another version and cannot be carried out. Submit the task again.',
    internalMessage: parsed.error.message,
  });
}

export const STAGE_NAMES: Readonly<Record<TaskStage, string>> = {
  decomposition: 'Decomposition',
  agent_selection: 'Agent selection',
  context_engineering: 'Context engineering',
  execution: 'Execution',
  aggregation: 'Aggregation',
  learning_update: 'Learning update',
  quality_assessment: 'Quality assessment',
  memory_storage: 'Memory storage',
  response: 'Response',
};

/** The stage before, which each one waits for. */
export function stageBefore(stage: TaskStage): TaskStage[] {
  const before = TASK_STAGES[TASK_STAGES.indexOf(stage) - 1];
  return before === undefined ? [] : [before];
}

/** The nine stages as a run shows them before it starts. */
export function declaredStages(): DeclaredStep[] {
  return TASK_STAGES.map((stage) => ({
    stepId: stage,
    name: STAGE_NAMES[stage],
    type: 'stage',
    dependsOn: stageBefore(stage),
  }));
}
