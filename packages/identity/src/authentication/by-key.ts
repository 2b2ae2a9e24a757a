import type { Tx } from '@automatos/database';
import { PlatformError, newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { findLivingKey, noteKeyUse } from '../keys/api-key-store.ts';
import { assertUsedWhereAllowed, permissionsOfKey } from '../keys/key-rules.ts';
import { notMember, requestedWorkspace } from './resolve-workspace.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

export async function byKey(
  deps: AuthenticationDeps,
  hash: string,
  request: Credentials,
): Promise<Authentication> {
  const row = await deps.database.system((tx) => useKey(deps, tx, { hash, request }));
  if (!row) {
    const message = 'This API key is unknown, revoked or expired; make a new one under Settings.';
    throw new PlatformError({ code: 'identity.key.rejected', kind: 'unauthenticated', message });
  }
  const asked = requestedWorkspace(request);
  if (asked !== undefined && asked !== row.workspace_id) throw notMember();
  const { id, name, role, rate_limit_per_minute: limit } = row;
  return {
    principal: { kind: 'api_key', id, name, role, permissions: permissionsOfKey(row) },
    workspaceId: row.workspace_id as WorkspaceId,
    viaCookie: false,
    ...(limit === null ? {} : { rateLimitPerMinute: limit }),
  };
}

/** The first use of a key is in the audit log: a key that should lie in a drawer shows when it left it. */
async function useKey(
  { audit, clock }: AuthenticationDeps,
  tx: Tx,
  { hash, request }: { hash: string; request: Credentials },
) {
  const row = await findLivingKey(tx, hash, clock.now());
  if (row === null) return null;
  assertUsedWhereAllowed(row, request.headers);
  if (await noteKeyUse(tx, row, clock.now())) {
    await audit.append(tx, {
      id: newId(clock.now()),
      workspaceId: row.workspace_id as WorkspaceId,
      actor: {
        kind: 'api_key',
        id: row.id,
        name: row.name,
        ip: request.remoteAddress,
        userAgent: request.headers['user-agent'],
      },
      action: 'api_key.first_use',
      target: { type: 'api_key', id: row.id, name: row.name },
      outcome: 'success',
      requestId: request.headers['x-request-id'] ?? '',
      details: {},
    });
  }
  return row;
}
