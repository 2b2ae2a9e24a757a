import type { Handlers, accountRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { requirePerson } from '../accounts/person.ts';
import { endOtherSessions, endSession, listSessions } from './session-store.ts';
import type { SessionRow } from './session-store.ts';

/** Where a person is signed in, and the end of it. Access tokens of a session end with it. */
export function createSessionHandlers(deps: {
  database: Database;
  clock: Clock;
}): Pick<Handlers<typeof accountRoutes>, 'listSessions' | 'revokeSession' | 'revokeOtherSessions'> {
  const { database, clock } = deps;
  return {
    async listSessions(call) {
      const { userId, sessionId } = requirePerson(call);
      const rows = await database.system((tx) => listSessions(tx, userId, clock.now()));
      return { body: { items: rows.map((row) => present(row, sessionId)) } };
    },
    async revokeSession(call) {
      const { userId } = requirePerson(call);
      const { session_id: id } = call.params;
      const ended = await database.system((tx) => endSession(tx, userId, id));
      if (!ended) throw notFound('session', id);
      return { status: 204 };
    },
    async revokeOtherSessions(call) {
      const { userId, sessionId } = requirePerson(call);
      const revoked = await database.system((tx) => endOtherSessions(tx, userId, sessionId));
      return { body: { revoked } };
    },
  };
}

function present(row: SessionRow, currentId: string | undefined) {
  const iso = (time: Date | string) => new Date(time).toISOString();
  return {
    id: row.id,
    current: row.id === currentId,
    ip_address: row.ip_address,
    user_agent: row.user_agent,
    method: row.method,
    mfa: row.mfa_at !== null,
    created_at: iso(row.created_at),
    last_used_at: iso(row.last_used_at),
    expires_at: iso(row.expires_at),
  };
}
