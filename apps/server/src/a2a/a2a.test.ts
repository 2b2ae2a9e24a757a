/** The official client of the Agent2Agent protocol against the whole product. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Role, TaskState } from '@a2a-js/sdk';
import type { Part, SendMessageRequest, Task } from '@a2a-js/sdk';
import {
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from '@a2a-js/sdk/client';
import { newId } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

let product: V1Fixture;
let folder: string;

beforeAll(async () => {
  product = await startV1({ LLM_DEFAULT_PROVIDER: 'offline' });
  folder = await mkdtemp(join(tmpdir(), 'a2a-'));
  await writeFile(join(folder, 'app.ts'), 'export const run = (text: string) => eval(text);\n');
});
afterAll(async () => {
  await product.close();
  await rm(folder, { recursive: true });
});

async function connect(agent: string, key: string) {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('x-api-key', key);
    return fetch(input, { ...init, headers });
  };
  const factory = new ClientFactory(
    ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
      transports: [new JsonRpcTransportFactory({ fetchImpl })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    }),
  );
  return factory.createFromUrl(`${product.url}/a2a/${agent}/`);
}

const part = (content: NonNullable<Part['content']>): Part => ({
  content,
  metadata: undefined,
  filename: '',
  mediaType: '',
});

function message(contextId = ''): SendMessageRequest {
  return {
    tenant: '',
    metadata: undefined,
    configuration: undefined,
    message: {
      messageId: newId(),
      contextId,
      taskId: '',
      role: Role.ROLE_USER,
      parts: [part({ $case: 'data', value: { target: folder } })],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
  };
}

test('cards say what agents can do and where they are', async () => {
  const key = await product.key('viewer');
  const answer = await fetch(`${product.url}/a2a`, { headers: { 'x-api-key': key } });
  const { items } = (await answer.json()) as {
    items: { name: string; skills: { id: string }[] }[];
  };
  const security = items.find(({ name }) => name === 'Security Specialist');
  expect(security?.skills.map(({ id }) => id)).toContain('security_scan');
  const hidden = await fetch(`${product.url}/a2a/security/.well-known/agent-card.json`);
  expect(hidden.status).toBe(401);
});

test('an agent works on what a message names; its task can be read again, and what ended cannot be cancelled', async () => {
  const client = await connect('security', await product.key('member'));
  const task = (await client.sendMessage(message('talk-1'))) as Task;
  expect(task).toMatchObject({
    contextId: 'talk-1',
    status: { state: TaskState.TASK_STATE_COMPLETED },
  });
  expect(JSON.stringify(task.artifacts)).toContain('js.eval');
  const again = await client.getTask({ tenant: '', id: task.id });
  expect(again).toMatchObject({ id: task.id, contextId: 'talk-1' });
  await expect(client.cancelTask({ tenant: '', id: task.id, metadata: undefined })).rejects.toThrow(
    /completed|cancel/i,
  );
  await expect(client.getTask({ tenant: '', id: newId() })).rejects.toThrow(/no task/i);
});

test('a stream tells of the task, its work, the report and the end, in this order', async () => {
  const client = await connect('security', await product.key('member'));
  const kinds: string[] = [];
  let last: TaskState | undefined;
  for await (const { payload } of client.sendMessageStream(message())) {
    kinds.push(payload?.$case ?? '');
    if (payload?.$case === 'statusUpdate') last = payload.value.status?.state;
  }
  expect(kinds[0]).toBe('task');
  expect(kinds.slice(-2)).toEqual(['artifactUpdate', 'statusUpdate']);
  expect(last).toBe(TaskState.TASK_STATE_COMPLETED);
});

test('who may start nothing starts nothing, and an unknown agent is none', async () => {
  const viewer = await connect('security', await product.key('viewer'));
  await expect(viewer.sendMessage(message())).rejects.toThrow(/403|permission/i);
  await expect(connect('nobody', await product.key('member'))).rejects.toThrow(/404|card/i);
});
