import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Role } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import type { InvitationPort } from '../accounts/account-ports.ts';
import {
  acceptInvitation,
  findInvitation,
  hasAccount,
  insertInvitation,
  joinWorkspace,
  revokeOpen,
} from './invitation-store.ts';
import type { InvitationRow, InvitationState } from './invitation-store.ts';
import { lockWorkspace } from './workspace-store.ts';

const DAY_MS = 86_400_000;

export interface FreshInvitation {
  row: InvitationRow;
  /** Shown once; only its hash is kept. */
  token: string;
}

/** Invitations: made in a workspace, and used up by whoever has both the token and the address. */
export interface Invitations extends InvitationPort {
  /** Replaces what was still open for the same address. To be called in a workspace transaction. */
  make(tx: Tx, wanted: WantedInvitation): Promise<FreshInvitation>;
  /** What a living one says. Throws `identity.invitation.unknown` and `identity.invitation.ended`. */
  inspect(token: string): Promise<InvitationRow & { workspace_name: string; hasAccount: boolean }>;
  /** As `redeem`, and gives the invitation. */
  accept(tx: Tx, input: Acceptance): Promise<InvitationRow>;
}

export interface WantedInvitation {
  workspaceId: WorkspaceId;
  email: string;
  role: Role;
  expiresInDays: number;
  invitedBy: { id: string; name: string };
}

interface Acceptance {
  token: string;
  userId: string;
  email: string;
}

export function createInvitations(deps: {
  database: Pick<Database, 'system'>;
  clock: Clock;
}): Invitations {
  const { database, clock } = deps;

  async function accept(tx: Tx, { token, userId, email }: Acceptance): Promise<InvitationRow> {
    const found = await living(tx, clock, { token });
    // The order of locks of everything else that touches both: workspace first, so that none waits for the other in a circle.
    await tx.execute(sql`SELECT id FROM workspaces WHERE id = ${found.workspace_id} FOR KEY SHARE`);
    const invitation = await living(tx, clock, { token, lock: true });
    if (invitation.email !== email.toLowerCase()) throw otherPerson();
    const { workspace_id: workspaceId, role } = invitation;
    if (!(await joinWorkspace(tx, { workspaceId, userId, role }))) throw memberAlready();
    await acceptInvitation(tx, invitation.id, { userId, nowMs: clock.now() });
    return invitation;
  }

  return {
    async make(tx, wanted) {
      const now = clock.now();
      const email = wanted.email.toLowerCase();
      const token = `inv_${randomBytes(32).toString('base64url')}`;
      // Serialises with others who invite the same address.
      await lockWorkspace(tx, wanted.workspaceId, 'change');
      await revokeOpen(tx, email, now);
      const row = await insertInvitation(tx, {
        id: newId(now),
        workspaceId: wanted.workspaceId,
        email,
        role: wanted.role,
        tokenHash: sha256(token),
        invitedById: wanted.invitedBy.id,
        invitedBy: wanted.invitedBy.name,
        createdMs: now,
        expiresMs: now + wanted.expiresInDays * DAY_MS,
      });
      return { row, token };
    },
    inspect: (token) =>
      database.system(async (tx) => {
        const found = await living(tx, clock, { token });
        return { ...found, hasAccount: await hasAccount(tx, found.email) };
      }),
    async peek(token) {
      const found = await database.system((tx) =>
        findInvitation(tx, sha256(token), { nowMs: clock.now() }),
      );
      if (found?.state !== 'pending') return null;
      return { email: found.email, workspaceId: found.workspace_id, role: found.role };
    },
    accept,
    redeem: async (tx, input) => (await accept(tx, input)).workspace_id,
  };
}

async function living(tx: Tx, clock: Clock, { token, lock }: { token: string; lock?: boolean }) {
  const found = await findInvitation(tx, sha256(token), {
    nowMs: clock.now(),
    ...(lock === undefined ? {} : { lock }),
  });
  if (found === null) {
    throw new PlatformError({
      code: 'identity.invitation.unknown',
      kind: 'not-found',
      message: 'There is no such invitation; check that the link is whole, or ask for a new one.',
    });
  }
  if (found.state !== 'pending') throw ended(found.state);
  return found;
}

function ended(state: Exclude<InvitationState, 'pending'>): PlatformError {
  const why = { accepted: 'was used already', expired: 'has run out', revoked: 'was taken back' };
  return new PlatformError({
    code: 'identity.invitation.ended',
    kind: 'conflict',
    message: `This invitation ${why[state]}; ask for a new one.`,
  });
}

function otherPerson(): PlatformError {
  return new PlatformError({
    code: 'identity.invitation.other_person',
    kind: 'forbidden',
    message:
      'This invitation is for another e-mail address; sign in with the account that has it, or ask for an invitation to yours.',
  });
}

/** Who is in the workspace already has nothing to accept. */
export function memberAlready(): PlatformError {
  return new PlatformError({
    code: 'identity.member.exists',
    kind: 'conflict',
    message: 'This person is in the workspace already.',
    errors: [{ pointer: '/email', message: 'is a member already' }],
  });
}
