import { findProvider } from '@automatos/providers';
import type { ModelRef } from '@automatos/providers';
import type { Config } from '../config.ts';

/** The operator's choice of model; null = none was made, and the providers room takes the first that is configured. */
export function namedDefault({ providers }: Pick<Config, 'providers'>): ModelRef | null {
  const { defaultProvider: provider, defaultModel } = providers;
  if (provider === undefined) return null;
  const model = defaultModel ?? findProvider(provider)?.defaultModel;
  return model === undefined || model === null ? null : { provider, model };
}
