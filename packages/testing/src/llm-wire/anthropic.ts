import type { JsonObject } from '@automatos/kernel';
import { argumentPieces, asList, asText, named } from './json-read.ts';
import type { AnswerReply, Wire } from './types.ts';

/** This wire counts cached tokens beside `input_tokens`, not inside. */
function inputUsage(answer: AnswerReply): JsonObject {
  const { usage } = answer;
  if (usage === undefined || usage === null) return { input_tokens: 0, output_tokens: 0 };
  return {
    input_tokens: usage.input - (usage.cached ?? 0),
    cache_read_input_tokens: usage.cached ?? 0,
    cache_creation_input_tokens: 0,
    output_tokens: 1,
  };
}

function stopOf(answer: AnswerReply): string {
  return answer.finish ?? ((answer.toolCalls ?? []).length > 0 ? 'tool_use' : 'end_turn');
}

/** `POST …/messages`: content blocks, `ping` events, errors inside a stream that began with 200. */
export const anthropic: Wire = {
  name: 'anthropic',
  matches: (path) => path.endsWith('/messages'),
  ping: 'event: ping\ndata: {"type": "ping"}\n\n',
  read(_path, body) {
    const messages = asList(body['messages']);
    const results = (message: JsonObject) =>
      asList(message['content']).filter((part) => part['type'] === 'tool_result').length;
    const lastUser = messages.findLastIndex(
      (message) =>
        message['role'] === 'user' &&
        (results(message) === 0 ||
          asList(message['content']).some((part) => part['type'] === 'text')),
    );
    return {
      model: asText(body['model']),
      stream: body['stream'] === true,
      tools: asList(body['tools']).map((tool) => ({
        name: asText(tool['name']),
        schema: (tool['input_schema'] ?? {}) as JsonObject,
      })),
      userText: asText(messages[lastUser]?.['content']),
      toolResults: messages.slice(lastUser + 1).reduce((sum, message) => sum + results(message), 0),
    };
  },
  events(answer, request) {
    const hasText = (answer.text ?? []).length > 0;
    const head = [
      named('message_start', {
        message: {
          id: `msg_${request.seq}`,
          type: 'message',
          role: 'assistant',
          model: request.model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: inputUsage(answer),
        },
      }),
    ];
    if (hasText)
      head.push(
        named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      );
    const text = (answer.text ?? []).map((piece, index) => [
      named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } }),
      ...(index === (answer.text ?? []).length - 1
        ? [named('content_block_stop', { index: 0 })]
        : []),
    ]);
    const calls = (answer.toolCalls ?? []).flatMap((call, position) => {
      const index = position + (hasText ? 1 : 0);
      const [first, second] = argumentPieces(call);
      return [
        [
          named('content_block_start', {
            index,
            content_block: {
              type: 'tool_use',
              id: `toolu_${request.seq}_${position}`,
              name: call.name,
              input: {},
            },
          }),
          named('content_block_delta', {
            index,
            delta: { type: 'input_json_delta', partial_json: first },
          }),
        ],
        [
          named('content_block_delta', {
            index,
            delta: { type: 'input_json_delta', partial_json: second },
          }),
          named('content_block_stop', { index }),
        ],
      ];
    });
    const usage =
      answer.usage === undefined || answer.usage === null
        ? { output_tokens: 0 }
        : { output_tokens: answer.usage.output };
    return {
      head,
      pieces: [...text, ...calls],
      tail: [
        named('message_delta', {
          delta: { stop_reason: stopOf(answer), stop_sequence: null },
          usage,
        }),
        named('message_stop', {}),
      ],
    };
  },
  errorEvent: (type) =>
    named('error', { error: { type: type ?? 'overloaded_error', message: 'Overloaded' } }),
  errorBody: (_status, error) => ({
    type: 'error',
    error: { type: error.code, message: error.message },
    request_id: 'req_fake',
  }),
  whole: (answer, request) => ({
    id: `msg_${request.seq}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [
      ...(answer.text === undefined ? [] : [{ type: 'text', text: answer.text.join('') }]),
      ...(answer.toolCalls ?? []).map((call, index) => ({
        type: 'tool_use',
        id: `toolu_${request.seq}_${index}`,
        name: call.name,
        input: call.input ?? {},
      })),
    ],
    stop_reason: stopOf(answer),
    stop_sequence: null,
    usage: { ...inputUsage(answer), output_tokens: answer.usage?.output ?? 0 },
  }),
};
