import { z } from 'zod';
import { route } from '../http.ts';

/**
 * Shapes of OpenAI's API as this server takes and gives them. Objects of requests stay open: what stands beside the known
 * fields is passed on where the vendor speaks this wire itself, and refused elsewhere.
 */
/** Not looked into here: what stands inside is checked by whoever reads it. */
const openObject = z.record(z.string(), z.unknown());
const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  /** `https:` address or `data:image/…;base64,…`. */
  image_url: z.looseObject({
    url: z.string().min(1),
    detail: z.enum(['auto', 'low', 'high', 'original']).optional(),
  }),
});
const otherPart = z.looseObject({
  type: z.enum(['input_audio', 'file', 'refusal']),
});
const contentParts = z.array(z.union([textPart, imagePart, otherPart])).min(1);
const textContent = z.union([z.string(), z.array(textPart).min(1)]);

export const openAiToolCallSchema = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

export const chatMessageSchema = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: textContent }),
  z.looseObject({ role: z.literal('developer'), content: textContent }),
  z.looseObject({ role: z.literal('user'), content: z.union([z.string(), contentParts]) }),
  z.looseObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), contentParts]).nullish(),
    tool_calls: z.array(openAiToolCallSchema).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: textContent }),
]);
export type ChatMessage = z.infer<typeof chatMessageSchema>;

const namedTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1 to 64 letters, digits, "_" or "-"'),
    description: z.string().nullish(),
    /** JSON schema of type object; absent = no arguments. */
    parameters: openObject.nullish(),
    strict: z.boolean().nullish(),
  }),
});

export const responseFormatSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string(),
      description: z.string().nullish(),
      schema: openObject,
      strict: z.boolean().nullish(),
    }),
  }),
]);

export const chatRequestSchema = z.looseObject({
  /** `auto`, `provider/model`, a model id of the catalogue, `agent/<slug>` or `recipe/<slug>`. */
  model: z.string().min(1).max(300),
  messages: z.array(chatMessageSchema).min(1).max(10_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  /** Only 1. */
  n: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).min(1).max(16)]).nullish(),
  seed: z.int().nullish(),
  tools: z.array(namedTool).max(512).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({ name: z.string() }),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormatSchema.nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

export const openAiUsageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }).optional(),
  completion_tokens_details: z.object({ reasoning_tokens: z.int() }).optional(),
});
export type OpenAiUsage = z.infer<typeof openAiUsageSchema>;

export const chatCompletionSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  /** What answered, as `provider/model`, `agent/<slug>` or `recipe/<slug>`; the vendor's own id where its answer is passed on. */
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable().optional(),
        tool_calls: z.array(openAiToolCallSchema).optional(),
      }),
      finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter']),
      logprobs: z.null().optional(),
    }),
  ),
  usage: openAiUsageSchema.optional(),
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

export const openAiModelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});

export const embeddingRequestSchema = z.strictObject({
  /** `provider/model` or an embedding model of the catalogue. */
  model: z.string().min(1).max(300),
  /** One text or several; token lists are refused, because every vendor counts tokens its own way. */
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().min(1).max(100_000).optional(),
});

export const embeddingListSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      /** Numbers, or with `base64` their little-endian float32 bytes. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});

/** Every failure under `/v1`, also inside of a stream; `code` is this platform's. */
export const openAiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
export type OpenAiError = z.infer<typeof openAiErrorSchema>;

const openai = { tag: 'openai', permission: 'models:call', errors: 'openai' } as const;

export const openAiRoutes = {
  chat: route({
    ...openai,
    operationId: 'createChatCompletion',
    method: 'POST',
    path: '/v1/chat/completions',
    summary:
      'OpenAI-compatible chat: a model through the router, or an agent or a recipe as a model; with `stream: true` as Server-Sent Events',
    kind: 'stream',
    /** Pictures travel inside the body. */
    bodyBytesMax: 24 * 1024 * 1024,
    body: chatRequestSchema,
    response: chatCompletionSchema,
  }),
  listModels: route({
    ...openai,
    operationId: 'listOpenAiModels',
    method: 'GET',
    path: '/v1/models',
    summary: 'Models, agents and recipes that /v1 takes as `model`',
    response: z.object({ object: z.literal('list'), data: z.array(openAiModelSchema) }),
  }),
  getModel: route({
    ...openai,
    operationId: 'getOpenAiModel',
    method: 'GET',
    path: '/v1/models/:model',
    greedyParam: true,
    summary: 'One of them; slashes of its id may stand in the path as they are',
    params: z.strictObject({ model: z.string().min(1).max(300) }),
    response: openAiModelSchema,
  }),
  embeddings: route({
    ...openai,
    operationId: 'createEmbedding',
    method: 'POST',
    path: '/v1/embeddings',
    summary: 'OpenAI-compatible embeddings',
    body: embeddingRequestSchema,
    response: embeddingListSchema,
  }),
};
