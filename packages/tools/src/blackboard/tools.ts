import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolDefinition, ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { AgentBoard } from './blackboard.ts';

const NOTES_MAX = 50;
const MESSAGES_MAX = 50;

const key = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\w.-]+(?:\/[\w.-]+)*$/u, 'use words with dots, dashes and slashes between them');
const topic = z.string().min(1).max(100);

const noteSchema = z.object({
  key: z.string(),
  value: z.json(),
  version: z.int(),
  author: z.string(),
  at: z.string(),
});
const messageSchema = z.object({
  id: z.string(),
  from: z.string(),
  topic: z.string().optional(),
  text: z.string(),
  at: z.string(),
});

function boardOf(env: ToolEnvironment): AgentBoard {
  const board = env.services?.blackboard;
  if (board !== undefined) return board;
  throw toolError(
    'tools.blackboard.unavailable',
    'unavailable',
    'There is no blackboard here: only agents that work in a run share one. Go on without it.',
  );
}

const common = {
  group: 'coordination',
  timeoutMs: 10_000,
  isolation: 'inline',
  keywords: ['blackboard', 'team', 'notes', 'messages', 'share'],
} as const;

const readTool = defineTool({
  ...common,
  name: 'blackboard_read',
  title: 'Read the blackboard',
  description:
    'Reads notes that the agents of this run share, and messages to this agent or to topics that it subscribed to.',
  input: z.strictObject({
    prefix: z
      .string()
      .max(200)
      .default('')
      .describe('Only notes whose key begins with this, e.g. "units/"'),
    after: z.string().max(64).optional().describe('Only messages after the one with this id'),
  }),
  output: z.object({ notes: z.array(noteSchema), messages: z.array(messageSchema) }),
  capabilities: ['read'],
  idempotent: false,
  repeatable: () => true,
  async run({ prefix, after }, env) {
    const { board, scope, agent } = boardOf(env);
    const notes = await board.notes(scope, { prefix, limit: NOTES_MAX });
    const messages = await board.messages(scope, {
      agent,
      limit: MESSAGES_MAX,
      ...(after === undefined ? {} : { after }),
    });
    return {
      output: {
        notes,
        messages: messages.map(({ to, ...message }) => ({
          ...message,
          ...('topic' in to ? { topic: to.topic } : {}),
        })),
      },
      summary: `${notes.length} notes${prefix === '' ? '' : ` under "${prefix}"`} and ${messages.length} messages on the blackboard of this run.`,
    };
  },
});

const writeTool = defineTool({
  ...common,
  name: 'blackboard_write',
  title: 'Write on the blackboard',
  description:
    'Writes a note that all agents of this run can read. Give the version that was read; when somebody changed it meanwhile the write is refused, so read it again and repeat the change.',
  input: z.strictObject({
    key: key.describe('Path-like name of the note, e.g. "findings/summary"'),
    value: z.json().describe('Text or JSON'),
    version: z
      .int()
      .min(0)
      .default(0)
      .describe('Version of the note that was read; 0 for a new one'),
  }),
  output: noteSchema,
  capabilities: ['write'],
  idempotent: true,
  tainted: false,
  async run({ key: name, value, version }, env) {
    const { board, scope, agent } = boardOf(env);
    const note = await board.write(scope, {
      key: name,
      value,
      author: agent,
      expectedVersion: version,
      writeKey: env.idempotencyKey,
    });
    return { output: note, summary: `Note "${name}" is at version ${note.version}.` };
  },
});

const messageTool = defineTool({
  ...common,
  name: 'blackboard_message',
  title: 'Send a message to agents of this run',
  description:
    'Sends a message to one agent or to a topic of this run, or subscribes this agent to a topic.',
  input: z.strictObject({
    action: z.enum(['send', 'subscribe']).default('send').describe('What to do'),
    topic: topic.optional().describe('Topic to send to or to subscribe to'),
    agent: z.string().min(1).max(64).optional().describe('Slug of the agent to send to'),
    text: z.string().max(8_000).default('').describe('The message'),
  }),
  output: z.object({ sent: messageSchema.nullable(), subscribed: z.string().nullable() }),
  capabilities: ['write'],
  idempotent: true,
  tainted: false,
  async run({ action, topic: name, agent: recipient, text }, env) {
    const { board, scope, agent } = boardOf(env);
    if (action === 'subscribe') {
      if (name === undefined) throw incomplete('Give the topic to subscribe to.');
      await board.subscribe(scope, agent, name);
      return {
        output: { sent: null, subscribed: name },
        summary: `Subscribed to the topic "${name}".`,
      };
    }
    if (text.trim() === '') throw incomplete('Give the text of the message.');
    if ((name === undefined) === (recipient === undefined))
      throw incomplete('Give either the topic or the agent that the message is for.');
    const to = name === undefined ? { agent: recipient ?? '' } : { topic: name };
    const { to: _to, ...sent } = await board.send(scope, {
      from: agent,
      to,
      text,
      writeKey: env.idempotencyKey,
    });
    return {
      output: { sent: { ...sent, ...('topic' in to ? to : {}) }, subscribed: null },
      summary: `Sent to ${name === undefined ? `the agent "${recipient}"` : `the topic "${name}"`}.`,
    };
  },
});

function incomplete(message: string) {
  return toolError('tools.blackboard.message_incomplete', 'invalid-input', message);
}

/** What agents of one run tell each other. */
export const blackboardTools: ToolDefinition[] = [readTool, writeTool, messageTool];
