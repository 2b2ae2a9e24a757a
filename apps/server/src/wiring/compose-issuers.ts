import type { IssuerOptions } from '@automatos/identity';
import { createGuardedFetch } from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';

/**
 * The issuers of the settings with the way to them. Hosts that the operator named may be private; what their documents name
 * besides has to be public, or allowed by `AUTOMATOS_OUTBOUND_ALLOW`.
 */
export function composeIssuers({
  config,
  closers,
}: Pick<BaseDeps, 'config' | 'closers'>): IssuerOptions | undefined {
  const { oidc, clerk } = config.identity.issuers;
  const named = [oidc?.issuer, clerk?.jwksUrl].filter((url) => url !== undefined);
  if (named.length === 0) return undefined;
  const hosts = named.map((url) => new URL(url).host);
  const outbound = createGuardedFetch({ allow: [...config.outboundAllow, ...hosts] });
  closers.add('outbound requests to issuers', () => outbound.close());
  return { oidc, clerk, fetch: outbound.fetch };
}
