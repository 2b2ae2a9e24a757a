import type { CredentialRoom } from '@automatos/identity';
import { findProvider } from '@automatos/providers';
import type { ProvidersDeps } from '@automatos/providers';

/** Credentials of the platform from the environment, by the names in the providers' catalogue. */
function environmentCredentials(
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

/**
 * Key of a vendor: of the workspace, else of the platform, else of the environment; the first one whole, so that no key goes to
 * an address from elsewhere. A stored one that cannot be read is an error and never passed over.
 */
export function resolveCredentials(
  stored: Pick<CredentialRoom, 'vendorKey'>,
  env: Readonly<Record<string, string>>,
): ProvidersDeps['credentials'] {
  const fromEnvironment = environmentCredentials(env);
  return async (providerId, workspaceId) =>
    (await stored.vendorKey(providerId, workspaceId)) ?? fromEnvironment(providerId, workspaceId);
}
