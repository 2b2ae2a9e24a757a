import type { JsonObject } from '@automatos/kernel';
import { asList, asText, asTexts } from './json-read.ts';
import type { AnswerReply, Wire, WireRequest } from './types.ts';

const DIMENSIONS = 8;

/** Texts of an embedding request in any of the forms. */
function textsOf(body: JsonObject): string[] {
  const gemini = asList(body['requests']).map((request) => {
    const content = request['content'];
    return asText((content as JsonObject)['parts']);
  });
  const given = body['input'] ?? body['texts'] ?? body['inputs'] ?? [];
  return gemini.length > 0 ? gemini : typeof given === 'string' ? [given] : asTexts(given);
}

/** Small whole numbers that follow from the text, so that they survive every encoding. */
function vectorsFor(answer: AnswerReply, request: WireRequest): number[][] {
  if (answer.vectors !== undefined) return answer.vectors;
  const { body } = request;
  const first = asList(body['requests'])[0];
  const wanted = Number(
    body['dimensions'] ?? body['output_dimension'] ?? first?.['outputDimensionality'] ?? DIMENSIONS,
  );
  return textsOf(body).map((text) =>
    Array.from(
      { length: wanted },
      (_, index) => ((text.codePointAt(index % text.length) ?? 0) % 100) - 50,
    ),
  );
}

function bodyOf(answer: AnswerReply, request: WireRequest): unknown {
  const vectors = vectorsFor(answer, request);
  const tokens = answer.usage?.input;
  if (request.path.endsWith('/embed'))
    return {
      id: 'fake',
      embeddings: { float: vectors },
      meta: tokens === undefined ? {} : { billed_units: { input_tokens: tokens } },
    };
  if (request.path.endsWith(':batchEmbedContents'))
    return { embeddings: vectors.map((values) => ({ values })) };
  if (request.path.includes('/hf-inference/')) return vectors;
  const packed = request.body['encoding_format'] === 'base64_int8';
  return {
    object: 'list',
    model: request.model,
    // Backwards, because the place is told by `index`.
    data: vectors
      .map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: packed ? Buffer.from(new Int8Array(vector).buffer).toString('base64') : vector,
      }))
      .toReversed(),
    ...(tokens === undefined
      ? {}
      : {
          usage: {
            prompt_tokens: tokens,
            total_tokens: tokens,
            ...(answer.costUsd === undefined
              ? {}
              : { cost: { currency: 'USD', total_cost: answer.costUsd } }),
          },
        }),
  };
}

const noStream = {
  ping: '',
  events: () => ({ head: [], pieces: [], tail: [] }),
  errorEvent: () => '',
};

/** Embeddings in four forms: `/embeddings`, Cohere's `/embed`, Gemini's `:batchEmbedContents`, Hugging Face's pipeline. */
export const embeddings: Wire = {
  ...noStream,
  name: 'embeddings',
  matches: (path) =>
    /\/embed(dings)?$|:batchEmbedContents$|\/pipeline\/feature-extraction$/.test(path),
  read: (path, body) => ({
    model: asText(body['model']) || (/models\/(.+?)(?::|\/pipeline)/.exec(path)?.[1] ?? ''),
    stream: false,
    tools: [],
    userText: textsOf(body).join('\n'),
    toolResults: 0,
  }),
  errorBody: (_status, error, dialect) =>
    dialect === 'cohere'
      ? { id: 'fake', message: error.message }
      : { error: { message: error.message, type: error.code, code: error.code } },
  whole: (answer, request) => JSON.parse(JSON.stringify(bodyOf(answer, request))) as JsonObject,
};

/** `POST /rerank`: Cohere counts search units, Together tokens. */
export const rerank: Wire = {
  ...noStream,
  name: 'rerank',
  matches: (path) => path.endsWith('/rerank'),
  read: (_path, body) => ({
    model: asText(body['model']),
    stream: false,
    tools: [],
    userText: asText(body['query']),
    toolResults: 0,
  }),
  errorBody: embeddings.errorBody,
  whole(answer, request) {
    const query = new Set(asText(request.body['query']).toLowerCase());
    const results = asTexts(request.body['documents'] ?? [])
      .map((document, index) => ({
        index,
        relevance_score:
          answer.scores?.[index] ??
          [...new Set(document.toLowerCase())].filter((letter) => query.has(letter)).length / 100,
      }))
      .toSorted((a, b) => b.relevance_score - a.relevance_score)
      .slice(0, Number(request.body['top_n'] ?? 1000));
    const tokens = answer.usage?.input ?? 0;
    return request.dialect === 'cohere'
      ? { id: 'fake', results, meta: { billed_units: { search_units: 1 } } }
      : {
          id: 'fake',
          object: 'rerank',
          model: request.model,
          results,
          usage: { prompt_tokens: tokens, total_tokens: tokens },
        };
  },
};
