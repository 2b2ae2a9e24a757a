import { isPlatformError } from '@automatos/kernel';
import type { ModelUsage } from '../calls/model-call.ts';
import type { PaidCall } from '../usage/usage-store.ts';

/** What rides along in the error of an answer that misses its schema: it was paid for all the same. */
interface Detail {
  provider: string;
  model: string;
  offline: boolean;
  price_version: string;
  usage: ModelUsage;
  usage_estimated: boolean;
  cost_micros: number | null;
  duration_ms: number;
}

/** Puts what a call cost into the details of its error. */
export function detailOfPaid(paid: PaidCall): Detail {
  return {
    provider: paid.provider,
    model: paid.model,
    offline: paid.offline,
    price_version: paid.priceVersion,
    usage: paid.usage,
    usage_estimated: paid.usageEstimated,
    cost_micros: paid.costMicros,
    duration_ms: paid.durationMs,
  };
}

/** What an answer that misses its schema has cost; null for every other error. */
export function paidOfMismatch(error: unknown): PaidCall | null {
  if (!isPlatformError(error) || error.code !== 'providers.answer.schema_mismatch') return null;
  const detail = error.details?.['result'] as Detail | undefined;
  if (detail === undefined) return null;
  return {
    provider: detail.provider,
    model: detail.model,
    offline: detail.offline,
    priceVersion: detail.price_version,
    usage: detail.usage,
    usageEstimated: detail.usage_estimated,
    costMicros: detail.cost_micros,
    durationMs: detail.duration_ms,
  };
}
