import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

export function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? (value as JsonObject) : {};
}

export function asList(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

export function asText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return asList(value)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('\n');
}

export function data(value: JsonValue): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export function named(event: string, value: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify({ type: event, ...value })}\n\n`;
}

/** Arguments of a tool call as the two pieces in which they are sent, cut in the middle. */
export function argumentPieces(call: { input?: JsonObject; raw?: string }): [string, string] {
  const text = call.raw ?? JSON.stringify(call.input ?? {});
  const middle = Math.floor(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

export function asTexts(value: JsonValue): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** A conversation in OpenAI's form, which others took over. */
export function readChat(body: JsonObject) {
  const messages = asList(body['messages']);
  const lastUser = messages.findLastIndex((message) => message['role'] === 'user');
  return {
    model: asText(body['model']),
    stream: body['stream'] === true,
    tools: asList(body['tools']).map((tool) => ({
      name: asText(asObject(tool['function'])['name']),
      schema: asObject(asObject(tool['function'])['parameters']),
    })),
    userText: asText(messages[lastUser]?.['content']),
    toolResults: messages.slice(lastUser + 1).filter((message) => message['role'] === 'tool')
      .length,
  };
}
