import type {
  GetProviderConfigurationResponse,
  GetProviderHealthResponse,
  GetRouterSettingsResponse,
  ListModelPricesResponse,
  TryModelResponse,
} from '@automatos/sdk';

export type ProviderHealth = GetProviderHealthResponse;
export type ModelHealth = ProviderHealth['models'][number];
export type Circuit = ProviderHealth['circuits'][number];
export type VendorQuota = ProviderHealth['quotas'][number];
export type ConfigurationFinding = GetProviderConfigurationResponse['items'][number];
export type ModelPrice = ListModelPricesResponse['items'][number];
export type RouterSettings = GetRouterSettingsResponse['settings'];
export type RoutingStrategy = RouterSettings['strategy'];
export type VendorLimit = RouterSettings['limits'][number];
export type TryAnswer = TryModelResponse;
export type CallAttempt = TryAnswer['route']['attempts'][number];
export type CacheOutcome = TryAnswer['route']['cache'];

export interface ModelRef {
  provider: string;
  model: string;
}

export const refText = ({ provider, model }: ModelRef): string => `${provider}/${model}`;
