import { sql } from 'drizzle-orm';
import { membershipsOf } from '../accounts/present-session.ts';
import { createPersonalWorkspace } from '../identity-store.ts';
import type { Membership } from '../identity-store.ts';
import type { AuthenticationDeps } from './types.ts';

/**
 * Workspaces of somebody who is in none: a personal one is made. Without it a person who was removed from their only workspace
 * could not sign out, accept another invitation or reach their own data.
 */
export async function ensureOwnWorkspace(
  { database, onWorkspaceCreated }: AuthenticationDeps,
  person: { id: string; name: string },
): Promise<Membership[]> {
  const { memberships, made } = await database.system(async (tx) => {
    // Requests of one page come at the same time; the first of them makes it.
    await tx.execute(sql`SELECT id FROM users WHERE id = ${person.id} FOR UPDATE`);
    const there = await membershipsOf(tx, person.id);
    if (there.length > 0) return { memberships: there, made: null };
    const id = await createPersonalWorkspace(tx, person);
    return { memberships: await membershipsOf(tx, person.id), made: id };
  });
  if (made !== null) await onWorkspaceCreated?.(made);
  return memberships;
}
