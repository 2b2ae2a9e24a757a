import { PlatformError } from '@automatos/kernel';
import type { Role } from '@automatos/contracts';

const RANK: Readonly<Record<Role, number>> = { viewer: 0, member: 1, admin: 2, owner: 3 };

/** True when somebody with `role` may hand out `other`. */
export function isAtLeast(role: Role, other: Role): boolean {
  return RANK[role] >= RANK[other];
}

export function ownersOnly(what: string): PlatformError {
  return new PlatformError({
    code: 'identity.member.owner_only',
    kind: 'forbidden',
    message: `Only owners of the workspace ${what}.`,
  });
}

export function ownerNeeded(): PlatformError {
  return new PlatformError({
    code: 'identity.member.last_owner',
    kind: 'conflict',
    message: 'The workspace needs an owner: make somebody else owner first.',
  });
}

export function slugTaken(slug: string): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.slug_taken',
    kind: 'conflict',
    message: `Another workspace has the short name "${slug}".`,
    errors: [{ pointer: '/slug', message: 'already in use' }],
  });
}

/** SQLSTATE of a unique constraint, wherever the query builder put it. */
export function isTaken(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return code === '23505' || cause?.code === '23505';
}
