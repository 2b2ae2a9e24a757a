import type { JsonObject } from '@automatos/kernel';
import { argumentPieces, asList, asText, named } from './json-read.ts';
import type { AnswerReply, Wire, WireRequest } from './types.ts';

function usageOf(answer: AnswerReply): JsonObject {
  const { usage } = answer;
  if (usage === undefined || usage === null) return {};
  return {
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached ?? 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      ...(answer.costUsd === undefined
        ? {}
        : { cost: { currency: 'USD', tool_calls_cost: 0.0025, total_cost: answer.costUsd } }),
    },
  };
}

function response(request: WireRequest, status: string, extra: JsonObject): JsonObject {
  return {
    id: `resp_${request.seq}`,
    object: 'response',
    created_at: 1_790_000_000,
    model: request.model,
    status,
    ...extra,
  };
}

function hasMessage(answer: AnswerReply): boolean {
  return (answer.text ?? []).length > 0 || answer.refusal !== undefined;
}

function itemsOf(answer: AnswerReply, request: WireRequest): JsonObject[] {
  const message: JsonObject[] = !hasMessage(answer)
    ? []
    : [
        {
          type: 'message',
          id: `msg_${request.seq}`,
          role: 'assistant',
          status: 'completed',
          content:
            answer.refusal === undefined
              ? [{ type: 'output_text', text: (answer.text ?? []).join(''), annotations: [] }]
              : [{ type: 'refusal', refusal: answer.refusal }],
        },
      ];
  const calls = (answer.toolCalls ?? []).map((call, index): JsonObject => ({
    type: 'function_call',
    id: `fc_${request.seq}_${index}`,
    call_id: `call_${request.seq}_${index}`,
    name: call.name,
    arguments: argumentPieces(call).join(''),
    status: 'completed',
  }));
  return [...message, ...calls];
}

/** `POST …/responses`, OpenAI's own wire: typed events, a final `response.completed` with the usage. */
export const openaiResponses: Wire = {
  name: 'openai-responses',
  matches: (path) => path.endsWith('/responses'),
  ping: ': keep-alive\n\n',
  read(_path, body) {
    const input = asList(body['input']);
    const lastUser = input.findLastIndex((item) => item['role'] === 'user');
    return {
      // Perplexity takes a preset in place of a model.
      model: asText(body['model'] ?? body['preset']),
      stream: body['stream'] === true,
      tools: asList(body['tools']).map((tool) => ({
        name: asText(tool['name']),
        schema: (tool['parameters'] ?? {}) as JsonObject,
      })),
      userText: asText(input[lastUser]?.['content']),
      toolResults: input
        .slice(lastUser + 1)
        .filter((item) => item['type'] === 'function_call_output').length,
    };
  },
  events(answer, request) {
    const items = itemsOf(answer, request);
    const hasText = hasMessage(answer);
    const head = [
      named('response.created', { response: response(request, 'in_progress', { output: [] }) }),
      // Perplexity tells of its searches in events that OpenAI does not have.
      ...(request.dialect === 'perplexity'
        ? [named('response.reasoning.search_queries', { queries: ['cities'], thought: 'looking' })]
        : []),
    ];
    if (hasText)
      head.push(
        named('response.output_item.added', {
          output_index: 0,
          item: {
            type: 'message',
            id: `msg_${request.seq}`,
            role: 'assistant',
            status: 'in_progress',
            content: [],
          },
        }),
      );
    const text = (answer.text ?? []).map((delta) => [
      named('response.output_text.delta', {
        item_id: `msg_${request.seq}`,
        output_index: 0,
        content_index: 0,
        delta,
      }),
    ]);
    const refusal =
      answer.refusal === undefined
        ? []
        : [
            [
              named('response.refusal.delta', {
                item_id: `msg_${request.seq}`,
                output_index: 0,
                content_index: 0,
                delta: answer.refusal,
              }),
            ],
          ];
    const calls = (answer.toolCalls ?? []).map((call, index) => {
      const output_index = index + (hasText ? 1 : 0);
      const item_id = `fc_${request.seq}_${index}`;
      const [first, second] = argumentPieces(call);
      return {
        open: [
          named('response.output_item.added', {
            output_index,
            item: {
              type: 'function_call',
              id: item_id,
              call_id: `call_${request.seq}_${index}`,
              name: call.name,
              arguments: '',
              status: 'in_progress',
            },
          }),
          named('response.function_call_arguments.delta', { item_id, output_index, delta: first }),
        ],
        close: [
          named('response.function_call_arguments.delta', { item_id, output_index, delta: second }),
          named('response.function_call_arguments.done', {
            item_id,
            output_index,
            arguments: first + second,
          }),
          named('response.output_item.done', { output_index, item: items[output_index] ?? {} }),
        ],
      };
    });
    const done = hasText
      ? [named('response.output_item.done', { output_index: 0, item: items[0] ?? {} })]
      : [];
    const incomplete =
      answer.finish === undefined ? null : { incomplete_details: { reason: answer.finish } };
    const end =
      incomplete === null
        ? named('response.completed', {
            response: response(request, 'completed', { output: items, ...usageOf(answer) }),
          })
        : named('response.incomplete', {
            response: response(request, 'incomplete', {
              output: items,
              ...incomplete,
              ...usageOf(answer),
            }),
          });
    return {
      head,
      pieces: [
        ...text,
        ...refusal,
        ...calls.map((call) => call.open),
        ...calls.map((call) => call.close),
      ],
      tail: [...done, end],
    };
  },
  errorEvent: (type) =>
    named('error', {
      sequence_number: 9,
      error: {
        type: type ?? 'server_error',
        code: type ?? 'server_is_overloaded',
        message: 'the engine failed',
        param: null,
      },
    }),
  errorBody: (_status, error) => ({
    error: { message: error.message, type: error.code, param: null, code: error.code },
  }),
  whole: (answer, request) =>
    response(request, 'completed', { output: itemsOf(answer, request), ...usageOf(answer) }),
};
