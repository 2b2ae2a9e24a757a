import type { JsonObject } from '@automatos/kernel';
import { argumentPieces, asObject, data, readChat } from './json-read.ts';
import type { AnswerReply, Wire, WireRequest, WireUsage } from './types.ts';

/** DeepSeek names the cached part of the prompt in its own fields, Mistral and Moonshot in one beside the details. */
function usageOf(usage: WireUsage, dialect: string): JsonObject {
  const cached = usage.cached ?? 0;
  const counts = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
  };
  const reasoning = { completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 } };
  switch (dialect) {
    case 'deepseek':
      return {
        ...counts,
        ...reasoning,
        prompt_cache_hit_tokens: cached,
        prompt_cache_miss_tokens: usage.input - cached,
      };
    case 'mistral':
      return { ...counts, num_cached_tokens: cached };
    case 'moonshot':
      return { ...counts, ...reasoning, cached_tokens: cached };
    default:
      return plainUsage(usage);
  }
}

function plainUsage(usage: WireUsage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
}

function chunk(request: WireRequest, choice: JsonObject | null, extra: JsonObject = {}): string {
  return data({
    id: `chatcmpl-${request.seq}`,
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: request.model,
    choices: choice === null ? [] : [{ index: 0, finish_reason: null, ...choice }],
    ...extra,
  });
}

function finishOf(answer: AnswerReply): string {
  return answer.finish ?? ((answer.toolCalls ?? []).length > 0 ? 'tool_calls' : 'stop');
}

/** Groq sends usage in `x_groq` of the last chunk, Moonshot in its choice, Mistral beside it; the others in a chunk of its own if asked. */
function endChunks(answer: AnswerReply, request: WireRequest): string[] {
  const { dialect } = request;
  const finish = { delta: {}, finish_reason: finishOf(answer) };
  const { usage } = answer;
  if (usage === undefined || usage === null) return [chunk(request, finish)];
  const counts = usageOf(usage, dialect);
  if (dialect === 'groq')
    return [chunk(request, finish, { x_groq: { id: 'req_fake', usage: counts } })];
  if (dialect === 'mistral') return [chunk(request, finish, { usage: counts })];
  if (dialect === 'moonshot') return [chunk(request, { ...finish, usage: counts })];
  const wantsUsage = asObject(request.body['stream_options'])['include_usage'] === true;
  return wantsUsage
    ? [chunk(request, finish), chunk(request, null, { usage: counts })]
    : [chunk(request, finish)];
}

function errorObject(
  dialect: string,
  { code, message }: { code: string; message: string },
): JsonObject {
  if (dialect === 'mistral') return { object: 'error', message, type: code, param: null, code };
  if (dialect === 'ai21') return { detail: message };
  return { error: { message, type: code, param: null, code } };
}

/** Where a dialect puts thoughts; undefined = it has no place for them. */
const REASONING_FIELD: Record<string, string> = {
  deepseek: 'reasoning_content',
  moonshot: 'reasoning_content',
  groq: 'reasoning',
  fireworks: 'reasoning_content',
};

/** `POST …/chat/completions`, the wire of OpenAI's older API, Ollama and most servers. Usage only when the client asks for it. */
export const openaiChat: Wire = {
  name: 'openai-chat',
  matches: (path) => path.endsWith('/chat/completions'),
  ping: ': keep-alive\n\n',
  read: (_path, body) => readChat(body),
  events(answer, request) {
    const field = REASONING_FIELD[request.dialect];
    const thoughts =
      field === undefined
        ? []
        : (answer.reasoning ?? []).map((piece) => [chunk(request, { delta: { [field]: piece } })]);
    const refusal =
      answer.refusal === undefined
        ? []
        : [[chunk(request, { delta: { refusal: answer.refusal } })]];
    const text = (answer.text ?? []).map((piece) => [
      chunk(request, { delta: { content: piece } }),
    ]);
    const calls = (answer.toolCalls ?? []).map((call, index) => ({
      index,
      call,
      parts: argumentPieces(call),
    }));
    const opened = calls.map(({ index, call, parts }) => [
      chunk(request, {
        delta: {
          tool_calls: [
            {
              index,
              id: `call_${request.seq}_${index}`,
              type: 'function',
              function: { name: call.name, arguments: parts[0] },
            },
          ],
        },
      }),
    ]);
    const closed = calls.map(({ index, parts }) => [
      chunk(request, { delta: { tool_calls: [{ index, function: { arguments: parts[1] } }] } }),
    ]);
    return {
      head: [chunk(request, { delta: { role: 'assistant', content: '' } })],
      pieces: [...thoughts, ...text, ...refusal, ...opened, ...closed],
      tail: [...endChunks(answer, request), 'data: [DONE]\n\n'],
    };
  },
  errorEvent: (type, dialect) =>
    data(
      errorObject(dialect === 'ai21' ? '' : dialect, {
        code: type ?? 'server_overloaded',
        message: 'the engine failed',
      }),
    ),
  errorBody: (_status, error, dialect) => errorObject(dialect, error),
  whole: (answer, request) => ({
    id: `chatcmpl-${request.seq}`,
    object: 'chat.completion',
    model: request.model,
    choices: [
      {
        index: 0,
        finish_reason: finishOf(answer),
        message: {
          role: 'assistant',
          content: (answer.text ?? []).join(''),
          ...((answer.toolCalls ?? []).length === 0
            ? {}
            : {
                tool_calls: (answer.toolCalls ?? []).map((call, index) => ({
                  id: `call_${request.seq}_${index}`,
                  type: 'function',
                  function: { name: call.name, arguments: argumentPieces(call).join('') },
                })),
              }),
        },
      },
    ],
    ...(answer.usage === undefined || answer.usage === null
      ? {}
      : { usage: usageOf(answer.usage, request.dialect) }),
  }),
};
