import type { Database, Tx } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { AuditLog } from '../audit/index.ts';

/** Second factors as the people of a workspace and administrators see them. */
export interface SecondFactorPort {
  /** Which of these people have one. */
  enabledFor(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Takes it away with its backup codes, for people who lost both; `forget` then removes its secret from where that is kept. */
  remove(tx: Tx, userId: string): Promise<{ forget: () => Promise<void> }>;
}

/** What of a workspace lies in other rooms and has to be asked, or has to go, when it is deleted. */
export interface WorkspaceContents {
  /** Runs that have not ended, in the transaction that deletes: none can begin until it ends. */
  openRuns(tx: Tx): Promise<number>;
  /** Reads what is kept outside of the database; the function that it gives forgets that, once the rows are gone. */
  outside(tx: Tx, workspaceId: WorkspaceId): Promise<() => Promise<void>>;
}

export interface WorkspaceDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'appendRequest'>;
  secondFactors: SecondFactorPort;
  contents: WorkspaceContents;
  /** Without a slash at the end; the links of invitations begin with it. */
  publicUrl: string;
  /** Workspaces that the configuration names; they cannot be deleted. */
  keptWorkspaces: ReadonlySet<string>;
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}
