import type { ResolvedModel } from './catalogue-types.ts';

/**
 * True when a model offers a capability. A catalogued model is taken at its own row; of a model that only the server knows
 * (`status: 'open'`) everything its provider offers is believed, so that the vendor's answer decides.
 */
export function modelOffers({ provider, model }: ResolvedModel, capability: string): boolean {
  if (!provider.capabilities.includes(capability)) return false;
  if (model.status === 'open' || capability === 'json') return true;
  return model.capabilities.includes(capability);
}
