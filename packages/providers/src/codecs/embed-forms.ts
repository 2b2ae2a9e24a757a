import { InvalidResponseDataError } from '@ai-sdk/provider';
import { z } from 'zod';
import type { EmbedRequest } from './codec-types.ts';
import { readVendorCost } from './vendor-cost.ts';
import { bearer } from './vendor-http.ts';

/** Where and how one vendor is asked for vectors, and how its answer is read. */
export interface EmbedForm {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  /** Throws for an answer that is not of the wire. */
  read(answer: unknown): { vectors: number[][]; tokens: number | null; costMicros: number | null };
}

interface Asked {
  provider: string;
  model: string;
  baseUrl: string;
  apiKey: string | undefined;
  request: EmbedRequest;
}

const vector = z.array(z.number());
const openaiAnswer = z.looseObject({
  data: z.array(
    z.looseObject({ index: z.number().nullish(), embedding: z.union([vector, z.string()]) }),
  ),
  usage: z
    .looseObject({ prompt_tokens: z.number().nullish(), total_tokens: z.number().nullish() })
    .nullish(),
});
const cohereAnswer = z.looseObject({
  embeddings: z.looseObject({ float: z.array(vector) }),
  meta: z
    .looseObject({
      billed_units: z.looseObject({ input_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
});
const geminiAnswer = z.looseObject({
  embeddings: z.array(z.looseObject({ values: vector })),
  usageMetadata: z.looseObject({ promptTokenCount: z.number().nullish() }).nullish(),
});

/** `POST /embeddings`, the form of OpenAI and most others; Perplexity sends its vectors as bytes. */
export function openaiForm(asked: Asked): EmbedForm {
  const { dimensions } = asked.request;
  const packed = asked.provider === 'perplexity';
  return {
    url: `${asked.baseUrl}/embeddings`,
    headers: bearer(asked.apiKey),
    body: {
      model: asked.model,
      input: asked.request.values,
      encoding_format: packed ? 'base64_int8' : 'float',
      ...(dimensions === undefined
        ? {}
        : { [asked.provider === 'mistral' ? 'output_dimension' : 'dimensions']: dimensions }),
    },
    read(answer) {
      const { data, usage } = parse(answer, openaiAnswer);
      const sorted = data
        .map((row, place) => ({ ...row, place: row.index ?? place }))
        .toSorted((a, b) => a.place - b.place);
      return {
        vectors: sorted.map(({ embedding }) =>
          typeof embedding === 'string'
            ? [...new Int8Array(Buffer.from(embedding, 'base64'))]
            : embedding,
        ),
        tokens: usage?.prompt_tokens ?? usage?.total_tokens ?? null,
        costMicros: readVendorCost(asked.provider, usage),
      };
    },
  };
}

export function cohereForm(asked: Asked): EmbedForm {
  const { dimensions, inputType, values } = asked.request;
  return {
    url: `${asked.baseUrl}/embed`,
    headers: bearer(asked.apiKey),
    body: {
      model: asked.model,
      texts: values,
      input_type: inputType === 'query' ? 'search_query' : 'search_document',
      embedding_types: ['float'],
      truncate: 'NONE',
      ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
    },
    read(answer) {
      const { embeddings, meta } = parse(answer, cohereAnswer);
      return {
        vectors: embeddings.float,
        tokens: meta?.billed_units?.input_tokens ?? null,
        costMicros: null,
      };
    },
  };
}

export function geminiForm(asked: Asked): EmbedForm {
  const { dimensions, inputType, values } = asked.request;
  const model = `models/${asked.model}`;
  return {
    url: `${asked.baseUrl}/${model}:batchEmbedContents`,
    headers: asked.apiKey === undefined ? {} : { 'x-goog-api-key': asked.apiKey },
    body: {
      requests: values.map((text) => ({
        model,
        content: { parts: [{ text }] },
        taskType: inputType === 'query' ? 'RETRIEVAL_QUERY' : 'RETRIEVAL_DOCUMENT',
        ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
      })),
    },
    read(answer) {
      const { embeddings, usageMetadata } = parse(answer, geminiAnswer);
      return {
        vectors: embeddings.map((row) => row.values),
        tokens: usageMetadata?.promptTokenCount ?? null,
        costMicros: null,
      };
    },
  };
}

/** Hugging Face serves vectors beside its chat router, at a path per model. It cannot shorten them and gives no usage. */
export function huggingFaceForm(asked: Asked): EmbedForm {
  const root = asked.baseUrl.replace(/\/v1$/, '');
  const model = asked.model.split('/').map(encodeURIComponent).join('/');
  return {
    url: `${root}/hf-inference/models/${model}/pipeline/feature-extraction`,
    headers: bearer(asked.apiKey),
    body: { inputs: asked.request.values },
    read: (answer) => ({ vectors: parse(answer, z.array(vector)), tokens: null, costMicros: null }),
  };
}

function parse<Schema extends z.ZodType>(answer: unknown, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new InvalidResponseDataError({ data: answer, message: 'The answer has another form.' });
}
