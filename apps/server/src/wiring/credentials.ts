import { findProvider } from '@automatos/providers';
import type { ProvidersDeps } from '@automatos/providers';

/** Credentials of the platform from the environment, by the names in the providers' catalogue. */
export function environmentCredentials(
  env: Readonly<Record<string, string>>,
): ProvidersDeps['credentials'] {
  const firstOf = (names: readonly string[]) =>
    names.map((name) => env[name]).find((value) => value !== undefined);
  return (providerId) => {
    const names = findProvider(providerId)?.env;
    const apiKey = firstOf(names?.apiKey ?? []);
    const baseUrl = firstOf(names?.baseUrl ?? []);
    if (apiKey === undefined && baseUrl === undefined) return Promise.resolve(null);
    return Promise.resolve({
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    });
  };
}
