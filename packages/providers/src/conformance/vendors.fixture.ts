import type { StatusReply, WireName } from '@automatos/testing/llm-wire';

/** One provider as the conformance suite drives it: where its wire is spoken, and its own words for what happens. */
export interface VendorUnderTest {
  id: string;
  model: string;
  wire: WireName;
  /** Path of the wire server that plays this vendor. */
  base: string;
  /** Finish words; null = the vendor documents none. */
  finish: { length: string | null; filtered: string | null };
  /** Counts that the vendor tells beside input and output. */
  counts: { cached: boolean; reasoning: boolean };
  /** Thoughts come in a field of their own. */
  thoughts?: true;
  /** A refusal of the model has its own place in the stream. */
  refusal?: true;
  /** Text before tool calls is a plan, not a part of the answer. */
  plans?: true;
  /** Model for images; set exactly when the provider claims vision. */
  sees?: string;
  /** Embedding model; `packed`: vectors arrive as bytes; `usage`: it counts tokens. */
  embeds?: { model: string; usage: boolean };
  reranks?: { model: string; counts: 'tokens' | 'searches' };
  /** The vendor's own signals. */
  signals: Record<
    'overflow' | 'noCredit' | 'overloaded' | 'rateLimited' | 'badKey',
    StatusReply
  > & {
    /** Wait that `rateLimited` tells, in ms. */
    waitMs: number;
  };
}

const refused = (status: number, code: string, message: string): StatusReply => ({
  kind: 'status',
  status,
  error: { code, message },
});
const raw = (status: number, body: unknown, headers: Record<string, string> = {}): StatusReply => ({
  kind: 'status',
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

const COMMON: VendorUnderTest['signals'] = {
  overflow: refused(
    400,
    'invalid_request_error',
    "This model's maximum context length is 131072 tokens. However, you requested 200000 tokens.",
  ),
  noCredit: refused(402, 'billing_error', 'Insufficient balance'),
  overloaded: refused(503, 'service_unavailable', 'Service temporarily unavailable'),
  rateLimited: {
    ...refused(429, 'rate_limit_exceeded', 'slow down'),
    headers: { 'retry-after': '7' },
  },
  badKey: refused(401, 'invalid_api_key', 'Incorrect API key provided'),
  waitMs: 7000,
};

const chat = {
  wire: 'openai-chat',
  finish: { length: 'length', filtered: 'content_filter' },
  counts: { cached: true, reasoning: true },
  signals: COMMON,
} as const;

/** Every provider that is called over a network. A row without an entry here must not claim to be tried over the wire. */
export const VENDORS: readonly VendorUnderTest[] = [
  {
    ...chat,
    id: 'openai',
    model: 'gpt-5.4-mini',
    wire: 'openai-responses',
    base: '/v1',
    finish: { length: 'max_output_tokens', filtered: 'content_filter' },
    refusal: true,
    sees: 'gpt-5.4',
    embeds: { model: 'text-embedding-3-small', usage: true },
    signals: {
      ...COMMON,
      overflow: refused(400, 'context_length_exceeded', 'Your input exceeds the context window'),
      noCredit: refused(429, 'credit_balance_exhausted', 'You have no credits left'),
      overloaded: refused(503, 'server_is_overloaded', 'Overloaded'),
    },
  },
  {
    ...chat,
    id: 'anthropic',
    model: 'claude-haiku-4-5',
    wire: 'anthropic',
    base: '',
    finish: { length: 'max_tokens', filtered: 'refusal' },
    counts: { cached: true, reasoning: false },
    sees: 'claude-haiku-4-5',
    signals: {
      ...COMMON,
      overflow: refused(
        400,
        'invalid_request_error',
        'prompt is too long: 250000 tokens > 200000 maximum',
      ),
      noCredit: raw(429, {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: 'limit reached',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      }),
      overloaded: refused(529, 'overloaded_error', 'Overloaded'),
      badKey: refused(401, 'authentication_error', 'invalid x-api-key'),
    },
  },
  {
    ...chat,
    id: 'google',
    model: 'gemini-2.5-flash',
    wire: 'gemini',
    base: '/v1beta',
    finish: { length: 'MAX_TOKENS', filtered: 'SAFETY' },
    sees: 'gemini-2.5-flash',
    embeds: { model: 'gemini-embedding-001', usage: false },
    signals: {
      overflow: refused(
        400,
        'INVALID_ARGUMENT',
        'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      ),
      noCredit: refused(402, 'RESOURCE_EXHAUSTED', 'Prepaid credit is empty'),
      overloaded: refused(503, 'UNAVAILABLE', 'The model is overloaded.'),
      rateLimited: raw(429, {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: 'Quota exceeded',
          details: [
            { '@type': 'QuotaFailure', violations: [{ quotaId: 'RequestsPerMinutePerProject' }] },
            { '@type': 'RetryInfo', retryDelay: '34.5s' },
          ],
        },
      }),
      badKey: refused(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'),
      waitMs: 34_500,
    },
  },
  {
    ...chat,
    id: 'groq',
    model: 'openai/gpt-oss-120b',
    base: '/~groq/openai/v1',
    thoughts: true,
    signals: { ...COMMON, overloaded: refused(498, 'capacity_exceeded', 'Flex tier is full') },
  },
  { ...chat, id: 'deepseek', model: 'deepseek-v4-flash', base: '/~deepseek', thoughts: true },
  {
    ...chat,
    id: 'cohere',
    model: 'command-r7b-12-2024',
    wire: 'cohere-v2',
    base: '/~cohere/v2',
    // Its documents name no finish word for a filtered answer.
    finish: { length: 'MAX_TOKENS', filtered: null },
    counts: { cached: true, reasoning: false },
    plans: true,
    sees: 'command-a-vision-07-2025',
    embeds: { model: 'embed-v4.0', usage: true },
    reranks: { model: 'rerank-v3.5', counts: 'searches' },
    signals: {
      ...COMMON,
      overflow: refused(400, '', 'too many tokens: size limit exceeded by 2000 tokens'),
      badKey: refused(401, '', 'invalid api token'),
    },
  },
  {
    ...chat,
    id: 'mistral',
    model: 'mistral-small-2603',
    base: '/~mistral/v1',
    finish: { length: 'length', filtered: null },
    counts: { cached: true, reasoning: false },
    sees: 'mistral-large-2512',
    embeds: { model: 'mistral-embed', usage: true },
    signals: {
      ...COMMON,
      overflow: refused(
        400,
        'invalid_request_prompt',
        'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
      ),
    },
  },
  {
    ...chat,
    id: 'together',
    model: 'openai/gpt-oss-120b',
    base: '/~together/v1',
    sees: 'Qwen/Qwen3-VL-32B-Instruct',
    embeds: { model: 'intfloat/multilingual-e5-large-instruct', usage: true },
    reranks: { model: 'mixedbread-ai/Mxbai-Rerank-Large-V2', counts: 'tokens' },
    signals: {
      ...COMMON,
      overflow: refused(403, 'invalid_request_error', 'Input and max_tokens are over the limit'),
      rateLimited: {
        ...refused(429, 'dynamic_request_limited', 'slow down'),
        headers: { 'retry-after': '7' },
      },
    },
  },
  {
    ...chat,
    id: 'perplexity',
    model: 'perplexity/sonar',
    wire: 'openai-responses',
    base: '/~perplexity/v1',
    finish: { length: 'max_output_tokens', filtered: 'content_filter' },
    refusal: true,
    embeds: { model: 'pplx-embed-v1-0.6b', usage: true },
  },
  {
    ...chat,
    id: 'fireworks',
    model: 'accounts/fireworks/models/gpt-oss-120b',
    base: '/~fireworks/inference/v1',
    thoughts: true,
    refusal: true,
    sees: 'accounts/fireworks/models/kimi-k2p6',
    embeds: { model: 'nomic-ai/nomic-embed-text-v1.5', usage: true },
  },
  {
    ...chat,
    id: 'replicate',
    model: 'meta/meta-llama-3-70b-instruct',
    wire: 'replicate-jobs',
    base: '/~replicate/v1',
    finish: { length: null, filtered: null },
    counts: { cached: false, reasoning: false },
    signals: {
      ...COMMON,
      overflow: refused(422, 'Input validation failed', 'prompt is too long'),
      noCredit: refused(402, 'Insufficient credit', 'You have insufficient credit'),
      rateLimited: refused(
        429,
        'Too many requests',
        'Request was throttled. Your rate limit resets in ~30s.',
      ),
      badKey: refused(401, 'Unauthenticated', 'You did not pass a valid token'),
      waitMs: 30_000,
    },
  },
  {
    ...chat,
    id: 'huggingface',
    model: 'openai/gpt-oss-120b',
    base: '/~huggingface/v1',
    refusal: true,
    sees: 'Qwen/Qwen3-VL-8B-Instruct',
    embeds: { model: 'BAAI/bge-small-en-v1.5', usage: false },
    signals: {
      ...COMMON,
      overflow: raw(422, {
        error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8192',
      }),
    },
  },
  {
    ...chat,
    id: 'ai21',
    model: 'jamba-mini',
    base: '/~ai21/studio/v1',
    signals: {
      ...COMMON,
      overflow: refused(422, '', 'The prompt does not fit into the context window'),
    },
  },
  { ...chat, id: 'alephalpha', model: 'llama-3.1-8b-instruct', base: '/~alephalpha/v1' },
  {
    ...chat,
    id: 'writer',
    model: 'palmyra-x5',
    wire: 'writer-chat',
    base: '/~writer/v1',
    signals: {
      ...COMMON,
      overflow: refused(400, 'bad_request', 'Input exceeds the maximum context length'),
    },
  },
  {
    ...chat,
    id: 'moonshot',
    model: 'kimi-k2.6',
    base: '/~moonshot/v1',
    thoughts: true,
    sees: 'kimi-k2.6',
    signals: {
      ...COMMON,
      overflow: refused(
        400,
        'invalid_request_error',
        'Invalid request: Your request exceeded model token limit: 262144',
      ),
      noCredit: refused(403, 'permission_denied', 'Your account has insufficient balance'),
      overloaded: refused(
        429,
        'engine_overloaded_error',
        'The engine is currently overloaded, please try again later',
      ),
    },
  },
  {
    ...chat,
    id: 'ollama',
    model: 'llama3.2',
    base: '',
    sees: 'llava',
    embeds: { model: 'nomic-embed-text', usage: true },
  },
  {
    ...chat,
    id: 'openai-compatible',
    model: 'house-model',
    base: '/v1',
    refusal: true,
    sees: 'house-model',
    embeds: { model: 'house-embed', usage: true },
  },
];
