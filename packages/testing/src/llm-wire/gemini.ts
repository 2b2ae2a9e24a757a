import type { JsonObject } from '@automatos/kernel';
import { asList, asObject, asText, data } from './json-read.ts';
import type { AnswerReply, Wire } from './types.ts';

function usageOf(answer: AnswerReply): JsonObject {
  const { usage } = answer;
  if (usage === undefined || usage === null) return {};
  const reasoning = usage.reasoning ?? 0;
  return {
    usageMetadata: {
      promptTokenCount: usage.input,
      candidatesTokenCount: usage.output - reasoning,
      thoughtsTokenCount: reasoning,
      cachedContentTokenCount: usage.cached ?? 0,
      totalTokenCount: usage.input + usage.output,
    },
  };
}

function candidate(parts: JsonObject[], extra: JsonObject = {}): JsonObject {
  return { candidates: [{ index: 0, content: { role: 'model', parts }, ...extra }] };
}

/** A function call arrives whole on this wire; `raw` arguments make a part that is not of the wire's form. */
function callPart(call: { name: string; input?: JsonObject; raw?: string }): JsonObject {
  return {
    functionCall: { name: call.name, args: call.raw ?? call.input ?? {} },
    thoughtSignature: 'c2lnbmF0dXJl',
  };
}

/** `POST …/models/{id}:streamGenerateContent`: every event is a whole response object, and there is no end mark. */
export const gemini: Wire = {
  name: 'gemini',
  matches: (path) => /\/models\/[^/]+:(?:streamG|g)enerateContent$/.test(path),
  ping: ': keep-alive\n\n',
  read(path, body) {
    const contents = asList(body['contents']);
    const results = (content: JsonObject | undefined) =>
      asList(content?.['parts']).filter((part) => part['functionResponse'] !== undefined).length;
    const lastUser = contents.findLastIndex(
      (content) => content['role'] === 'user' && results(content) === 0,
    );
    return {
      model: /\/models\/([^/:]+):/.exec(path)?.[1] ?? '',
      stream: path.includes(':stream'),
      tools: asList(body['tools'])
        .flatMap((tool) => asList(tool['functionDeclarations']))
        .map((tool) => ({
          name: asText(tool['name']),
          schema: asObject(tool['parameters'] ?? tool['parametersJsonSchema']),
        })),
      userText: asText(contents[lastUser]?.['parts']),
      toolResults: contents.slice(lastUser + 1).reduce((sum, content) => sum + results(content), 0),
    };
  },
  events(answer) {
    const text = (answer.text ?? []).map((piece) => [data(candidate([{ text: piece }]))]);
    const calls = (answer.toolCalls ?? []).map((call) => [data(candidate([callPart(call)]))]);
    return {
      head: [],
      pieces: [...text, ...calls],
      tail: [
        data({
          ...candidate([{ text: '' }], { finishReason: answer.finish ?? 'STOP' }),
          ...usageOf(answer),
        }),
      ],
    };
  },
  errorEvent: (type) =>
    data({
      error: { code: 503, status: type ?? 'UNAVAILABLE', message: 'The model is overloaded.' },
    }),
  errorBody: (status, error) => ({
    error: { code: status, message: error.message, status: error.code },
  }),
  whole: (answer) => ({
    ...candidate(
      [
        ...(answer.text === undefined ? [] : [{ text: answer.text.join('') }]),
        ...(answer.toolCalls ?? []).map(callPart),
      ],
      { finishReason: answer.finish ?? 'STOP' },
    ),
    ...usageOf(answer),
  }),
};
