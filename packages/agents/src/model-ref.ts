import type { ModelConfig } from '@automatos/contracts';
import { findProvider } from '@automatos/providers';
import type { ModelRef } from '@automatos/providers';

/**
 * The model an agent names itself; null = the platform's default. A provider without a model means that provider's own
 * default, an empty model id when it has none (which no catalogue look-up accepts).
 */
export function modelRefOf(model: Pick<ModelConfig, 'provider' | 'model'>): ModelRef | null {
  if (model.provider === null) return null;
  return {
    provider: model.provider,
    model: model.model ?? findProvider(model.provider)?.defaultModel ?? '',
  };
}
