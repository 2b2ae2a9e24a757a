import type { Call, Principal } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import { eq, or } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { agents } from './agent-tables.ts';

/** Who looks: agents that only their creator sees are found by that one and by the workspace's administrators. */
export interface Viewer {
  /** Id of the principal. */
  id: string;
  seesAll: boolean;
}

/** Where something is read or changed and on whose behalf. */
export interface Scope {
  workspaceId: WorkspaceId;
  /** Name kept with the version. */
  by: string;
  /** Null: the product itself, which sees every agent. */
  viewer: Viewer | null;
}

export function viewerOf(principal: Principal): Viewer {
  const { kind, id, role } = principal;
  return { id, seesAll: kind === 'operator' || role === 'owner' || role === 'admin' };
}

export function scopeOf({
  workspaceId,
  principal,
}: Pick<Call, 'workspaceId' | 'principal'>): Scope {
  return {
    workspaceId,
    by: principal?.name ?? 'system',
    viewer: principal === null ? null : viewerOf(principal),
  };
}

/** Agents that the workspace shares: what recipes, tasks and models of `/v1` may name. */
export const SHARED: SQL = eq(agents.visibility, 'workspace');

/** Condition on rows of `agents`; undefined lets all of them through. */
export function visibleTo(viewer: Viewer | null): SQL | undefined {
  if (viewer === null || viewer.seesAll) return undefined;
  return or(SHARED, eq(agents.createdById, viewer.id));
}
