import type { JsonObject } from '@automatos/kernel';
import { argumentPieces, asList, asObject, asText, data } from './json-read.ts';
import type { AnswerReply, Wire, WireRequest, WireUsage } from './types.ts';

function usageOf(usage: WireUsage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
}

function chunk(request: WireRequest, choice: JsonObject): string {
  return data({
    id: `chatcmpl-${request.seq}`,
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: request.model,
    choices: [{ index: 0, finish_reason: null, ...choice }],
  });
}

function finishOf(answer: AnswerReply): string {
  return answer.finish ?? ((answer.toolCalls ?? []).length > 0 ? 'tool_calls' : 'stop');
}

/** `POST …/chat/completions`, the wire of OpenAI's older API, Ollama and most servers. Usage only when the client asks for it. */
export const openaiChat: Wire = {
  name: 'openai-chat',
  matches: (path) => path.endsWith('/chat/completions'),
  ping: ': keep-alive\n\n',
  read(_path, body) {
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
  },
  events(answer, request) {
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
    const wantsUsage = asObject(request.body['stream_options'])['include_usage'] === true;
    const usage =
      answer.usage === undefined || answer.usage === null || !wantsUsage
        ? []
        : [
            data({
              id: `chatcmpl-${request.seq}`,
              object: 'chat.completion.chunk',
              model: request.model,
              choices: [],
              usage: usageOf(answer.usage),
            }),
          ];
    return {
      head: [chunk(request, { delta: { role: 'assistant', content: '' } })],
      pieces: [...text, ...opened, ...closed],
      tail: [
        chunk(request, { delta: {}, finish_reason: finishOf(answer) }),
        ...usage,
        'data: [DONE]\n\n',
      ],
    };
  },
  errorEvent: (type) =>
    data({
      error: {
        message: 'the engine failed',
        type: type ?? 'server_overloaded',
        param: null,
        code: type ?? 'server_overloaded',
      },
    }),
  errorBody: (_status, error) => ({
    error: { message: error.message, type: error.code, param: null, code: error.code },
  }),
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
      : { usage: usageOf(answer.usage) }),
  }),
};
