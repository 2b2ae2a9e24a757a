import type { Session } from '@automatos/sdk';

/** Who may change whom in a workspace, as the page tells it; the server decides again. Pure. */

export type Role = Session['workspace']['role'];

export const ROLES: readonly { role: Role; label: string; help: string }[] = [
  { role: 'owner', label: 'Owner', help: 'everything, and makes and unmakes owners' },
  { role: 'admin', label: 'Admin', help: 'everything but owners' },
  { role: 'member', label: 'Member', help: 'writes recipes and agents, runs them' },
  { role: 'viewer', label: 'Viewer', help: 'reads' },
];

interface Situation {
  /** My own role. */
  mine: Role;
  /** Whether I may change the team at all. */
  mayWrite: boolean;
  /** Owners of the workspace; null while not all people are known. */
  owners: number | null;
}

/** Why the role of somebody cannot be changed; null when it can. */
export function roleLock(role: Role, { mine, mayWrite, owners }: Situation): string | null {
  if (!mayWrite) return 'Admins and owners change roles.';
  if (role !== 'owner') return null;
  if (mine !== 'owner') return 'Only owners change the role of an owner.';
  return owners === 1 ? 'One owner stays: make somebody else an owner first.' : null;
}

/** Roles that I may give. */
export function rolesToGive(mine: Role): Role[] {
  return ROLES.filter(({ role }) => role !== 'owner' || mine === 'owner').map(({ role }) => role);
}

/** Why somebody cannot be removed, or I cannot leave; null when it goes. */
export function removalLock(
  member: { role: Role; me: boolean },
  situation: Situation,
): string | null {
  if (member.role === 'owner' && situation.owners === 1)
    return member.me
      ? 'You are the last owner: make somebody else an owner, or delete the workspace.'
      : 'One owner stays.';
  if (member.me) return null;
  if (!situation.mayWrite) return 'Admins and owners remove people.';
  return member.role === 'owner' && situation.mine !== 'owner'
    ? 'Only owners remove an owner.'
    : null;
}
