import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { Script, WireRequest } from './types.ts';

const CALLS_MAX = 4;

/**
 * Behaviour without a script: while no tool has run, calls the offered tools that the user's text names (else the first two) with
 * arguments from the `Inputs (JSON):` block and the schema's defaults; afterwards answers with a short text.
 */
export const defaultScript: Script = (request) => {
  const usage = { input: 100 + request.userText.length, output: 20 };
  if (request.tools.length > 0 && request.toolResults === 0) {
    const named = request.tools.filter((tool) => request.userText.includes(tool.name));
    const chosen = (named.length > 0 ? named : request.tools.slice(0, 2)).slice(0, CALLS_MAX);
    const inputs = readInputs(request.userText);
    return {
      kind: 'answer',
      toolCalls: chosen.map((tool) => ({
        name: tool.name,
        input: argumentsFor(tool.schema, inputs),
      })),
      usage,
    };
  }
  return { kind: 'answer', text: answerWords(request), usage };
};

function answerWords(request: WireRequest): string[] {
  const text = `Answer ${request.seq} of the wire server after ${request.toolResults} tool results.`;
  return text.match(/\S+\s*/g) ?? [text];
}

function readInputs(text: string): JsonObject {
  const block = /Inputs \(JSON\):\s*```json\s*([\s\S]*?)```/.exec(text)?.[1];
  if (block === undefined) return {};
  const parsed: unknown = JSON.parse(block);
  return isJsonObject(parsed) ? (parsed as JsonObject) : {};
}

function argumentsFor(schema: JsonObject, inputs: JsonObject): JsonObject {
  const properties = isJsonObject(schema['properties']) ? (schema['properties'] as JsonObject) : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const made: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    const value =
      inputs[name] ??
      (required.includes(name)
        ? placeholder(isJsonObject(property) ? (property as JsonObject) : {})
        : undefined);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function placeholder(schema: JsonObject): JsonValue {
  if (schema['default'] !== undefined) return schema['default'];
  if (Array.isArray(schema['enum']) && schema['enum'][0] !== undefined) return schema['enum'][0];
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return '.';
  }
}
