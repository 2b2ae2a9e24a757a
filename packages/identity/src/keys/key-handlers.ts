import { randomBytes } from 'node:crypto';
import type { Call, Handlers, Principal, apiKeyRoutes, authRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { isUuid, newId, notFound } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { annotateAudit } from '../audit/index.ts';
import type { AuditLog } from '../audit/index.ts';
import { deleteApiKey, insertApiKey, listApiKeys } from './api-key-store.ts';
import type { ApiKeyRow } from './api-key-store.ts';
import { insertTicket } from '../identity-store.ts';

const TICKET_MS = 60_000;
const DAY_MS = 86_400_000;

export interface KeyDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'appendRequest'>;
}

/** API keys and one-use tickets; their secrets leave the server once and are kept as hashes. */
export function createKeyHandlers(
  deps: KeyDeps,
): Pick<Handlers<typeof authRoutes>, 'ticket'> &
  Pick<Handlers<typeof apiKeyRoutes>, 'listKeys' | 'createKey' | 'deleteKey'> {
  const { database, clock, audit } = deps;
  return {
    async ticket({ principal, workspaceId }) {
      const { kind, id, name, role } = principal as Principal;
      const ticket = randomBytes(24).toString('base64url');
      const expiresAt = new Date(clock.now() + TICKET_MS);
      await database.workspace(workspaceId, (tx) =>
        insertTicket(tx, {
          hash: sha256(ticket),
          workspaceId,
          principal: { kind, id, name, role },
          expiresAt,
        }),
      );
      return { body: { ticket, expires_at: expiresAt.toISOString() }, status: 201 };
    },
    async listKeys({ workspaceId, query }) {
      const afterId = query.cursor && isUuid(query.cursor) ? query.cursor : null;
      const rows = await database.workspace(workspaceId, (tx) =>
        listApiKeys(tx, { limit: query.limit + 1, afterId }),
      );
      const items = rows.slice(0, query.limit).map(presentKey);
      return {
        body: { items, next_cursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null },
      };
    },
    createKey: (call) => createKey(deps, call),
    async deleteKey({ workspaceId, params }) {
      const deleted =
        isUuid(params.key_id) &&
        (await database.workspace(workspaceId, async (tx) => {
          const name = await deleteApiKey(tx, params.key_id);
          if (name === null) return false;
          await audit.appendRequest(tx, workspaceId, { type: 'api_key', id: params.key_id, name });
          return true;
        }));
      if (!deleted) throw notFound('api_key', params.key_id);
      return { status: 204 };
    },
  };
}

async function createKey(
  { database, clock, audit }: KeyDeps,
  { workspaceId, principal, body }: Call<typeof apiKeyRoutes.createKey>,
) {
  const key = `ak_srv_${randomBytes(24).toString('base64url')}`;
  const now = clock.now();
  const expiresAt =
    body.expires_in_days === undefined
      ? null
      : new Date(now + body.expires_in_days * DAY_MS).toISOString();
  const fresh = {
    id: newId(now),
    workspaceId,
    name: body.name,
    hash: sha256(key),
    start: key.slice(0, 11),
    role: body.role,
    createdBy: (principal as Principal).name,
    createdAt: new Date(now).toISOString(),
    expiresAt,
  };
  annotateAudit({ details: { role: fresh.role, expires_at: expiresAt } });
  const row = await database.workspace(workspaceId, async (tx) => {
    const stored = await insertApiKey(tx, fresh);
    const target = { type: 'api_key', id: fresh.id, name: fresh.name };
    await audit.appendRequest(tx, workspaceId, target);
    return stored;
  });
  return { body: { ...presentKey(row), key }, status: 201 };
}

function presentKey(row: ApiKeyRow) {
  const iso = (time: Date | string | null) => (time === null ? null : new Date(time).toISOString());
  return {
    id: row.id,
    name: row.name,
    start: row.start,
    role: row.role,
    created_at: iso(row.created_at) as string,
    expires_at: iso(row.expires_at),
    last_used_at: iso(row.last_used_at),
    kind: row.kind,
    scopes: row.scopes,
    origins: row.origins,
    rate_limit_per_minute: row.rate_limit_per_minute,
    created_by: row.created_by,
    rotated_at: iso(row.rotated_at),
    previous_until: iso(row.previous_until),
  };
}
