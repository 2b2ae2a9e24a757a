import type { Role } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';

/** Invitations as accounts see them; filled by the room of workspaces. */
export interface InvitationPort {
  /** What a living invitation says; null when the token is unknown, used, revoked or expired. Uses nothing up. */
  peek(token: string): Promise<{ email: string; workspaceId: WorkspaceId; role: Role } | null>;
  /**
   * Uses the invitation up and makes the person a member, in the transaction that makes the account. Throws when it is not for
   * this address, or was used up meanwhile.
   */
  redeem(tx: Tx, input: { token: string; userId: string; email: string }): Promise<WorkspaceId>;
}
