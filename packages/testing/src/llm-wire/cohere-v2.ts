import type { JsonObject } from '@automatos/kernel';
import { argumentPieces, data, readChat } from './json-read.ts';
import type { AnswerReply, Wire, WireRequest } from './types.ts';

/** Money follows `billed_units`; `tokens` counts what the vendor adds of its own, so the two differ. */
function usageOf(answer: AnswerReply): JsonObject {
  const { usage } = answer;
  if (usage === undefined || usage === null) return {};
  return {
    usage: {
      billed_units: { input_tokens: usage.input, output_tokens: usage.output },
      tokens: { input_tokens: usage.input + 70, output_tokens: usage.output + 2 },
      cached_tokens: usage.cached ?? 0,
    },
  };
}

function finishOf(answer: AnswerReply): string {
  return answer.finish ?? ((answer.toolCalls ?? []).length > 0 ? 'TOOL_CALL' : 'COMPLETE');
}

function event(type: string, index: number | null, message: JsonObject): string {
  return data({ type, ...(index === null ? {} : { index }), delta: { message } });
}

function callEvents(
  answer: AnswerReply,
  request: WireRequest,
): { open: string[][]; close: string[][] } {
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    index,
    id: `${call.name}_${request.seq}_${index}`,
    name: call.name,
    parts: argumentPieces(call),
  }));
  const piece = (index: number, text: string) =>
    event('tool-call-delta', index, { tool_calls: { function: { arguments: text } } });
  return {
    open: calls.map(({ index, id, name, parts }) => [
      event('tool-call-start', index, {
        tool_calls: { id, type: 'function', function: { name, arguments: '' } },
      }),
      piece(index, parts[0]),
    ]),
    close: calls.map(({ index, parts }) => [
      piece(index, parts[1]),
      data({ type: 'tool-call-end', index }),
    ]),
  };
}

/** `POST /v2/chat` of Cohere: typed events without an end mark; text before tool calls is a plan. */
export const cohereV2: Wire = {
  name: 'cohere-v2',
  matches: (path, dialect) => dialect === 'cohere' && path.endsWith('/chat'),
  ping: ': ping\n\n',
  read: (_path, body) => readChat(body),
  events(answer, request) {
    const text = answer.text ?? [];
    const planned = (answer.toolCalls ?? []).length > 0;
    const pieces = text.map((piece, index) => {
      if (planned) return [event('tool-plan-delta', null, { tool_plan: piece })];
      return [
        ...(index === 0
          ? [event('content-start', 0, { content: { type: 'text', text: '' } })]
          : []),
        event('content-delta', 0, { content: { text: piece } }),
        ...(index === text.length - 1 ? [data({ type: 'content-end', index: 0 })] : []),
      ];
    });
    const { open, close } = callEvents(answer, request);
    return {
      head: [
        data({
          id: `chat_${request.seq}`,
          type: 'message-start',
          delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [] } },
        }),
      ],
      pieces: [...pieces, ...open, ...close],
      tail: [
        data({
          type: 'message-end',
          delta: { finish_reason: finishOf(answer), ...usageOf(answer) },
        }),
      ],
    };
  },
  errorEvent: (type) =>
    data({
      type: 'message-end',
      delta: { finish_reason: 'ERROR', error: type ?? 'the engine is overloaded' },
    }),
  errorBody: (_status, error) => ({ id: 'fake', message: error.message }),
  whole: (answer, request) => ({
    id: `chat_${request.seq}`,
    finish_reason: finishOf(answer),
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: (answer.text ?? []).join('') }],
      ...((answer.toolCalls ?? []).length === 0
        ? {}
        : {
            tool_calls: (answer.toolCalls ?? []).map((call, index) => ({
              id: `${call.name}_${request.seq}_${index}`,
              type: 'function',
              function: { name: call.name, arguments: argumentPieces(call).join('') },
            })),
          }),
    },
    ...usageOf(answer),
  }),
};
