import { createHash } from 'node:crypto';
import type { IssuerOptions, TokenOptions } from '@automatos/identity';
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

/**
 * Access tokens of the installation. Where no public address is set each process knows only its own, so that they are named after
 * the secret that all have.
 */
export function tokenOptions(
  config: Pick<BaseDeps['config'], 'statedPublicUrl'>,
  secret: Uint8Array,
): TokenOptions {
  const fingerprint = createHash('sha256').update('automatos issuer').update(secret).digest('hex');
  const issuer = config.statedPublicUrl ?? `urn:automatos:${fingerprint.slice(0, 32)}`;
  return { issuer, secret };
}
