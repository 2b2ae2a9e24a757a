import { z } from 'zod';
import type { Call, Handlers, adminRoutes } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { PlatformError, notFound } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import {
  countAdministrators,
  findAccount,
  listAccounts,
  listInstalledWorkspaces,
  lockAdministrators,
  setAdministrator,
  setDisabled,
} from './admin-store.ts';
import type { AccountRow } from './admin-store.ts';
import { readIdCursor } from './workspace-handlers.ts';
import type { WorkspaceDeps } from './workspace-ports.ts';

type AdminDeps = Pick<WorkspaceDeps, 'database' | 'clock' | 'secondFactors'>;
type Update = Call<typeof adminRoutes.updateUser>;

/** What platform administrators see and change of people and workspaces. */
export function createAdminHandlers(deps: AdminDeps): Handlers<typeof adminRoutes> {
  const { database, secondFactors } = deps;
  return {
    async listUsers({ query }) {
      const { limit, search } = query;
      const after =
        query.cursor === undefined
          ? undefined
          : decodeCursor(query.cursor, z.string().max(64), 'identity.list.cursor_invalid');
      return database.system(async (tx) => {
        const found = await listAccounts(tx, { limit, search, after });
        const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
        const ids = rows.map(({ id }) => id);
        const withFactor = await secondFactors.enabledFor(tx, ids);
        const items = rows.map((row) => presentAccount(row, withFactor.has(row.id)));
        return { body: { items, next_cursor: nextCursor } };
      });
    },
    async updateUser(call) {
      const { account, forget } = await database.system((tx) => updateUser(deps, tx, call));
      await forget();
      return { body: account };
    },
    async listAllWorkspaces({ query }) {
      const { limit, search } = query;
      const page = { limit, search, after: readIdCursor(query.cursor) };
      const found = await database.system((tx) => listInstalledWorkspaces(tx, page));
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      const items = rows.map((row) => ({
        ...row,
        created_at: new Date(row.created_at).toISOString(),
      }));
      return { body: { items, next_cursor: nextCursor } };
    },
  };
}

async function updateUser({ clock, secondFactors }: AdminDeps, tx: Tx, { params, body }: Update) {
  const userId = params.user_id;
  const told = Object.entries(body).filter(
    (entry): entry is [string, boolean] => entry[1] !== undefined,
  );
  annotateAudit({
    target: { type: 'user', id: userId, name: '' },
    details: Object.fromEntries(told),
  });
  await lockAdministrators(tx);
  const before = await findAccount(tx, userId);
  if (before === null) throw notFound('user', userId);
  const hadAdministrator = (await countAdministrators(tx)) > 0;
  if (body.platform_admin !== undefined) await setAdministrator(tx, userId, body.platform_admin);
  if (body.disabled !== undefined && body.disabled !== before.disabled)
    await setDisabled(tx, userId, { disabled: body.disabled, nowMs: clock.now() });
  if (hadAdministrator && (await countAdministrators(tx)) === 0) throw administratorNeeded();
  const { forget } =
    body.reset_mfa === true
      ? await secondFactors.remove(tx, userId)
      : { forget: () => Promise.resolve() };
  const after = (await findAccount(tx, userId)) as AccountRow;
  const mfa = (await secondFactors.enabledFor(tx, [userId])).has(userId);
  return { account: presentAccount(after, mfa), forget };
}

function presentAccount(row: AccountRow, mfa: boolean) {
  return {
    ...row,
    mfa,
    created_at: new Date(row.created_at).toISOString(),
    last_seen_at: row.last_seen_at === null ? null : new Date(row.last_seen_at).toISOString(),
  };
}

function administratorNeeded(): PlatformError {
  return new PlatformError({
    code: 'identity.administrator.last',
    kind: 'conflict',
    message:
      'The installation needs an administrator who can sign in: make somebody else one first.',
  });
}
