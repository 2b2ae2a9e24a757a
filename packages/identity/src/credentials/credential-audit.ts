import type { WorkspaceId } from '@automatos/kernel';
import type { CredentialRow } from './credential-tables.ts';

/**
 * Where it is written down that the product acted with a credential, at most once a minute for a credential, workspace and purpose.
 * Filled by the composition. What people change is recorded with their requests.
 */
export type AuditCredentialUse = (use: {
  /** For whom it was used; the credential itself may be the platform's. */
  workspaceId: WorkspaceId;
  credential: Pick<CredentialRow, 'id' | 'type' | 'name'>;
  purpose: string;
}) => void;
