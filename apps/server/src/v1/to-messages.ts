import type { ChatMessage } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { ModelCall } from '@automatos/providers';
import { unsupported } from './v1-errors.ts';

type ModelMessage = ModelCall['messages'][number];
type UserPart = Exclude<Extract<ModelMessage, { role: 'user' }>['content'], string>[number];
type AssistantPart = Exclude<
  Extract<ModelMessage, { role: 'assistant' }>['content'],
  string
>[number];

/** Messages of OpenAI's wire in the form of the providers room. Throws `v1.parameter.unsupported` for parts no codec carries. */
export function toModelMessages(messages: readonly ChatMessage[]): ModelMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message, index) =>
    toMessage(message, { at: `/messages/${index}`, toolNames }),
  );
}

interface Place {
  at: string;
  /** By the id of the call: results name only that. */
  toolNames: Map<string, string>;
}

function toMessage(message: ChatMessage, place: Place): ModelMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textOf(message.content) };
    case 'user':
      return {
        role: 'user',
        content:
          typeof message.content === 'string'
            ? message.content
            : message.content.map((part, index) => userPart(part, `${place.at}/content/${index}`)),
      };
    case 'assistant':
      return { role: 'assistant', content: assistantParts(message, place) };
    case 'tool':
      return { role: 'tool', content: [toolResult(message, place)] };
  }
}

export function textOf(content: string | readonly { text: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}

type GivenPart = Exclude<Extract<ChatMessage, { role: 'user' }>['content'], string>[number];

function userPart(part: GivenPart, at: string): UserPart {
  if (part.type === 'text') return { type: 'text', text: part['text'] as string };
  if (part.type !== 'image_url') {
    throw unsupported(
      at,
      `Parts of the type "${part.type}" are not carried to this model; send text and images.`,
    );
  }
  const url = isJsonObject(part['image_url']) ? String(part['image_url']['url']) : '';
  const mediaType = /^data:(image\/[\w.+-]+);base64,/.exec(url)?.[1];
  if (mediaType !== undefined) return { type: 'image', image: url, mediaType };
  throw unsupported(
    `${at}/image_url/url`,
    'Send the image itself as data:image/…;base64,…: nothing is fetched for a caller.',
  );
}

function assistantParts(
  message: Extract<ChatMessage, { role: 'assistant' }>,
  { at, toolNames }: Place,
): AssistantPart[] {
  const { content } = message;
  const texts =
    content === null || content === undefined
      ? []
      : typeof content === 'string'
        ? [content]
        : content.map((part) => (typeof part['text'] === 'string' ? part['text'] : ''));
  const calls = (message.tool_calls ?? []).map((call, index): AssistantPart => {
    toolNames.set(call.id, call.function.name);
    return {
      type: 'tool-call',
      toolCallId: call.id,
      toolName: call.function.name,
      input: argumentsOf(call.function.arguments, `${at}/tool_calls/${index}/function/arguments`),
    };
  });
  return [
    ...texts.filter((text) => text !== '').map((text): AssistantPart => ({ type: 'text', text })),
    ...calls,
  ];
}

function argumentsOf(text: string, at: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    value = undefined;
  }
  if (isJsonObject(value)) return value;
  throw unsupported(at, 'Arguments of a tool call are a JSON object as text.');
}

function toolResult(message: Extract<ChatMessage, { role: 'tool' }>, { at, toolNames }: Place) {
  const toolName = toolNames.get(message.tool_call_id);
  if (toolName === undefined) {
    throw unsupported(
      `${at}/tool_call_id`,
      `No assistant message before this one called a tool with the id "${message.tool_call_id.slice(0, 100)}".`,
    );
  }
  return {
    type: 'tool-result' as const,
    toolCallId: message.tool_call_id,
    toolName,
    output: { type: 'text' as const, value: textOf(message.content) },
  };
}
