import { z } from 'zod';
import type { Call, Handlers, Principal, Role, workspaceRoutes } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { PlatformError, notFound } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import { notMember } from '../authentication/resolve-workspace.ts';
import {
  countOwners,
  findMember,
  findPeople,
  listMembers,
  removeMember,
  setMemberRole,
} from './member-store.ts';
import type { MemberRow, PersonRow } from './member-store.ts';
import { ownerNeeded, ownersOnly } from './workspace-errors.ts';
import type { WorkspaceDeps } from './workspace-ports.ts';
import { lockWorkspace } from './workspace-store.ts';

type Names = 'listMembers' | 'updateMember' | 'removeMember';
type MemberDeps = Pick<WorkspaceDeps, 'database' | 'secondFactors' | 'audit'>;

/** Who is in a workspace. Changes of one workspace go one after the other, so that two owners cannot unmake each other. */
export function createMemberHandlers(
  deps: MemberDeps,
): Pick<Handlers<typeof workspaceRoutes>, Names> {
  const { database } = deps;
  return {
    async listMembers({ workspaceId, query }) {
      // Membership comes from behind the wall of the workspace; people are of no workspace.
      const members = await database.workspace(workspaceId, listMembers);
      const { limit, search } = query;
      const after =
        query.cursor === undefined
          ? undefined
          : decodeCursor(query.cursor, z.string().max(64), 'identity.list.cursor_invalid');
      const people = await describePeople(deps, members, { search, after, limit: limit + 1 });
      const { rows, nextCursor } = toPage(people, limit, ({ user_id: id }) => id);
      return { body: { items: rows, next_cursor: nextCursor } };
    },
    async updateMember(call) {
      const { workspaceId, params, body } = call;
      annotateAudit({ details: { role: body.role } });
      const member = await database.workspace(workspaceId, async (tx) => {
        const { actorRole, target } = await openChange(tx, call, params.user_id);
        if ((target.role === 'owner' || body.role === 'owner') && actorRole !== 'owner')
          throw ownersOnly('make owners or change their role');
        if (target.role === 'owner' && body.role !== 'owner' && (await countOwners(tx)) < 2)
          throw ownerNeeded();
        await setMemberRole(tx, target.user_id, body.role);
        annotateAudit({ details: { role: body.role, role_before: target.role } });
        await deps.audit.appendRequest(tx, workspaceId, targetOf(target));
        return { ...target, role: body.role };
      });
      const [described] = await describePeople(deps, [member], { limit: 1 });
      if (described === undefined) throw notFound('member', params.user_id);
      return { body: described };
    },
    async removeMember(call) {
      const { workspaceId, params } = call;
      const principal = call.principal as Principal;
      const leaves = principal.kind === 'user' && principal.id === params.user_id;
      if (!leaves && !principal.permissions.has('members:write')) throw mayNot(principal);
      await database.workspace(workspaceId, async (tx) => {
        const { actorRole, target } = await openChange(tx, call, params.user_id);
        if (target.role === 'owner' && actorRole !== 'owner') throw ownersOnly('can remove owners');
        if (target.role === 'owner' && (await countOwners(tx)) < 2) throw ownerNeeded();
        await removeMember(tx, target.user_id);
        annotateAudit({ details: { role_before: target.role, left: leaves } });
        await deps.audit.appendRequest(tx, workspaceId, targetOf(target));
      });
      return { status: 204 };
    },
  };
}

interface Change extends Pick<Call, 'principal'> {
  workspaceId: WorkspaceId;
}

/** Locks the workspace's members and reads who is who under the lock: what the request knew of roles may be past. */
async function openChange(
  tx: Tx,
  { principal, workspaceId }: Change,
  userId: string,
): Promise<{ actorRole: Role; target: MemberRow }> {
  await lockWorkspace(tx, workspaceId, 'change');
  const actor = principal as Principal;
  const own = actor.kind === 'user' ? await findMember(tx, actor.id) : actor;
  if (own === null) throw notMember();
  const target = await findMember(tx, userId);
  if (target === null) throw notFound('member', userId);
  const isSelf = actor.kind === 'user' && actor.id === userId;
  if (!isSelf && own.role !== 'owner' && own.role !== 'admin') throw mayNot(own);
  return { actorRole: own.role, target };
}

/** Without the name: those of people can be erased only from where actors stand. */
const targetOf = (target: MemberRow) => ({ type: 'member', id: target.user_id, name: '' });

async function describePeople(
  { database, secondFactors }: MemberDeps,
  members: readonly MemberRow[],
  wanted: { search?: string | undefined; after?: string | undefined; limit: number },
) {
  const byId = new Map(members.map((member) => [member.user_id, member]));
  return database.system(async (tx) => {
    const people = await findPeople(tx, { ...wanted, ids: [...byId.keys()] });
    const protectedOnes = await secondFactors.enabledFor(
      tx,
      people.map(({ id }) => id),
    );
    return people.map((person) =>
      presentMember(person, byId.get(person.id) as MemberRow, protectedOnes.has(person.id)),
    );
  });
}

function presentMember(person: PersonRow, member: MemberRow, mfa: boolean) {
  const seen = person.last_seen_at;
  return {
    user_id: person.id,
    name: person.name,
    email: person.email,
    role: member.role,
    mfa,
    joined_at: new Date(member.created_at).toISOString(),
    last_seen_at: seen === null ? null : new Date(seen).toISOString(),
  };
}

function mayNot({ role }: { role: Role }): PlatformError {
  return new PlatformError({
    code: 'auth.permission.missing',
    kind: 'forbidden',
    message: `This needs the permission members:write, which the role ${role} does not have.`,
  });
}
