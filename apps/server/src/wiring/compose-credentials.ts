import { join } from 'node:path';
import {
  createCredentials,
  createFileKeyRing,
  createFixedKeyRing,
  joinKeyRings,
} from '@automatos/identity';
import type { AccessPorts, AuditLog, CredentialRoom, KeyRing } from '@automatos/identity';
import { PlatformError, isPlatformError, newId } from '@automatos/kernel';
import { PROVIDER_ROWS, findProvider } from '@automatos/providers';
import { createGuardedFetch } from '@automatos/tools';
import type { ClosableFetch } from '@automatos/tools';
import { currentRequest } from '../http/request-context.ts';
import type { BaseDeps } from './base-deps.ts';

/** Model vendors that have a type of credential of their own, or need none. */
const OWN_TYPES: ReadonlySet<string> = new Set([
  'openai',
  'anthropic',
  'google',
  'openai-compatible',
  'ollama',
  'offline',
]);

/** Joins stored credentials with the master key, the ways out and the audit log. */
export async function composeCredentials(
  deps: BaseDeps & { audit: Pick<AuditLog, 'settleLater'> },
): Promise<CredentialRoom> {
  const { config, clock, logger, database, closers, audit } = deps;
  const outbound = createGuardedFetch({ allow: [...config.outboundAllow] });
  closers.add('outbound requests of credentials', () => outbound.close());
  const credentials = createCredentials({
    database,
    ring: keyRingOf(deps),
    vault: config.encryption.vault,
    clock,
    logger: logger.child({ room: 'credentials' }),
    access: accessPorts(outbound),
    audit: ({ workspaceId, credential, purpose }) =>
      audit.settleLater({
        id: newId(clock.now()),
        workspaceId,
        actor: { kind: 'system', id: 'credentials', name: 'Automatos' },
        action: 'credential.use',
        target: { type: 'credential', id: credential.id, name: credential.name },
        outcome: 'success',
        requestId: currentRequest()?.request_id ?? '',
        details: { purpose },
      }),
  });
  await credentials.start();
  closers.add('credentials', () => credentials.stop());
  return credentials;
}

function keyRingOf({ config, database }: BaseDeps): KeyRing {
  const path = join(config.dataDir, 'encryption.key');
  const { keys } = config.encryption;
  if (keys.length > 0) {
    const inFile = createFileKeyRing({ path, mayMake: () => Promise.resolve(false) });
    return joinKeyRings(createFixedKeyRing(keys), inFile);
  }
  return createFileKeyRing({
    path,
    async mayMake() {
      const { rows } = await database.pool.query<{ fresh: boolean }>(
        'SELECT NOT EXISTS (SELECT FROM encryption_keys) AS fresh',
      );
      return rows[0]?.fresh === true;
    },
  });
}

function accessPorts(outbound: ClosableFetch): AccessPorts {
  async function resolve(host: string, port: number): Promise<string> {
    try {
      return await outbound.resolve(host, port);
    } catch (error) {
      throw isPlatformError(error) && error.kind === 'forbidden' ? addressDenied(host) : error;
    }
  }
  return {
    fetch: outbound.fetch,
    resolve,
    async checkAddress(text) {
      const url = new URL(text);
      const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
      try {
        await resolve(url.hostname, port);
      } catch (error) {
        // A name that cannot be found now may be found later; the call itself tells of it.
        if (isPlatformError(error)) throw error;
      }
    },
    vendorIds: () => PROVIDER_ROWS.map(({ id }) => id).filter((id) => !OWN_TYPES.has(id)),
    vendor: findProvider,
  };
}

function addressDenied(host: string): PlatformError {
  return new PlatformError({
    code: 'credentials.address.denied',
    kind: 'forbidden',
    message: `"${host}" is not a public address. The operator can allow it with AUTOMATOS_OUTBOUND_ALLOW.`,
    errors: [{ pointer: '/fields/base_url', message: 'is not a public address' }],
  });
}
