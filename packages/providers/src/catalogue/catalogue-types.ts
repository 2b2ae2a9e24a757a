export type ProviderCodec =
  | 'openai'
  | 'anthropic'
  | 'google'
  | 'groq'
  | 'deepseek'
  | 'mistral'
  | 'moonshot'
  | 'cohere'
  | 'perplexity'
  | 'replicate'
  | 'writer'
  | 'openai-compatible'
  | 'offline';
export type ProviderAuth = 'bearer' | 'bearer-optional' | 'x-api-key' | 'x-goog-api-key' | 'none';

/** One provider of the catalogue. */
export interface ProviderRow {
  id: string;
  name: string;
  wire:
    | 'openai-chat'
    | 'openai-responses'
    | 'anthropic'
    | 'gemini'
    | 'cohere-v2'
    | 'replicate-jobs'
    | 'writer-chat'
    | 'none';
  /** What carries its calls here; null = not connectable in this version, see `note`. */
  codec: ProviderCodec | null;
  auth: ProviderAuth;
  /** Environment variables that may hold key and URL, first one ours; read by the server's configuration only. */
  env: { apiKey: readonly string[]; baseUrl: readonly string[] };
  /** Null: the workspace must give one (`offline` needs none). */
  baseUrl: string | null;
  capabilities: readonly string[];
  /** What the vendor documents beyond that; not offered here. */
  documented: readonly string[];
  status: 'ga' | 'enterprise-only' | 'migrated' | 'job-api' | 'retired';
  /** `live`: the real thing was run; `contract-fake`: codec driven over the wire against a local server; `documented`: taken from documents, not tried. */
  evidence: 'contract-fake' | 'live' | 'documented';
  verifiedOn: string;
  /** Accepts model ids outside the catalogue (local servers, marketplaces). */
  openModels: boolean;
  defaultModel: string | null;
  note: string | null;
}

/** Prices in micro-dollars per million tokens; null = unknown. */
export interface TokenRates {
  inputMicros: number | null;
  outputMicros: number | null;
  cachedInputMicros: number | null;
  cacheWriteMicros: number | null;
  /** Of reasoning, where it is not billed as output. */
  reasoningMicros?: number;
}

/** Rates that hold for the whole call once its input is longer than `aboveInputTokens`. */
export interface PriceTier extends TokenRates {
  aboveInputTokens: number;
}

/** What a call is charged. */
export interface ModelPrice extends TokenRates {
  /** From the lowest bound to the highest. */
  tiers?: readonly PriceTier[];
  /** Micro-dollars per use of what is billed beside tokens: `request`, `web_search`, `fetch_url`, `search_unit`. */
  fees?: Readonly<Record<string, number>>;
}

export type ModelKind = 'chat' | 'embedding' | 'rerank';

/** One model of the catalogue; `contextWindow` and `outputLimit` in tokens. */
export interface ModelRow {
  provider: string;
  id: string;
  name: string;
  kind: ModelKind;
  aliases: readonly string[];
  contextWindow: number | null;
  outputLimit: number | null;
  price: ModelPrice;
  /** Month of the list price; null when there is none. */
  pricedOn: string | null;
  capabilities: readonly string[];
  status: 'current' | 'legacy' | 'open';
  /** Date as the vendor gives it, to the day or the month; null = unknown. */
  releasedOn: string | null;
  /** When the vendor switches it off, or did; null = no date known. */
  retiredOn: string | null;
}

export interface ModelRef {
  provider: string;
  model: string;
}

export interface ResolvedModel {
  provider: ProviderRow;
  model: ModelRow;
  /** The id that was asked for, when the vendor replaced it by `model`. */
  mappedFrom?: string;
}
