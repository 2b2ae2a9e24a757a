import { lookUpAgents } from '@automatos/agents';
import type { Task, TaskDetail, TaskInput, TaskPreview } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { cutText, isUuid, notFound } from '@automatos/kernel';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Actor, Runs } from '@automatos/runs';
import type { WorkspaceRoots } from '@automatos/tools';
import { decompose } from '../decomposition/decompose.ts';
import { estimateTask } from '../history/estimate.ts';
import { toUnitJson } from '../pipeline/decomposition-stage.ts';
import { declaredStages, toTaskPlan } from '../pipeline/task-plan.ts';
import type { TaskPlan } from '../pipeline/task-plan.ts';
import type { TaskMemory } from '../pipeline/task-run.ts';
import { selectAgents } from '../selection/select-agents.ts';
import { checkTarget, lookAtTarget } from '../target/look-at-target.ts';
import { taskError } from '../task-error.ts';
import { findTask, findTaskRow, insertTask, listTasks } from './task-store.ts';
import type { TaskFilter, TaskRow } from './task-store.ts';
import { toDetail } from './task-views.ts';

const TITLE_CHARACTERS = 120;

export interface TaskServiceDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  runs: Pick<Runs, 'startIn' | 'get' | 'steps' | 'cancel'>;
  memory: Pick<TaskMemory, 'candidates'>;
  /** Where paths among targets must lie. */
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  /** The pattern of this slug or kind with its settings; null when there is none. */
  findPattern(workspaceId: WorkspaceId, ref: string): Promise<TaskPlan['pattern']>;
  clock: Clock;
}

/** Where something is done, and on whose behalf. */
export interface TaskScope {
  workspaceId: WorkspaceId;
  by: Actor;
}

export interface TaskService {
  /** Submits a task. Rejects with `tasks.target.*`, `tasks.agent.unknown` or `tasks.pattern.unknown` before anything is stored. */
  create(
    scope: TaskScope,
    input: TaskInput,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<Task>;
  /** How it would be split and who would do it; without a model, and nothing is stored. */
  preview(workspaceId: WorkspaceId, input: TaskInput): Promise<TaskPreview>;
  list(
    workspaceId: WorkspaceId,
    filter: TaskFilter,
  ): Promise<{ items: Task[]; nextCursor: string | null; total: number }>;
  get(workspaceId: WorkspaceId, id: string): Promise<TaskDetail>;
  cancel(scope: TaskScope, id: string): Promise<Task>;
  /** Submits an ended task again as a new one; `tasks.task.active` while it runs. */
  retry(
    scope: TaskScope,
    id: string,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<Task>;
}

/** Use cases of tasks. */
export function createTaskService(deps: TaskServiceDeps): TaskService {
  return {
    create: (scope, input, options) => create(deps, scope, { input, ...options }),
    preview: (workspaceId, input) => preview(deps, workspaceId, input),
    list: (workspaceId, filter) =>
      deps.database.workspaceReads(workspaceId, (tx) => listTasks(tx, filter)),
    async get(workspaceId, id) {
      const { row } = await mustFind(deps, workspaceId, id);
      const run = await deps.runs.get(workspaceId, id);
      const steps = await deps.runs.steps(workspaceId, id);
      // Read last, so that it is no older than its stages.
      return toDetail((await mustFind(deps, workspaceId, id)).task, { row, run, steps });
    },
    async cancel({ workspaceId, by }, id) {
      await mustFind(deps, workspaceId, id);
      await deps.runs.cancel(workspaceId, id, by);
      return (await mustFind(deps, workspaceId, id)).task;
    },
    async retry(scope, id, options) {
      const { row, task } = await mustFind(deps, scope.workspaceId, id);
      if (task.finished_at === null) throw stillActive(task);
      return create(deps, scope, {
        input: { ...inputOf(row), title: task.title },
        retryOf: id,
        ...options,
      });
    },
  };
}

interface Submission {
  input: TaskInput;
  retryOf?: string | undefined;
  idempotencyKey?: string | undefined;
}

async function create(
  deps: TaskServiceDeps,
  { workspaceId, by }: TaskScope,
  { input, retryOf, idempotencyKey }: Submission,
): Promise<Task> {
  const pattern = await check(deps, workspaceId, input);
  const { title, priority, ...task } = input;
  const { id, announce } = await deps.database.workspace(workspaceId, async (tx) => {
    const started = await deps.runs.startIn(tx, workspaceId, {
      kind: 'task',
      title: title ?? cutText(input.goal.replaceAll(/\s+/g, ' '), TITLE_CHARACTERS),
      plan: toTaskPlan({ task, pattern }),
      inputs: {
        goal: input.goal,
        ...(input.target === undefined ? {} : { target: input.target }),
        parameters: input.parameters,
      } as JsonObject,
      steps: declaredStages(),
      by,
      ...(priority === undefined ? {} : { priority }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    await insertTask(tx, {
      id: started.run.id,
      workspaceId,
      goal: input.goal,
      target: input.target ?? null,
      parameters: input.parameters as JsonObject,
      agents: input.agents ?? null,
      pattern: pattern?.slug ?? null,
      budget: input.budget ?? null,
      qualityThreshold: input.quality_threshold ?? null,
      maxRefinements: input.max_refinements,
      retryOf: retryOf ?? null,
      createdAt: new Date(deps.clock.now()),
    });
    return { id: started.run.id, announce: started.announce };
  });
  announce();
  return (await mustFind(deps, workspaceId, id)).task;
}

/** Everything that can be said before anything runs. Returns the pattern. */
async function check(
  deps: TaskServiceDeps,
  workspaceId: WorkspaceId,
  input: TaskInput,
): Promise<TaskPlan['pattern']> {
  await checkTarget(deps.roots, input.target);
  const { agents: refs = [], pattern: ref } = input;
  const found = await deps.database.workspaceReads(workspaceId, (tx) => lookUpAgents(tx, refs));
  const unknown = refs.findIndex((one) => !found.has(one));
  if (unknown !== -1) {
    const message = `The workspace has no agent "${refs[unknown]}". Name one by its slug or id, as the list of agents shows them.`;
    throw taskError('tasks.agent.unknown', {
      kind: 'invalid-input',
      message,
      errors: [{ pointer: `/agents/${unknown}`, message }],
    });
  }
  if (ref === undefined) return null;
  const pattern = await deps.findPattern(workspaceId, ref);
  if (pattern !== null) return pattern;
  const message = `There is no coordination pattern "${ref}". Use hierarchical, collaborative or emergent, or the slug of a pattern of the workspace.`;
  throw taskError('tasks.pattern.unknown', {
    kind: 'invalid-input',
    message,
    errors: [{ pointer: '/pattern', message }],
  });
}

async function preview(
  deps: TaskServiceDeps,
  workspaceId: WorkspaceId,
  input: TaskInput,
): Promise<TaskPreview> {
  await check(deps, workspaceId, input);
  const facts = await lookAtTarget(deps.roots, input.target ?? null);
  const candidates = await deps.memory.candidates(workspaceId, input.agents);
  const capabilities = [...new Set(candidates.flatMap(({ agent }) => agent.capabilities))];
  const { units, assumptions, complexity } = decompose({
    goal: input.goal,
    facts,
    parameters: input.parameters as JsonObject,
    capabilities: capabilities.toSorted(),
  });
  const named = input.agents !== undefined;
  const assignments = selectAgents({ units, candidates, named, avoid: {} });
  const open = assignments.filter(({ agent }) => agent === null);
  const problems = open.map(({ unit_id: id, reason }) => `${id}: ${reason}.`);
  if (open.length === assignments.length) {
    problems.unshift('No agent suits any part of the goal; the task would fail.');
  }
  return {
    target: facts as unknown as TaskPreview['target'],
    units: units.map(toUnitJson) as unknown as TaskPreview['units'],
    assumptions,
    complexity,
    assignments,
    estimate: estimateTask(units, assignments, candidates),
    problems,
  };
}

async function mustFind(
  deps: Pick<TaskServiceDeps, 'database'>,
  workspaceId: WorkspaceId,
  id: string,
): Promise<{ task: Task; row: TaskRow }> {
  if (!isUuid(id)) throw notFound('task', id);
  return deps.database.workspaceReads(workspaceId, async (tx) => {
    const [task, row] = [await findTask(tx, id), await findTaskRow(tx, id)];
    if (task === undefined || row === undefined) throw notFound('task', id);
    return { task, row };
  });
}

function inputOf(row: TaskRow): TaskInput {
  return {
    goal: row.goal,
    parameters: row.parameters as TaskInput['parameters'],
    max_refinements: row.maxRefinements,
    ...(row.target === null ? {} : { target: row.target }),
    ...(row.agents === null ? {} : { agents: row.agents }),
    ...(row.pattern === null ? {} : { pattern: row.pattern }),
    ...(row.budget === null ? {} : { budget: row.budget }),
    ...(row.qualityThreshold === null ? {} : { quality_threshold: row.qualityThreshold }),
  };
}

function stillActive({ title, status }: Task) {
  return taskError('tasks.task.active', {
    kind: 'conflict',
    message: `The task "${title}" is ${status}. Wait for its end or cancel it, then submit it again.`,
  });
}
