import { Role, TaskState } from '@a2a-js/sdk';
import type { Artifact, Message, Part, Task, TaskStatus } from '@a2a-js/sdk';
import { agentReportSchema } from '@automatos/contracts';
import type { Run, RunStatus } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

/** Name under which a conversation's id travels with the inputs of a run, so that it is there after a restart too. */
export const CONTEXT_PARAMETER = 'a2a_context_id';

const STATES: Record<RunStatus, TaskState> = {
  queued: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  paused: TaskState.TASK_STATE_WORKING,
  // A person of the workspace decides, not the caller.
  waiting_approval: TaskState.TASK_STATE_WORKING,
  completed: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

function part(content: NonNullable<Part['content']>, mediaType: string): Part {
  return { content, mediaType, filename: '', metadata: undefined };
}

export const textPart = (value: string) => part({ $case: 'text', value }, 'text/markdown');
const dataPart = (value: JsonValue) => part({ $case: 'data', value }, 'application/json');

/** Id of the conversation that a run belongs to; its own when none was named. */
export function contextOf(run: Pick<Run, 'id' | 'inputs'>): string {
  const named = run.inputs[CONTEXT_PARAMETER];
  return typeof named === 'string' ? named : run.id;
}

export function agentMessage(run: Run, text: string): Message {
  return {
    messageId: `${run.id}-${run.last_seq}`,
    contextId: contextOf(run),
    taskId: run.id,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

/** Where a run stands, with a word for people. */
export function statusOf(run: Run): TaskStatus {
  const said =
    run.error?.message ??
    (run.status === 'waiting_approval' ? 'A person of the workspace is asked.' : undefined);
  return {
    state: STATES[run.status],
    message: said === undefined ? undefined : agentMessage(run, said),
    timestamp: run.finished_at ?? run.started_at ?? run.created_at,
  };
}

/** The report of an ended run: its text, and all of it as data. */
export function artifactsOf(run: Run): Artifact[] {
  const report = agentReportSchema.safeParse(run.outputs);
  if (!report.success) return [];
  return [
    {
      artifactId: 'report',
      name: 'Report',
      description: report.data.success ? 'What the agent found' : 'What there was until it failed',
      parts: [textPart(report.data.summary), dataPart(report.data as unknown as JsonValue)],
      metadata: undefined,
      extensions: [],
    },
  ];
}

export function toTask(run: Run): Task {
  return {
    id: run.id,
    contextId: contextOf(run),
    status: statusOf(run),
    artifacts: artifactsOf(run),
    history: [],
    metadata: undefined,
  };
}

/** What a message asks of the agent: its text, and what its data name. */
export function taskOf(message: Message): JsonObject {
  const texts: string[] = [];
  const task: JsonObject = {};
  const parameters: JsonObject = {};
  for (const { content } of message.parts) {
    if (content?.$case === 'text') texts.push(content.value);
    if (content?.$case === 'url') task['target'] ??= content.value;
    if (content?.$case !== 'data' || !isJsonObject(content.value as JsonValue)) continue;
    const { target, task_type: kind, ...others } = content.value as JsonObject;
    if (typeof target === 'string') task['target'] = target;
    if (typeof kind === 'string') task['task_type'] = kind;
    Object.assign(parameters, others);
  }
  if (message.contextId !== '') parameters[CONTEXT_PARAMETER] = message.contextId;
  const prompt = texts.join('\n').trim();
  return { ...task, parameters, ...(prompt === '' ? {} : { prompt }) };
}
