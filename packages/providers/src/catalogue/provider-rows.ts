import type { ProviderRow } from './catalogue.ts';

/** Month in which the rows were last compared with the vendors' documents. */
const VERIFIED_ON = '2026-11';

const chat = { wire: 'openai-chat', auth: 'bearer', codec: 'openai-compatible', verifiedOn: VERIFIED_ON, status: 'ga', evidence: 'documented', openModels: false, defaultModel: null, note: null } as const;
const notWired = { ...chat, codec: null } as const;

/**
 * Every provider the product knows, as data. `codec: null` = listed, not connectable in this version, with the reason in `note`.
 * `contract-fake` stands only where the wire suite of this package drives the codec against a server that speaks that wire.
 */
export const PROVIDER_ROWS: readonly ProviderRow[] = [
  { ...chat, id: 'openai', name: 'OpenAI', wire: 'openai-responses', codec: 'openai', evidence: 'contract-fake', defaultModel: 'gpt-5.4-mini', baseUrl: 'https://api.openai.com/v1', env: { apiKey: ['OPENAI_API_KEY'], baseUrl: ['OPENAI_BASE_URL'] }, capabilities: ['streaming', 'tools', 'json', 'vision', 'embeddings'] },
  { ...chat, id: 'anthropic', name: 'Anthropic', wire: 'anthropic', auth: 'x-api-key', codec: 'anthropic', evidence: 'contract-fake', defaultModel: 'claude-sonnet-5', baseUrl: 'https://api.anthropic.com/v1', env: { apiKey: ['ANTHROPIC_API_KEY'], baseUrl: ['ANTHROPIC_BASE_URL'] }, capabilities: ['streaming', 'tools', 'json', 'vision'] },
  { ...chat, id: 'google', name: 'Google AI', wire: 'gemini', auth: 'x-goog-api-key', codec: 'google', evidence: 'contract-fake', defaultModel: 'gemini-3.5-flash', baseUrl: 'https://generativelanguage.googleapis.com/v1beta', env: { apiKey: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'], baseUrl: ['GOOGLE_BASE_URL'] }, capabilities: ['streaming', 'tools', 'json', 'vision', 'embeddings'] },
  { ...chat, id: 'groq', name: 'Groq', defaultModel: 'llama-3.3-70b-versatile', baseUrl: 'https://api.groq.com/openai/v1', env: { apiKey: ['GROQ_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json'] },
  { ...chat, id: 'deepseek', name: 'DeepSeek', defaultModel: 'deepseek-v4-flash', baseUrl: 'https://api.deepseek.com', env: { apiKey: ['DEEPSEEK_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json'] },
  { ...notWired, id: 'cohere', name: 'Cohere', wire: 'cohere-v2', baseUrl: 'https://api.cohere.com/v2', env: { apiKey: ['COHERE_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json', 'embeddings', 'rerank'], note: 'Its own wire (cohere-v2) has no codec in this version.' },
  { ...chat, id: 'mistral', name: 'Mistral', defaultModel: 'mistral-small-2603', baseUrl: 'https://api.mistral.ai/v1', env: { apiKey: ['MISTRAL_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json', 'embeddings'] },
  { ...chat, id: 'together', name: 'Together AI', openModels: true, defaultModel: 'openai/gpt-oss-120b', baseUrl: 'https://api.together.xyz/v1', env: { apiKey: ['TOGETHER_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json', 'embeddings', 'rerank'] },
  { ...notWired, id: 'perplexity', name: 'Perplexity', wire: 'openai-responses', status: 'migrated', baseUrl: 'https://api.perplexity.ai/v1', env: { apiKey: ['PERPLEXITY_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'web_search'], note: 'Moved to its Agent API on 2026-09-27; its dialect of the responses wire is not proven in this version.' },
  { ...chat, id: 'fireworks', name: 'Fireworks AI', openModels: true, defaultModel: 'accounts/fireworks/models/gpt-oss-120b', baseUrl: 'https://api.fireworks.ai/inference/v1', env: { apiKey: ['FIREWORKS_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json', 'embeddings'] },
  { ...notWired, id: 'replicate', name: 'Replicate', wire: 'replicate-jobs', status: 'job-api', openModels: true, baseUrl: 'https://api.replicate.com/v1', env: { apiKey: ['REPLICATE_API_TOKEN', 'REPLICATE_API_KEY'], baseUrl: [] }, capabilities: ['streaming'], note: 'A job API with inputs named per model; it has no codec in this version.' },
  { ...chat, id: 'huggingface', name: 'Hugging Face', openModels: true, defaultModel: 'openai/gpt-oss-120b', baseUrl: 'https://router.huggingface.co/v1', env: { apiKey: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json'] },
  { ...chat, id: 'ai21', name: 'AI21 Labs', defaultModel: 'jamba-mini', baseUrl: 'https://api.ai21.com/studio/v1', env: { apiKey: ['AI21_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json'] },
  { ...chat, id: 'alephalpha', name: 'Aleph Alpha', status: 'enterprise-only', openModels: true, baseUrl: null, env: { apiKey: ['AA_TOKEN', 'ALEPH_ALPHA_API_KEY'], baseUrl: ['AA_BASE_URL'] }, capabilities: ['streaming', 'embeddings'], note: 'Needs the URL of your own PhariaAI installation.' },
  { ...notWired, id: 'writer', name: 'Writer', wire: 'writer-chat', baseUrl: 'https://api.writer.com/v1', env: { apiKey: ['WRITER_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools'], note: 'Its chat path differs from openai-chat; it has no codec in this version.' },
  { ...chat, id: 'moonshot', name: 'Moonshot AI', defaultModel: 'kimi-k2.6', baseUrl: 'https://api.moonshot.ai/v1', env: { apiKey: ['MOONSHOT_API_KEY'], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json'] },
  { ...chat, id: 'ollama', name: 'Ollama', auth: 'none', evidence: 'contract-fake', openModels: true, baseUrl: 'http://127.0.0.1:11434/v1', env: { apiKey: [], baseUrl: ['OLLAMA_BASE_URL'] }, capabilities: ['streaming', 'tools', 'json', 'local'], note: 'Runs models on your machine; costs nothing. It shortens prompts silently at its own context setting.' },
  { ...chat, id: 'openai-compatible', name: 'OpenAI-compatible server', auth: 'bearer-optional', evidence: 'contract-fake', openModels: true, baseUrl: null, env: { apiKey: ['OPENAI_COMPATIBLE_API_KEY'], baseUrl: ['OPENAI_COMPATIBLE_BASE_URL'] }, capabilities: ['streaming', 'tools', 'json'], note: 'Any server that speaks POST /chat/completions: give its base URL.' },
  { ...chat, id: 'offline', name: 'Offline (no language model)', wire: 'none', auth: 'none', codec: 'offline', evidence: 'live', defaultModel: 'offline-1', baseUrl: null, env: { apiKey: [], baseUrl: [] }, capabilities: ['streaming', 'tools', 'json', 'local'], note: 'Deterministic and local: plans tool calls, composes reports from their results and answers from given text. It is not a language model and says so.' },
];
