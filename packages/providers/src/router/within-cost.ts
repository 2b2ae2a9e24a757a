import { PlatformError, formatMicros } from '@automatos/kernel';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { worstCostOf } from '../usage/cost.ts';
import { outputBound } from './attempt-site.ts';
import type { ReadyCandidate } from './candidates.ts';
import type { RouteRequest } from './ports.ts';

/** The request with the bound of output that keeps this model within `maxCostMicros`; null = not even the input fits. */
export function withinCost(request: RouteRequest, { model }: ResolvedModel): RouteRequest | null {
  const { maxCostMicros, inputTokens: input } = request;
  if (maxCostMicros === undefined) return request;
  const output = outputBound(request.maxOutputTokens, model.outputLimit);
  const inputCost = worstCostOf(model.price, { input, output: 0 });
  if (inputCost === null || output === null || inputCost > maxCostMicros) return null;
  const whole = worstCostOf(model.price, { input, output }) ?? Infinity;
  if (whole <= maxCostMicros) return request;
  const fitting = Math.floor((output * (maxCostMicros - inputCost)) / (whole - inputCost));
  return fitting < 1 ? null : { ...request, maxOutputTokens: fitting };
}

/** The error of a candidate that may cost more than the caller allows. */
export function tooDear({ maxCostMicros = 0 }: RouteRequest, { ref }: ReadyCandidate) {
  return new PlatformError({
    code: 'providers.call.too_expensive',
    kind: 'limit-reached',
    message: `A call to ${ref.provider} "${ref.model}" may cost more than the ${formatMicros(maxCostMicros)} that are left for it, or its price is unknown.`,
    details: { provider: ref.provider, model: ref.model, max_cost_micros: maxCostMicros },
  });
}
