import { createAddressRules } from '@automatos/kernel/addresses';
import { PROVIDER_ROWS } from '@automatos/providers';
import type { ProvidersDeps } from '@automatos/providers';
import type { Config } from '../config.ts';

/**
 * Where model calls may connect to: public addresses, what the operator allows, the base URLs of the environment and those of the
 * catalogue. An address that a workspace stored is judged anew at each connection by what its name means then.
 */
export function vendorOutbound({
  outboundAllow,
  providers,
}: Pick<Config, 'outboundAllow' | 'providers'>): NonNullable<ProvidersDeps['outbound']> {
  const urls = PROVIDER_ROWS.flatMap(({ baseUrl, env }) => [
    baseUrl,
    ...env.baseUrl.map((name) => providers.env[name]),
  ]);
  return { rules: createAddressRules([...outboundAllow, ...urls.flatMap(placeOf)]) };
}

/** Host and port of a URL; none for what is none, which the call itself tells of. */
function placeOf(text: string | null | undefined): string[] {
  const url = text === null || text === undefined ? null : URL.parse(text);
  if (url === null || url.hostname === '') return [];
  return [`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`];
}
