export { createProviders } from './calls/create-providers.ts';
export type {
  ModelView,
  ProviderView,
  Providers,
  ProvidersDeps,
} from './calls/create-providers.ts';
export type { ProviderCredential } from './calls/build-model.ts';
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
export { PROVIDERS_ERROR_CODES } from './error-codes.ts';
export type { ProvidersErrorCode } from './error-codes.ts';
export { createOfflineModel } from './offline/offline-model.ts';
export { buildRepairMessages, parseStructuredAnswer } from './structured/structured-answer.ts';
export { createSchemaValidator } from './structured/validate-schema.ts';
export type { SchemaValidator } from './structured/validate-schema.ts';
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
  usageTotal,
} from './usage/usage-store.ts';
export { usageByDaySplit } from './usage/usage-split.ts';
export type { UsageSlice, UsageSplit } from './usage/usage-split.ts';
export type { UsageBucket, UsageOwner, UsageRow } from './usage/usage-store.ts';
export { llmUsage } from './usage/usage-tables.ts';
export type { CallStatus } from './usage/usage-tables.ts';
