import { randomBytes } from 'node:crypto';
import type { Call, Handlers, Principal, apiKeyRoutes } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { isUuid, newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { annotateAudit } from '../audit/index.ts';
import type { AuditLog } from '../audit/index.ts';
import {
  deleteApiKey,
  holdApiKey,
  insertApiKey,
  listApiKeys,
  rotateApiKey,
  updateApiKey,
} from './api-key-store.ts';
import type { ApiKeyRow } from './api-key-store.ts';
import type { KeyOrigins } from './key-origins.ts';
import { assertSettings, assertWithin } from './key-rules.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface KeyDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'appendRequest'>;
  origins: Pick<KeyOrigins, 'changed'>;
}

/** API keys; their secrets leave the server once and are kept as hashes. */
export function createKeyHandlers(deps: KeyDeps): Handlers<typeof apiKeyRoutes> {
  const { database, clock } = deps;
  return {
    async listKeys({ workspaceId, query }) {
      const afterId = query.cursor && isUuid(query.cursor) ? query.cursor : null;
      const rows = await database.workspace(workspaceId, (tx) =>
        listApiKeys(tx, { limit: query.limit + 1, afterId }),
      );
      const items = rows.slice(0, query.limit).map((row) => presentKey(row, clock.now()));
      return {
        body: { items, next_cursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null },
      };
    },
    createKey: (call) => createKey(deps, call),
    updateKey: (call) => updateKey(deps, call),
    rotateKey: (call) => rotateKey(deps, call),
    async deleteKey({ workspaceId, params }) {
      const { key_id: id } = params;
      await database.workspace(workspaceId, async (tx) => {
        const gone = isUuid(id) ? await deleteApiKey(tx, id) : null;
        if (gone === null) throw notFound('api_key', id);
        await record(deps, tx, { workspaceId, id, ...gone });
      });
      return { status: 204 };
    },
  };
}

async function createKey(deps: KeyDeps, call: Call<typeof apiKeyRoutes.createKey>) {
  const { workspaceId, body } = call;
  const principal = call.principal as Principal;
  const { name, kind, role, scopes, origins } = body;
  assertSettings({ kind, role, scopes, origins }, principal);
  const now = deps.clock.now();
  const secret = makeSecret(kind);
  const days = body.expires_in_days;
  const expiresAt = days === undefined ? null : new Date(now + days * DAY_MS).toISOString();
  annotateAudit({ details: { kind, role, scopes, origins, expires_at: expiresAt } });
  const row = await deps.database.workspace(workspaceId, async (tx) => {
    const stored = await insertApiKey(tx, {
      id: newId(now),
      workspaceId,
      name,
      hash: secret.hash,
      start: secret.start,
      role,
      kind,
      scopes: scopes && [...new Set(scopes)],
      origins: [...new Set(origins)],
      rateLimitPerMinute: body.rate_limit_per_minute,
      createdBy: principal.name,
      createdAtMs: now,
      expiresAt,
    });
    await record(deps, tx, { workspaceId, ...stored });
    return stored;
  });
  return { body: { ...presentKey(row, now), key: secret.key }, status: 201 };
}

async function updateKey(deps: KeyDeps, call: Call<typeof apiKeyRoutes.updateKey>) {
  const { workspaceId, body } = call;
  const row = await deps.database.workspace(workspaceId, async (tx) => {
    const before = await heldKey(tx, call);
    const scopes = body.scopes === undefined ? before.scopes : body.scopes;
    const origins = body.origins ?? before.origins;
    assertSettings(
      { kind: before.kind, role: before.role, scopes, origins },
      call.principal as Principal,
    );
    annotateAudit({ details: { scopes, origins } });
    const limit = body.rate_limit_per_minute;
    const stored = await updateApiKey(tx, before.id, {
      name: body.name ?? before.name,
      scopes: scopes && [...new Set(scopes)],
      origins: [...new Set(origins)],
      rateLimitPerMinute: limit === undefined ? before.rate_limit_per_minute : limit,
    });
    await record(deps, tx, { workspaceId, ...stored });
    return stored;
  });
  return { body: presentKey(row, deps.clock.now()) };
}

async function rotateKey(deps: KeyDeps, call: Call<typeof apiKeyRoutes.rotateKey>) {
  const { workspaceId } = call;
  const { grace_hours: hours } = call.body;
  const nowMs = deps.clock.now();
  annotateAudit({ details: { grace_hours: hours } });
  const { row, key } = await deps.database.workspace(workspaceId, async (tx) => {
    const before = await heldKey(tx, call);
    const { hash, start, key } = makeSecret(before.kind);
    const previousUntilMs = hours === 0 ? null : nowMs + hours * HOUR_MS;
    const row = await rotateApiKey(tx, before.id, { hash, start, nowMs, previousUntilMs });
    await record(deps, tx, { workspaceId, ...row });
    return { row, key };
  });
  return { body: { ...presentKey(row, nowMs), key } };
}

/** A key that the caller may change: one that holds no more than they do. */
async function heldKey(
  tx: Tx,
  call: { params: { key_id: string }; principal: Principal | null },
): Promise<ApiKeyRow> {
  const { key_id: id } = call.params;
  const row = isUuid(id) ? await holdApiKey(tx, id) : null;
  if (row === null) throw notFound('api_key', id);
  assertWithin(row, call.principal as Principal);
  return row;
}

async function record(
  { audit, origins }: KeyDeps,
  tx: Tx,
  key: { workspaceId: WorkspaceId; id: string; name: string; kind: ApiKeyRow['kind'] },
): Promise<void> {
  if (key.kind === 'browser') await origins.changed(tx);
  await audit.appendRequest(tx, key.workspaceId, { type: 'api_key', id: key.id, name: key.name });
}

function makeSecret(kind: ApiKeyRow['kind']) {
  const key = `${kind === 'browser' ? 'ak_pub_' : 'ak_srv_'}${randomBytes(24).toString('base64url')}`;
  return { key, hash: sha256(key), start: key.slice(0, 11) };
}

function presentKey(row: ApiKeyRow, nowMs: number) {
  const iso = (time: Date | string | null) => (time === null ? null : new Date(time).toISOString());
  const previousUntil = iso(row.previous_until);
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
    previous_until:
      previousUntil !== null && new Date(previousUntil).getTime() > nowMs ? previousUntil : null,
  };
}
