import {
  bindRoutes,
  credentialRoutes,
  credentialTypeSchema,
  encryptionRoutes,
} from '@automatos/contracts';
import type { BoundRoute, Call, Credential, Principal } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import { credentialError } from './credential-error.ts';
import type { CredentialCaller, CredentialService } from './credential-service.ts';
import type { CredentialScope } from './credential-store.ts';
import { CREDENTIAL_TYPES } from './credential-types.ts';
import type { Encryption } from './encryption.ts';
import type { CredentialTester } from './testing-access/create-tester.ts';
import type { CredentialUse } from './use-credentials.ts';

export interface CredentialRoutesDeps {
  service: CredentialService;
  use: Pick<CredentialUse, 'read'>;
  tester: CredentialTester;
  encryption: Encryption;
  store: 'database' | 'vault';
}

type Asking = Pick<Call, 'workspaceId' | 'principal'>;

/** Handlers of `/api/credentials` and `/api/system/encryption`. */
export function createCredentialRoutes(deps: CredentialRoutesDeps): BoundRoute[] {
  const { service } = deps;
  return [
    ...bindRoutes(credentialRoutes, {
      types: () =>
        Promise.resolve({
          body: { items: CREDENTIAL_TYPES.map((type) => credentialTypeSchema.parse(type)) },
        }),
      list: async ({ query, ...call }) => {
        const { items, nextCursor } = await service.list(scopeOf(call, query.scope), query);
        return { body: { items, next_cursor: nextCursor } };
      },
      create: async (call) => {
        const { scope, public_fields: publicFields, ...input } = call.body;
        const caller = callerOf(call, scopeOf(call, scope));
        return shown(await service.create(caller, { ...input, publicFields }));
      },
      get: async (call) => shown(await find(service, call, call.params.credential_id)),
      update: async (call) => {
        const { id, caller } = await addressed(service, call, call.params.credential_id);
        const ifMatch = call.headers['if-match'];
        return shown(await service.update(caller, id, { ifMatch, ...call.body }));
      },
      remove: async (call) => {
        const { id, caller } = await addressed(service, call, call.params.credential_id);
        await service.remove(caller, id);
        return {};
      },
      rotate: async (call) => {
        const { id, caller } = await addressed(service, call, call.params.credential_id);
        return shown(await service.rotate(caller, id, call.body.fields));
      },
      test: async (call) => {
        const { id, caller } = await addressed(service, call, call.params.credential_id);
        const used = await deps.use.read(caller.scope, id);
        const { test, refreshed } = await deps.tester.test(used, call.signal);
        if (refreshed !== null)
          await service.update(caller, id, { ifMatch: '*', fields: refreshed });
        await service.noteTest(caller.scope, id, test);
        return { body: test };
      },
    }),
    ...bindRoutes(encryptionRoutes, {
      status: async () => ({ body: { ...(await deps.encryption.status()), store: deps.store } }),
      rotate: async ({ body }) => {
        const status = await deps.encryption.status();
        if (deps.store === 'vault' && status.records === 0) throw storedElsewhere();
        const rotated = await deps.encryption.rotate(body.records_max);
        return { body: { ...rotated, store: deps.store } };
      },
    }),
  ];
}

function shown(credential: Credential) {
  return { body: credential, etag: String(credential.version) };
}

function callerOf({ principal }: Asking, scope: CredentialScope): CredentialCaller {
  return { scope, by: (principal as Principal).name };
}

/** The operator, and platform administrators. */
const mayPlatform = ({ principal }: Asking) =>
  principal?.permissions.has('platform:write') === true;

/** Throws `credentials.scope.forbidden` for credentials of the platform unless somebody who administers it asks. */
function scopeOf(call: Asking, scope: 'workspace' | 'platform'): CredentialScope {
  if (scope === 'workspace') return call.workspaceId;
  if (mayPlatform(call)) return null;
  throw credentialError('credentials.scope.forbidden', {
    kind: 'forbidden',
    message:
      'Credentials of the platform are seen and changed by its operator and by platform administrators only.',
  });
}

/** In the workspace, and for those who administer the platform there too; for all others the latter are not there. */
async function find(service: CredentialService, call: Asking, id: string): Promise<Credential> {
  try {
    return await service.get(call.workspaceId, id);
  } catch (error) {
    const isMissing = isPlatformError(error) && error.kind === 'not-found';
    if (!isMissing || !mayPlatform(call)) throw error;
    return service.get(null, id);
  }
}

async function addressed(service: CredentialService, call: Asking, id: string) {
  const { scope } = await find(service, call, id);
  return { id, caller: callerOf(call, scope === 'platform' ? null : call.workspaceId) };
}

function storedElsewhere() {
  return credentialError('encryption.store.elsewhere', {
    kind: 'conflict',
    message: 'The secrets are kept in Vault, which has keys of its own; nothing is encrypted here.',
  });
}
