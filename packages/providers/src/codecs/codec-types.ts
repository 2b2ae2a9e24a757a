/** How one attempt reaches the vendor. The codecs add no time-outs and no retries of their own. */
export interface CodecIo {
  /** May be wrapped by `observeResponses` to see headers. Redirects must be errors. */
  fetch: typeof globalThis.fetch;
  /** Aborting closes the request. */
  signal: AbortSignal;
  /** Time of the attempt, for dates in headers. */
  nowMs: number;
}

/** Texts to turn into vectors. */
export interface EmbedRequest {
  /** 1 to `EMBED_VALUES_MAX` texts, none empty. */
  values: readonly string[];
  /** Wanted length of the vectors; absent = the model's own. Refused where the vendor cannot shorten them. */
  dimensions?: number;
  /** What the texts are for, where the vendor tells the two apart; default `document`. */
  inputType?: 'query' | 'document';
}

export interface EmbedAnswer {
  /** One per value, in the order of the values, all of one length. */
  vectors: number[][];
  inputTokens: number;
  /** True when the vendor gave no count and ours stands in. */
  usageEstimated: boolean;
  /** What the vendor says the call cost; null = it does not say, so tokens times price holds. */
  vendorCostMicros: number | null;
  /** True when no model was used (`offline`: word hashing). */
  offline: boolean;
}

/** Documents to be ordered by how well they answer a query. */
export interface RerankRequest {
  query: string;
  /** 1 to `RERANK_DOCUMENTS_MAX` texts. */
  documents: readonly string[];
  /** Length of the ranking; absent = all. */
  topN?: number;
}

export interface RerankAnswer {
  /** Best first; `index` is the document's place in the request, `score` the vendor's own scale. */
  ranking: { index: number; score: number }[];
  /** Null = the vendor does not count tokens for this. */
  inputTokens: number | null;
  /** Null = the vendor does not bill by searches. */
  searchUnits: number | null;
  vendorCostMicros: number | null;
  offline: boolean;
}

/** Most texts in one embedding request: the smallest bound among the vendors (Cohere). */
export const EMBED_VALUES_MAX = 96;
/** Most documents in one rerank request. */
export const RERANK_DOCUMENTS_MAX = 1000;

/** What a vendor's headers say is left; times from now in ms, null = not said. */
export interface VendorQuota {
  limit: number | null;
  remaining: number | null;
  resetMs: number | null;
}

/** Read by `readVendorLimits(provider, headers, nowMs)` from headers in lower case; an absent kind = not said. */
export interface VendorLimits {
  requests?: VendorQuota;
  tokens?: VendorQuota;
}
