import { adminRoutes, bindRoutes, workspaceRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import { createAdminHandlers } from './admin-handlers.ts';
import { createInvitationHandlers } from './invitation-handlers.ts';
import type { Invitations } from './invitations.ts';
import { createMemberHandlers } from './member-handlers.ts';
import { createWorkspaceHandlers } from './workspace-handlers.ts';
import type { WorkspaceDeps } from './workspace-ports.ts';

/** Workspaces, their members and invitations, and what administrators of the platform do. */
export function createWorkspaceRoutes(
  deps: WorkspaceDeps & { invitations: Invitations },
): BoundRoute[] {
  return [
    ...bindRoutes(workspaceRoutes, {
      ...createWorkspaceHandlers(deps),
      ...createMemberHandlers(deps),
      ...createInvitationHandlers(deps),
    }),
    ...bindRoutes(adminRoutes, createAdminHandlers(deps)),
  ];
}
