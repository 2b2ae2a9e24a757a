import { randomBytes } from 'node:crypto';
import type { Handlers, Principal, authRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { insertTicket } from '../identity-store.ts';

const TICKET_MS = 60_000;

/** One-use tickets for opening a WebSocket; they hold what their caller may do and no more. */
export function createTicketHandlers(deps: {
  database: Database;
  clock: Clock;
}): Pick<Handlers<typeof authRoutes>, 'ticket'> {
  const { database, clock } = deps;
  return {
    async ticket({ principal, workspaceId, sessionId }) {
      const { kind, id, name, role, permissions, platformAdmin } = principal as Principal;
      const ticket = randomBytes(24).toString('base64url');
      const expiresAt = new Date(clock.now() + TICKET_MS);
      await database.workspace(workspaceId, (tx) =>
        insertTicket(tx, {
          hash: sha256(ticket),
          workspaceId,
          principal: {
            kind,
            id,
            name,
            role,
            scopes: [...permissions],
            ...(platformAdmin === undefined ? {} : { platformAdmin }),
            ...(sessionId === undefined ? {} : { sessionId }),
          },
          expiresAt,
        }),
      );
      return { body: { ticket, expires_at: expiresAt.toISOString() }, status: 201 };
    },
  };
}
