import type {
  JSONValue,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import type { ModelMessage } from 'ai';
import { toImagePart } from './image-part.ts';
import { invalidMessages } from './invalid-messages.ts';
import type { ToolSpec } from './model-call.ts';

/**
 * Converts messages to the form of the model interface. Written here rather than taken from the SDK because the SDK's
 * conversion downloads URLs found in messages from inside our network; ours takes text, reasoning, tool calls and results, and
 * images as bytes or `data:` URLs.
 * Throws `providers.call.messages_invalid` for anything else.
 */
export function toPrompt(messages: readonly ModelMessage[]): LanguageModelV4Prompt {
  if (messages.length === 0) throw invalidMessages('there are none');
  const prompt: LanguageModelV4Prompt = [];
  for (const message of messages) {
    const converted = toMessage(message);
    const last = prompt.at(-1);
    if (converted.role === 'tool' && last?.role === 'tool') last.content.push(...converted.content);
    else prompt.push(converted);
  }
  return prompt;
}

function toMessage(message: ModelMessage): LanguageModelV4Message {
  const options =
    message.providerOptions === undefined ? {} : { providerOptions: message.providerOptions };
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content, ...options };
    case 'user':
      return { role: 'user', content: userParts(message.content), ...options };
    case 'assistant':
      return { role: 'assistant', content: assistantParts(message.content), ...options };
    case 'tool':
      return { role: 'tool', content: message.content.map(toToolResult), ...options };
    default:
      throw invalidMessages('a role is unknown');
  }
}

type UserContent = Extract<LanguageModelV4Message, { role: 'user' }>['content'];

function userParts(content: Extract<ModelMessage, { role: 'user' }>['content']): UserContent {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part) => {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'image':
        return toImagePart(part.image, part.mediaType);
      default:
        if (part.mediaType.startsWith('image/')) return toImagePart(part.data, part.mediaType);
        throw invalidMessages(
          `a "${part.type}" part of a user message is not supported in this version`,
        );
    }
  });
}

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'];

function assistantParts(
  content: Extract<ModelMessage, { role: 'assistant' }>['content'],
): AssistantContent {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part) => {
    const options =
      'providerOptions' in part && part.providerOptions !== undefined
        ? { providerOptions: part.providerOptions }
        : {};
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return { type: part.type, text: part.text, ...options };
      case 'tool-call':
        return {
          type: 'tool-call',
          toolCallId: part.toolCallId,
          toolName: part.toolName,
          input: part.input,
          ...options,
        };
      default:
        throw invalidMessages(
          `a "${part.type}" part of an assistant message is not supported in this version`,
        );
    }
  });
}

type ToolContent = Extract<ModelMessage, { role: 'tool' }>['content'][number];

function toToolResult(part: ToolContent) {
  if (part.type !== 'tool-result')
    throw invalidMessages(`a "${part.type}" part of a tool message is not supported`);
  return {
    type: 'tool-result' as const,
    toolCallId: part.toolCallId,
    toolName: part.toolName,
    output: toOutput(part.output),
  };
}

function toOutput(
  output: Extract<ToolContent, { type: 'tool-result' }>['output'],
): LanguageModelV4ToolResultOutput {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return { type: output.type, value: output.value };
    case 'json':
    case 'error-json':
      return { type: output.type, value: output.value as JSONValue };
    case 'execution-denied':
      return {
        type: 'execution-denied',
        ...(output.reason === undefined ? {} : { reason: output.reason }),
      };
    default:
      throw invalidMessages(`a tool result of type "${output.type}" is not supported`);
  }
}

/** Tools in the form of the model interface. Throws `providers.call.messages_invalid` when a name does not fit all wires. */
export function toFunctionTools(tools: readonly ToolSpec[]): LanguageModelV4FunctionTool[] {
  return tools.map((tool) => {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(tool.name))
      throw invalidMessages(
        `tool name "${tool.name.slice(0, 80)}" must be 1 to 64 letters, digits, "_" or "-"`,
      );
    return {
      type: 'function',
      name: tool.name,
      description: tool.description,
      inputSchema: tool.inputSchema as LanguageModelV4FunctionTool['inputSchema'],
    };
  });
}
