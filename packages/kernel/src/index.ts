export {
  PlatformError,
  ERROR_KINDS,
  isPlatformError,
  serializeError,
  deserializeError,
  toPlatformError,
  invalidInput,
  notFound,
} from './errors.ts';
export { KERNEL_ERROR_CODES } from './error-codes.ts';
export type { ErrorKind, FieldError, PlatformErrorOptions, SerializedError } from './errors.ts';
export { newId, isUuid, DEFAULT_WORKSPACE_ID } from './ids.ts';
export type { Id, WorkspaceId, UserId, RunId, AgentId, RecipeId } from './ids.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { tokenCost, roundUpMicros, formatMicros } from './money.ts';
export type { Micros } from './money.ts';
export { canonicalJson, cutText, isJsonObject } from './json.ts';
export type { JsonValue, JsonObject } from './json.ts';
export { silentLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { noMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { backoffMs } from './retry.ts';
export type { BackoffPolicy } from './retry.ts';
export { deferred, mapBounded } from './concurrency.ts';
export type { Deferred } from './concurrency.ts';
export { csvLine } from './csv.ts';
export { diffJson, diffLines } from './diff.ts';
export type { LineDifference, ValueChange } from './diff.ts';
