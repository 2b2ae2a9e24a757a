import type { CredentialRoom, WorkspaceContents } from '@automatos/identity';
import { sql } from 'drizzle-orm';

/** What of a workspace its deletion has to ask other rooms for; the rest goes with its rows. */
export function createWorkspaceContents(deps: {
  credentials: Pick<CredentialRoom, 'leaveWorkspace'>;
}): WorkspaceContents {
  return {
    async openRuns(tx) {
      const { rows } = await tx.execute(
        sql`SELECT count(*)::int AS open FROM runs WHERE status NOT IN ('completed','failed','cancelled')`,
      );
      return (rows[0] as { open: number }).open;
    },
    outside: (tx, workspaceId) => deps.credentials.leaveWorkspace(tx, workspaceId),
  };
}
