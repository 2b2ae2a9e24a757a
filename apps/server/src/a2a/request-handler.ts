import type {
  AgentCard,
  ListTasksResponse,
  SendMessageRequest,
  StreamResponse,
  Task,
  TaskState,
} from '@a2a-js/sdk';
import {
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { Call, Run } from '@automatos/contracts';
import { ApiRefusal } from '../own-api/api-ask.ts';
import type { ApiAsk } from '../own-api/api-ask.ts';
import type { FollowRun } from '../own-api/follow-run.ts';
import { artifactsOf, contextOf, statusOf, taskOf, toTask } from './run-as-task.ts';

export interface A2aSite {
  call: Call;
  ask: ApiAsk;
  follow: FollowRun;
  card: AgentCard;
  /** Slug of the agent that is asked. */
  agent: string;
}

const TASKS_LISTED = 50;

/** Tasks of the protocol are runs of ours: they survive restarts, and the API decides who may see and steer them. */
export function createRequestHandler(site: A2aSite): A2ARequestHandler {
  const noPush = () => Promise.reject(new PushNotificationNotSupportedError());
  return {
    getAgentCard: () => Promise.resolve(site.card),
    getAuthenticatedExtendedAgentCard: () => Promise.reject(new UnsupportedOperationError()),
    async sendMessage(request) {
      const started = await start(site, request);
      if (request.configuration?.returnImmediately === true) return toTask(started);
      for await (const _event of follow(site, started.id)) {
        // Only the end matters.
      }
      return toTask(await read(site, started.id));
    },
    async *sendMessageStream(request) {
      const started = await start(site, request);
      yield { payload: { $case: 'task', value: toTask(started) } };
      yield* updates(site, started.id);
    },
    async *resubscribe({ id }) {
      const run = await read(site, id);
      if (TERMINAL_RUN_STATUSES.includes(run.status)) throw new UnsupportedOperationError();
      yield { payload: { $case: 'task', value: toTask(run) } };
      yield* updates(site, id);
    },
    getTask: async ({ id }) => toTask(await read(site, id)),
    cancelTask: ({ id }) => cancel(site, id),
    listTasks: (request) => list(site, request.contextId, request.status),
    createTaskPushNotificationConfig: noPush,
    getTaskPushNotificationConfig: noPush,
    listTaskPushNotificationConfigs: noPush,
    deleteTaskPushNotificationConfig: noPush,
  };
}

async function start(site: A2aSite, { message }: SendMessageRequest): Promise<Run> {
  if (message === undefined) throw new RequestMalformedError({ message: 'A message is needed.' });
  if (message.taskId !== '') {
    // Runs take no further input; the same conversation goes on as a new task.
    await read(site, message.taskId);
    throw new UnsupportedOperationError({
      message:
        'A task that was sent takes no further message. Leave task_id out and keep context_id.',
    });
  }
  try {
    const path = `/api/agents/${site.agent}/execute`;
    const body = taskOf(message);
    return (await site.ask.json({ method: 'POST', path, body })) as unknown as Run;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status < 500)
      throw new RequestMalformedError({ message: error.message });
    throw error;
  }
}

/** A run of this agent; anything else does not exist here. */
async function read(site: A2aSite, id: string): Promise<Run> {
  try {
    const path = `/api/runs/${encodeURIComponent(id)}`;
    return (await site.ask.json({ method: 'GET', path })) as unknown as Run;
  } catch (error) {
    if (error instanceof ApiRefusal && (error.status === 404 || error.status === 400))
      throw new TaskNotFoundError({ message: `There is no task "${id.slice(0, 64)}".` });
    throw error;
  }
}

function follow(site: A2aSite, runId: string) {
  const options = { after: 0, signal: site.call.signal };
  return site.follow(site.call.workspaceId, runId, options);
}

/** Each change of status, what the agent says it does, and the report at the end. */
async function* updates(
  site: A2aSite,
  runId: string,
): AsyncGenerator<StreamResponse, void, undefined> {
  for await (const event of follow(site, runId)) {
    if (event.type !== 'run.started' && event.type !== 'tool.started') continue;
    const run = await read(site, runId);
    if (TERMINAL_RUN_STATUSES.includes(run.status)) continue;
    yield statusUpdate(run);
  }
  const ended = await read(site, runId);
  for (const artifact of artifactsOf(ended)) {
    const update = { taskId: runId, contextId: contextOf(ended), artifact, append: false };
    yield {
      payload: {
        $case: 'artifactUpdate',
        value: { ...update, lastChunk: true, metadata: undefined },
      },
    };
  }
  yield statusUpdate(ended);
}

function statusUpdate(run: Run): StreamResponse {
  const value = { taskId: run.id, contextId: contextOf(run), status: statusOf(run) };
  return { payload: { $case: 'statusUpdate', value: { ...value, metadata: undefined } } };
}

async function cancel(site: A2aSite, id: string): Promise<Task> {
  await read(site, id);
  try {
    await site.ask.json({ method: 'POST', path: `/api/runs/${encodeURIComponent(id)}/cancel` });
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 409)
      throw new TaskNotCancelableError({ message: error.message });
    throw error;
  }
  return toTask(await read(site, id));
}

async function list(
  site: A2aSite,
  contextId: string,
  status: TaskState,
): Promise<ListTasksResponse> {
  const query = { agent: site.agent, limit: String(TASKS_LISTED) };
  const { items } = await site.ask.json({ method: 'GET', path: '/api/runs', query });
  const tasks = (items as unknown as Run[])
    .map(toTask)
    .filter((task) => contextId === '' || task.contextId === contextId)
    .filter((task) => status <= 0 || task.status?.state === status);
  return { tasks, nextPageToken: '', pageSize: TASKS_LISTED, totalSize: tasks.length };
}
