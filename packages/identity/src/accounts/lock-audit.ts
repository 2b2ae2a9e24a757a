import type { Database } from '@automatos/database';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { AuditLog } from '../audit/index.ts';
import type { Tried } from './sign-in-guard.ts';

export interface LockAuditDeps {
  database: Pick<Database, 'system'>;
  clock: Pick<Clock, 'now'>;
  audit: Pick<AuditLog, 'append'>;
}

/** Who tried, for the record. */
export interface Attempt {
  remoteAddress: string;
  requestId: string;
  headers: Readonly<Record<string, string | undefined>>;
}

/** Records that tries at an account were locked; refusals that follow are not, since nothing is tried in them. */
export async function recordLock(
  { database, clock, audit }: LockAuditDeps,
  { userId, kind }: { userId: string; kind: Tried['kind'] },
  attempt: Attempt,
): Promise<void> {
  await database.system(async (tx) => {
    const found = await tx.execute<{ workspace_id: string }>(
      sql`SELECT workspace_id FROM members WHERE user_id = ${userId} ORDER BY created_at, workspace_id LIMIT 1`,
    );
    await audit.append(tx, {
      id: newId(clock.now()),
      workspaceId: (found.rows[0]?.workspace_id ?? DEFAULT_WORKSPACE_ID) as WorkspaceId,
      actor: {
        kind: 'anonymous',
        id: '',
        name: '',
        ip: attempt.remoteAddress,
        userAgent: attempt.headers['user-agent'],
      },
      action: kind === 'mfa' ? 'mfa.lock' : 'auth.lock',
      target: { type: 'user', id: userId, name: '' },
      outcome: 'denied',
      requestId: attempt.requestId,
      details: { tries: kind },
    });
  });
}
