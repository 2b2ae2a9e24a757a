import type { Agent, AgentTask } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { PLAYBOOKS } from '../seeds/playbooks.ts';

/**
 * Tools that a task calls for: those of the agent's playbook for the task type, as far as the agent has them; else all that it
 * has. The order is the playbook's.
 */
export function toolsForTask(
  agent: Pick<Agent, 'slug' | 'tools'>,
  taskType: string | undefined,
): string[] {
  const own = agent.tools.map(({ tool }) => tool);
  const playbook = PLAYBOOKS[agent.slug];
  const planned =
    taskType === undefined ? Object.values(playbook ?? {})[0] : (playbook ?? {})[taskType];
  const tools = (planned ?? []).filter((tool) => own.includes(tool));
  return tools.length > 0 ? tools : own;
}

/** The request and the inputs of the turn in which an agent does a task. */
export function promptForTask(
  agent: Pick<Agent, 'slug' | 'tools' | 'name'>,
  task: AgentTask,
): { prompt: string; inputs: JsonObject } {
  const tools = toolsForTask(agent, task.task_type).map((tool) => `\`${tool}\``);
  const kind = (task.task_type ?? '').replaceAll('_', ' ');
  const asked =
    task.prompt ??
    `Do this ${kind === '' ? 'work' : kind} on the target that the inputs name and report what you find.`;
  const named =
    tools.length === 0
      ? ''
      : ` Tools for it, as far as the inputs serve them: ${tools.join(', ')}.`;
  return {
    prompt: `${asked}${named}`,
    inputs: { ...(task.target === undefined ? {} : { target: task.target }), ...task.parameters },
  };
}
