import { agentSchema, agentTaskSchema } from '@automatos/contracts';
import type { Agent, AgentTask } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { StartRun } from '@automatos/runs';
import { z } from 'zod';
import { agentError } from '../agent-error.ts';
import { promptForTask } from './task-prompt.ts';

/** Kind of the runs in which one agent does one task. */
export const AGENT_RUN = 'agent';
/** The only step of such a run. */
export const WORK_STEP = 'work';

const planSchema = z.object({
  /** The agent as it was when the run started. */
  agent: agentSchema,
  persona_prompt: z.string().nullable(),
  task: agentTaskSchema,
  /** A test may look, and nothing else. */
  test: z.boolean(),
  /** `offline` replaces the agent's model. */
  model: z.enum(['own', 'offline']),
});
export type AgentPlan = z.infer<typeof planSchema>;

/** Reads a stored plan; throws `agents.plan.unreadable` when this version cannot. */
export function readAgentPlan(plan: JsonObject): AgentPlan {
  const parsed = planSchema.safeParse(plan);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw agentError('agents.plan.unreadable', {
    kind: 'internal',
    message: `The plan of this run was written by another version and cannot be carried out (/${(issue?.path ?? []).map(String).join('/')}: ${issue?.message ?? 'does not fit'}). Start it again.`,
    internalMessage: parsed.error.message,
  });
}

/** What starts a run of an agent: everything that must not change while it works. */
export function agentStart(
  plan: AgentPlan,
  options: Pick<StartRun, 'by'> & { title?: string | undefined },
): StartRun {
  const { agent, task } = plan;
  return {
    kind: AGENT_RUN,
    title: options.title ?? titleOf(agent, task),
    plan: plan as unknown as JsonObject,
    inputs: promptForTask(agent, task).inputs,
    steps: [
      { stepId: WORK_STEP, name: stepName(task), type: 'agent', agent: agent.slug, dependsOn: [] },
    ],
    by: options.by,
  };
}

const TITLE_MAX = 200;

function titleOf(agent: Pick<Agent, 'name'>, task: AgentTask): string {
  const what = task.prompt ?? [stepName(task), task.target].filter(Boolean).join(' of ');
  return `${agent.name}: ${what.replaceAll(/\s+/g, ' ')}`.slice(0, TITLE_MAX);
}

/** What people read as the name of the step. */
export function stepName({ task_type: type }: AgentTask): string {
  return type === undefined
    ? 'Work'
    : `${type.charAt(0).toUpperCase()}${type.slice(1)}`.replaceAll('_', ' ');
}
