import { isJsonObject } from '@automatos/kernel';
import type { Micros } from '@automatos/kernel';

/**
 * What the vendor itself says that a call cost, in micro-dollars rounded up; null when it does not say. Perplexity's breakdown in
 * dollars counts searches and tools too, so it is preferred over tokens times price.
 */
export function readVendorCost(provider: string, rawUsage: unknown): Micros | null {
  if (provider !== 'perplexity' || !isJsonObject(rawUsage)) return null;
  const { cost } = rawUsage;
  if (!isJsonObject(cost)) return null;
  if (typeof cost['currency'] === 'string' && cost['currency'].toUpperCase() !== 'USD') return null;
  const parts = Object.entries(cost).filter(([name]) => name.endsWith('_cost'));
  const total =
    typeof cost['total_cost'] === 'number'
      ? cost['total_cost']
      : parts.reduce((sum, [, value]) => sum + (typeof value === 'number' ? value : 0), 0);
  if (parts.length === 0 || !Number.isFinite(total) || total < 0) return null;
  // Dollars arrive as decimal fractions: twelve digits hide the binary error before rounding up.
  return Math.ceil(Number((total * 1_000_000).toFixed(6)));
}
