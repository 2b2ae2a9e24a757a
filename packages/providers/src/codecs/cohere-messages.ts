import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';

/** Messages of Cohere's chat wire. What the model planned before its tool calls goes back as `tool_plan`. */
export function toCohereMessages(prompt: LanguageModelV4Prompt): Record<string, unknown>[] {
  return prompt.flatMap((message) => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: message.content }];
      case 'user':
        return [{ role: 'user', content: userContent(message.content) }];
      case 'assistant':
        return [assistant(message.content)];
      default:
        return message.content.flatMap((part) =>
          part.type === 'tool-result'
            ? [
                {
                  role: 'tool',
                  tool_call_id: part.toolCallId,
                  content: toolOutputText(part.output),
                },
              ]
            : [],
        );
    }
  });
}

type UserParts = Extract<LanguageModelV4Message, { role: 'user' }>['content'];
type AssistantParts = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'];

function userContent(parts: UserParts): unknown {
  if (parts.every((part) => part.type === 'text')) return parts.map((part) => part.text).join('\n');
  return parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: dataUrl(part) } },
  );
}

function assistant(parts: AssistantParts): Record<string, unknown> {
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const plan = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            id: part.toolCallId,
            type: 'function',
            function: { name: part.toolName, arguments: JSON.stringify(part.input) },
          },
        ]
      : [],
  );
  if (calls.length === 0) return { role: 'assistant', content: text };
  const planned = plan === '' ? text : plan;
  return {
    role: 'assistant',
    ...(planned === '' ? {} : { tool_plan: planned }),
    tool_calls: calls,
  };
}

/** The image as a `data:` URL; URLs of other places never get here. */
export function dataUrl(part: LanguageModelV4FilePart): string {
  if (part.data.type === 'url') return part.data.url.toString();
  if (part.data.type !== 'data') return '';
  const { data } = part.data;
  const base64 = typeof data === 'string' ? data : Buffer.from(data).toString('base64');
  return `data:${part.mediaType};base64,${base64}`;
}

/** The text of a tool's result, for wires that take text only. */
export function toolOutputText(output: LanguageModelV4ToolResultOutput): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'execution-denied':
      return output.reason ?? 'The tool was not allowed to run.';
    default:
      return JSON.stringify(output.value);
  }
}
