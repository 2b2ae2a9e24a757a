import type { ModelRow } from './catalogue-types.ts';

/** Version of the price list below; stored with each usage row. */
export const PRICE_VERSION = '2026-11';

const MILLION = 1_000_000;

/** Turns a list price in dollars per million tokens into integer micro-dollars per million tokens. */
function micros(usdPerMillion: number): number {
  return Math.round(usdPerMillion * MILLION);
}

interface Extra {
  aliases?: string[];
  capabilities?: string[];
  contextWindow?: number;
  outputLimit?: number;
  pricedOn?: string;
  status?: ModelRow['status'];
}

/** `[provider, id, list price in dollars per million tokens in and out, the rest]`. */
type Short = [provider: string, id: string, price: readonly [number, number] | null, extra?: Extra];

function row(...[provider, id, price, extra = {}]: Short): ModelRow {
  return {
    provider,
    id,
    name: id.split('/').at(-1) ?? id,
    kind: 'chat',
    aliases: extra.aliases ?? [],
    contextWindow: extra.contextWindow ?? null,
    outputLimit: extra.outputLimit ?? null,
    price: {
      inputMicros: price === null ? null : micros(price[0]),
      outputMicros: price === null ? null : micros(price[1]),
      cachedInputMicros: null,
      cacheWriteMicros: null,
    },
    pricedOn: price === null ? null : (extra.pricedOn ?? '2026-06'),
    capabilities: extra.capabilities ?? ['tools', 'streaming'],
    status: extra.status ?? 'current',
  };
}

function embedding(provider: string, id: string, price: number): ModelRow {
  return { ...row(provider, id, [price, 0], { capabilities: ['embeddings'] }), kind: 'embedding' };
}

const OCTOBER = { pricedOn: '2026-10' };

/** Seeded models. Null price, window or limit = not known to us; cost is then unknown too, never 0. */
export const MODEL_ROWS: readonly ModelRow[] = [
  row('openai', 'gpt-5.5', [5, 30]),
  row('openai', 'gpt-5.4', [2.5, 15]),
  row('openai', 'gpt-5.4-mini', [0.75, 4.5]),
  row('openai', 'gpt-5.4-nano', [0.2, 1.25]),
  row('openai', 'gpt-5.6', null),
  row('openai', 'gpt-5.2', null),
  row('openai', 'gpt-5.1', null),
  row('openai', 'gpt-4.1', null, { status: 'legacy' }),
  embedding('openai', 'text-embedding-3-small', 0.02),
  row('anthropic', 'claude-opus-4-8', [5, 25], { outputLimit: 128_000 }),
  row('anthropic', 'claude-sonnet-5', [2, 10], { outputLimit: 128_000 }),
  row('anthropic', 'claude-haiku-4-5', [1, 5], { outputLimit: 64_000 }),
  row('anthropic', 'claude-opus-5', null),
  row('anthropic', 'claude-sonnet-4-6', null, { outputLimit: 128_000 }),
  row('google', 'gemini-3.1-pro-preview', [2, 12]),
  row('google', 'gemini-3.5-flash', [1.5, 9]),
  row('google', 'gemini-3.1-flash-lite', [0.25, 1.5]),
  row('google', 'gemini-2.5-flash', [0.3, 2.5]),
  row('google', 'gemini-2.5-pro', null),
  row('google', 'gemini-3.8-flash', null),
  embedding('google', 'gemini-embedding-001', 0.15),
  row('groq', 'openai/gpt-oss-120b', [0.15, 0.6], { aliases: ['gpt-oss-120b'] }),
  row('groq', 'openai/gpt-oss-20b', [0.075, 0.3], { aliases: ['gpt-oss-20b'] }),
  row('groq', 'llama-3.3-70b-versatile', [0.59, 0.79]),
  row('groq', 'llama-3.1-8b-instant', [0.05, 0.08]),
  row('deepseek', 'deepseek-v4-flash', [0.14, 0.28], { aliases: ['deepseek-chat'] }),
  row('deepseek', 'deepseek-v4-pro', [0.435, 0.87]),
  row('cohere', 'command-a-03-2025', [2.5, 10]),
  row('cohere', 'command-r-08-2024', [0.15, 0.6]),
  row('cohere', 'command-r7b-12-2024', [0.0375, 0.15]),
  row('mistral', 'mistral-medium-2604', [1.5, 7.5]),
  row('mistral', 'mistral-large-2512', [0.5, 1.5]),
  row('mistral', 'mistral-small-2603', [0.15, 0.6]),
  row('mistral', 'codestral-latest', [0.3, 0.9], { aliases: ['codestral'] }),
  embedding('mistral', 'mistral-embed', 0.1),
  row('together', 'openai/gpt-oss-120b', [0.15, 0.6], { aliases: ['gpt-oss-120b'] }),
  row('together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', [0.88, 0.88], {
    aliases: ['Llama-3.3-70B-Turbo'],
  }),
  row('together', 'deepseek-ai/DeepSeek-V4-Pro', [1.74, 3.48], { aliases: ['DeepSeek-V4-Pro'] }),
  row('perplexity', 'perplexity/sonar', null, { aliases: ['sonar'] }),
  row('fireworks', 'accounts/fireworks/models/gpt-oss-120b', [0.15, 0.6]),
  row('fireworks', 'accounts/fireworks/models/deepseek-v4-pro', [1.74, 3.48]),
  row('fireworks', 'accounts/fireworks/models/kimi-k2p6', [0.95, 4]),
  row('huggingface', 'openai/gpt-oss-120b', [0.25, 0.69], { aliases: ['gpt-oss-120b'] }),
  row('huggingface', 'meta-llama/Llama-3.3-70B-Instruct', [0.59, 0.79], {
    aliases: ['Llama-3.3-70B'],
  }),
  row('ai21', 'jamba-large', [2, 8], { ...OCTOBER, outputLimit: 4096 }),
  row('ai21', 'jamba-mini', [0.2, 0.4], { ...OCTOBER, outputLimit: 4096 }),
  row('writer', 'palmyra-x5', [0.6, 6], {
    ...OCTOBER,
    contextWindow: 1_040_000,
    outputLimit: 8192,
  }),
  row('moonshot', 'kimi-k2.6', [0.95, 4]),
  row('moonshot', 'kimi-k2.7-code', [0.95, 4]),
  row('moonshot', 'kimi-k2.5', [0.6, 3]),
  {
    ...row('offline', 'offline-1', [0, 0], { pricedOn: PRICE_VERSION }),
    name: 'Offline composer',
    capabilities: ['tools', 'streaming', 'json'],
    price: { inputMicros: 0, outputMicros: 0, cachedInputMicros: 0, cacheWriteMicros: 0 },
  },
];
