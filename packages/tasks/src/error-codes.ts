/** Every error code that this room throws, with one sentence for the documentation. */
export const TASKS_ERROR_CODES = {
  'task.item.not_found': 'No task of the workspace has this id.',
  'tasks.list.cursor_invalid': 'The cursor is not one that the list of tasks gave out.',
  'tasks.target.not_found':
    'The target looks like a path, but nothing exists there inside the allowed folders.',
  'tasks.target.outside_roots': 'The target lies outside the folders that tools may read.',
  'tasks.agent.unknown': 'The task names an agent that the workspace does not have.',
  'tasks.pattern.unknown': 'The task names a coordination pattern that does not exist.',
  'tasks.agents.none_suitable':
    'No agent of the workspace can do any part of the task; the message names what is needed and who comes nearest.',
  'tasks.agents.all_failed': 'Every agent that worked on the task failed.',
  'tasks.quality.below_threshold':
    'The result misses the quality_threshold of the task after all refinements.',
  'tasks.unit.limit_reached':
    'The agent of a unit of work reached one of its limits before its answer was whole.',
  'tasks.unit.dependency_failed': 'A unit of work was left out because one that it needs failed.',
  'tasks.plan.invalid': 'The stored plan of a task cannot be read by this version.',
  'tasks.task.active': 'The task has not ended yet, so it cannot be submitted again.',
} as const;

export type TasksErrorCode = keyof typeof TASKS_ERROR_CODES;
