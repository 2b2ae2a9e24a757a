import { PlatformError, isUuid } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import type { Membership } from '../identity-store.ts';
import type { Credentials } from './types.ts';

export function requestedWorkspace(request: Credentials): WorkspaceId | undefined {
  const asked = request.headers['x-workspace-id'] ?? request.query['workspace_id'];
  if (asked === undefined) return undefined;
  // Not an id: nobody is a member of it.
  if (typeof asked !== 'string' || !isUuid(asked)) throw notMember();
  return asked as WorkspaceId;
}

export function chooseWorkspace(
  memberships: Membership[],
  request: Credentials,
  fallback: WorkspaceId | undefined,
): Membership {
  const asked = requestedWorkspace(request);
  const chosen =
    asked === undefined
      ? (memberships.find((member) => member.id === fallback) ?? memberships[0])
      : memberships.find((member) => member.id === asked);
  if (!chosen) throw notMember();
  return chosen;
}

export function notMember(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.not_member',
    kind: 'forbidden',
    message: 'You are no member of the workspace that this request names.',
  });
}
