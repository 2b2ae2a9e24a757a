import type { Call, Handlers, Principal, workspaceRoutes } from '@automatos/contracts';
import { toPage } from '@automatos/database';
import { notFound } from '@automatos/kernel';
import { requirePerson } from '../accounts/person.ts';
import { annotateAudit } from '../audit/index.ts';
import { findWorkspace } from '../identity-store.ts';
import { emailOf, isMemberByEmail, listInvitations, revokeInvitation } from './invitation-store.ts';
import type { InvitationRow } from './invitation-store.ts';
import { memberAlready } from './invitations.ts';
import type { Invitations } from './invitations.ts';
import { presentWorkspace, readIdCursor } from './workspace-handlers.ts';
import { isAtLeast, ownersOnly } from './workspace-errors.ts';
import type { WorkspaceDeps } from './workspace-ports.ts';

type Names =
  | 'listInvitations'
  | 'createInvitation'
  | 'revokeInvitation'
  | 'inspectInvitation'
  | 'acceptInvitation';
type InvitationDeps = Pick<WorkspaceDeps, 'database' | 'clock' | 'audit' | 'publicUrl'> & {
  invitations: Invitations;
};

export function createInvitationHandlers(
  deps: InvitationDeps,
): Pick<Handlers<typeof workspaceRoutes>, Names> {
  const { database, clock, audit, invitations } = deps;
  return {
    async listInvitations({ workspaceId, query }) {
      const { limit, state } = query;
      const page = { limit, state, before: readIdCursor(query.cursor) };
      const found = await database.workspace(workspaceId, (tx) =>
        listInvitations(tx, clock.now(), page),
      );
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      return { body: { items: rows.map(presentInvitation), next_cursor: nextCursor } };
    },
    createInvitation: (call) => invite(deps, call),
    async revokeInvitation({ workspaceId, params }) {
      const { invitation_id: id } = params;
      const isRevoked = await database.workspace(workspaceId, async (tx) => {
        if (!(await revokeInvitation(tx, id, clock.now()))) return false;
        await audit.appendRequest(tx, workspaceId, { type: 'invitation', id, name: '' });
        return true;
      });
      if (!isRevoked) throw notFound('invitation', id);
      return { status: 204 };
    },
    async inspectInvitation({ body }) {
      const found = await invitations.inspect(body.token);
      return {
        body: {
          workspace_name: found.workspace_name,
          email: found.email,
          role: found.role,
          invited_by: found.invited_by,
          expires_at: new Date(found.expires_at).toISOString(),
          has_account: found.hasAccount,
        },
      };
    },
    acceptInvitation: (call) => accept(deps, call),
  };
}

async function invite(
  { database, audit, invitations, publicUrl }: InvitationDeps,
  { workspaceId, principal, body }: Call<typeof workspaceRoutes.createInvitation>,
) {
  const { id, name, role } = principal as Principal;
  if (!isAtLeast(role, body.role)) throw ownersOnly('can invite owners');
  const email = body.email.toLowerCase();
  if (await isMemberByEmail(database, workspaceId, email)) throw memberAlready();
  const { row, token } = await database.workspace(workspaceId, async (tx) => {
    const made = await invitations.make(tx, {
      workspaceId,
      email,
      role: body.role,
      expiresInDays: body.expires_in_days,
      invitedBy: { id, name },
    });
    annotateAudit({ details: { role: body.role, expires_in_days: body.expires_in_days } });
    await audit.appendRequest(tx, workspaceId, { type: 'invitation', id: made.row.id, name: '' });
    return made;
  });
  // Browsers send what follows the # to no server, so no log of one holds it.
  const url = `${publicUrl}/invitation#${token}`;
  return { body: { ...presentInvitation(row), token, url }, status: 201 };
}

async function accept(
  { database, audit, invitations }: InvitationDeps,
  call: Call<typeof workspaceRoutes.acceptInvitation>,
) {
  const { userId } = requirePerson(call);
  const { joined, role } = await database.system(async (tx) => {
    const email = await emailOf(tx, userId);
    const invitation = await invitations.accept(tx, { token: call.body.token, userId, email });
    const { id, workspace_id: workspaceId } = invitation;
    annotateAudit({ details: { role: invitation.role } });
    await audit.appendRequest(tx, workspaceId, { type: 'invitation', id, name: '' });
    return { joined: await findWorkspace(tx, workspaceId), role: invitation.role };
  });
  if (joined === null) throw notFound('workspace', '');
  return { body: presentWorkspace({ ...joined, role, created_at: joined.createdAt }) };
}

function presentInvitation(row: InvitationRow) {
  const iso = (time: Date | string) => new Date(time).toISOString();
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    state: row.state,
    invited_by: row.invited_by,
    created_at: iso(row.created_at),
    expires_at: iso(row.expires_at),
  };
}
