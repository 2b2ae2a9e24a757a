export { createBudgetRoutes } from './budgets/budget-routes.ts';
export type { BudgetService } from './budgets/budget-service.ts';
export { inputTokensBound } from './budgets/input-bound.ts';
export type { SentInput } from './budgets/input-bound.ts';
export { createBudgets } from './budgets/create-budgets.ts';
export type { BudgetOptions, Budgets, BudgetsDeps } from './budgets/create-budgets.ts';
export { createAnswerCache } from './cache/answer-cache.ts';
export type { AnswerCacheDeps } from './cache/answer-cache.ts';
export { NO_CACHE } from './cache/cache-port.ts';
export type { AnswerCache, CacheStats, EmbedTexts } from './cache/cache-port.ts';
export { createSemanticAnswers } from './cache/semantic-answers.ts';
export { createRedisAnswers } from './cache/shared-answers.ts';
export { createProviders } from './calls/create-providers.ts';
export type {
  ModelView,
  ProviderView,
  Providers,
  ProvidersDeps,
} from './calls/create-providers.ts';
export type { Unrouted } from './calls/call-model.ts';
export type { ProviderCredential } from './calls/credential.ts';
export type {
  CallTimeouts,
  FinishReason,
  ModelCall,
  ModelResult,
  ModelToolCall,
  ModelUsage,
  ToolSpec,
} from './calls/model-call.ts';
export { closest, findModel, findProvider, resolveRef } from './catalogue/catalogue.ts';
export type {
  ModelKind,
  ModelPrice,
  ModelRef,
  ModelRow,
  ProviderAuth,
  ProviderCodec,
  ProviderRow,
  ResolvedModel,
} from './catalogue/catalogue-types.ts';
export { MODEL_ROWS, PRICE_VERSION } from './catalogue/model-rows.ts';
export { PROVIDER_ROWS } from './catalogue/provider-rows.ts';
export { modelOffers } from './catalogue/model-offers.ts';
export { REPLACED_MODELS } from './catalogue/replaced-models.ts';
export { EMBED_VALUES_MAX, RERANK_DOCUMENTS_MAX } from './codecs/codec-types.ts';
export type {
  CodecIo,
  EmbedAnswer,
  EmbedRequest,
  RerankAnswer,
  RerankRequest,
  VendorLimits,
  VendorQuota,
} from './codecs/codec-types.ts';
export { embedOnce } from './codecs/embed-once.ts';
export { observeResponses } from './codecs/observe-responses.ts';
export { readVendorLimits } from './codecs/read-vendor-limits.ts';
export { rerankOnce } from './codecs/rerank-once.ts';
export { createChatPassthrough } from './passthrough/chat-passthrough.ts';
export type { ChatPassthrough } from './passthrough/chat-passthrough.ts';
export { speaksChatWire } from './passthrough/pass-chat.ts';
export type { PassRequest } from './passthrough/pass-chat.ts';
export type { ChatBody, PassTarget, PassedAnswer } from './passthrough/ports.ts';
export { createConfigurationCheck } from './configuration/check-configuration.ts';
export type { CheckConfigurationDeps } from './configuration/check-configuration.ts';
export { readBudgetFacts } from './configuration/read-budgets.ts';
export type { AgentFact, BudgetFact } from './configuration/facts.ts';
export { PROVIDERS_ERROR_CODES } from './error-codes.ts';
export type { ProvidersErrorCode } from './error-codes.ts';
export { NO_BUDGETS } from './router/ports.ts';
export type {
  Attempted,
  BudgetClaim,
  BudgetGate,
  CallOwner,
  Candidate,
  FallbackNotice,
  Reservation,
  RouteRequest,
  Routed,
  SendAttempt,
} from './router/ports.ts';
export type { RouteHooks, Router } from './router/create-router.ts';
export type { ProviderTest } from './calls/test-provider.ts';
export type { ProviderHealth, QuotaView } from './router/provider-health.ts';
export type { RouterSettingsRoom, VersionedSettings } from './router/settings/router-settings.ts';
export type { CreatedRouter } from './router/compose-router.ts';
export type { EffectiveSettings, SettingsSource } from './router/settings/settings-source.ts';
export type { EmbedCall, EmbedResult, RerankCall, RerankResult } from './calls/embed-texts.ts';
export { createOfflineModel } from './offline/offline-model.ts';
export { buildRepairMessages, parseStructuredAnswer } from './structured/structured-answer.ts';
export { createSchemaValidator } from './structured/validate-schema.ts';
export type { SchemaValidator } from './structured/validate-schema.ts';
export { chargeOf, costOf, worstCostOf } from './usage/cost.ts';
export type { BilledUses, CallCost, Charged, CountedUsage } from './usage/cost.ts';
export { createPriceBook } from './usage/create-price-book.ts';
export type {
  FetchPackage,
  PriceBookDeps,
  Refreshed,
  StoredPriceBook,
} from './usage/create-price-book.ts';
export type { PriceBook, PricedModel, PriceInUse, PriceSource } from './usage/price-book.ts';
export type { OwnPriceInput } from './usage/price-store.ts';
export { createShippedPriceBook } from './usage/price-view.ts';
export { listCalls } from './usage/list-calls.ts';
export type { CallFilter, ListedCall } from './usage/list-calls.ts';
export { estimateTokens } from './usage/estimate-tokens.ts';
export {
  recordUsage,
  usageByAgent,
  usageByDay,
  usageByModel,
  usageByProvider,
  usageByRun,
  usageBySource,
  usageRowOf,
  usageRowOfEmbedding,
  usageTotal,
} from './usage/usage-store.ts';
export { usageByDaySplit } from './usage/usage-split.ts';
export type { UsageSlice, UsageSplit } from './usage/usage-split.ts';
export type { PaidCall, UsageBucket, UsageOwner, UsageRow } from './usage/usage-store.ts';
export { llmUsage } from './usage/usage-tables.ts';
export type { CallStatus } from './usage/usage-tables.ts';
export { paidOfMismatch } from './structured/paid-mismatch.ts';
export { createModelsPersonalData } from './usage/model-personal-data.ts';
