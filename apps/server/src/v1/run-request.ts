import type { ChatMessage, ChatRequest, RecipeDefinition } from '@automatos/contracts';
import { invalidInput, isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { textOf } from './to-messages.ts';
import { unsupported } from './v1-errors.ts';

const OF_AGENTS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'max_tokens',
  'max_completion_tokens',
  'response_format',
  'n',
]);
const OF_RECIPES: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
]);

/** Refuses what an agent's run or a recipe's does not act on. */
export function refuseUnused(request: ChatRequest, kind: 'agent' | 'recipe'): void {
  const used = kind === 'agent' ? OF_AGENTS : OF_RECIPES;
  for (const [name, value] of Object.entries(request)) {
    if (used.has(name) || value === null || value === undefined) continue;
    const own =
      kind === 'agent' ? 'works with its own tools and settings' : 'works by its own steps';
    throw unsupported(
      `/${name}`,
      `The field ${name} has no effect here: ${article(kind)} ${kind} ${own}. Leave it out.`,
    );
  }
  if (kind === 'agent' && request.response_format?.type === 'json_object') {
    throw unsupported('/response_format', 'Agents answer as text or by a json_schema.');
  }
}

const article = (kind: string) => (kind === 'agent' ? 'an' : 'a');

/** The conversation as one text, the last word of the person as it is; earlier turns stand before it with their speaker. */
export function conversationText(messages: readonly ChatMessage[]): string {
  const spoken = messages.map((message, index) => ({
    who: message.role,
    text: plainText(message, index),
  }));
  const last = spoken.at(-1);
  if (last === undefined || last.who !== 'user') {
    throw unsupported(
      '/messages',
      'The last message has to be of the user: it is what the run works on.',
    );
  }
  const before = spoken.slice(0, -1).filter(({ text }) => text !== '');
  if (before.length === 0) return last.text;
  const told = before.map(({ who, text }) => `${who}: ${text}`).join('\n\n');
  return `Conversation so far:\n${told}\n\nNow:\n${last.text}`;
}

function plainText(message: ChatMessage, index: number): string {
  if (
    message.role === 'tool' ||
    (message.role === 'assistant' && (message.tool_calls ?? []).length > 0)
  ) {
    throw unsupported(
      `/messages/${index}`,
      'Tool calls of other conversations cannot be continued by a run.',
    );
  }
  const { content } = message;
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  const odd = content.findIndex((part) => part.type !== 'text');
  if (odd !== -1) {
    throw unsupported(`/messages/${index}/content/${odd}`, 'Runs take text only.');
  }
  return textOf(content as readonly { text: string }[]);
}

/** Inputs of a recipe: the last message as a JSON object, or as the value of the one text that the recipe asks for. */
export function recipeInputs(
  definition: { slug: string; inputs?: RecipeDefinition['inputs'] | undefined },
  messages: readonly ChatMessage[],
): JsonObject {
  const index = messages.length - 1;
  const last = messages[index];
  if (last === undefined || last.role !== 'user') {
    throw unsupported('/messages', 'The last message has to be of the user: it holds the inputs.');
  }
  const text = plainText(last, index);
  const object = readObject(text);
  if (object !== null) return object;
  const schema = definition.inputs ?? {};
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const names = Object.keys(properties);
  if (names.length === 0 && text.trim() === '') return {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const texts = names.filter((name) => isText(properties[name]));
  const wanted = required.length > 0 ? texts.filter((name) => required.includes(name)) : texts;
  const [only, ...others] = wanted;
  const isEnough = required.every((name) => name === only);
  if (only !== undefined && others.length === 0 && isEnough) return { [only]: text };
  throw invalidInput(
    `The recipe "${definition.slug}" takes ${names.length === 0 ? 'no inputs' : `the inputs ${names.join(', ')}`}: send them as a JSON object in the last message.`,
    [{ pointer: `/messages/${index}/content`, message: 'must be a JSON object with the inputs' }],
    'v1.recipe.inputs_unclear',
  );
}

function isText(schema: unknown): boolean {
  return isJsonObject(schema) && schema['type'] === 'string';
}

function readObject(text: string): JsonObject | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as JsonObject) : null;
  } catch {
    // A text that begins like JSON and is none is a text.
    return null;
  }
}

/** What a recipe says in the end: its one text, or all of its outputs as JSON. */
export function outputText(outputs: JsonObject | null): string {
  const values = Object.values(outputs ?? {});
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') return only;
  return values.length === 0 ? '' : JSON.stringify(outputs);
}
