import type { WorkspaceId } from '@automatos/kernel';

/** What a workspace says about tools, and which of them serve a task. */
export interface ToolSelection {
  /** Names that are switched off. */
  disabled(workspaceId: WorkspaceId): Promise<ReadonlySet<string>>;
  /** Names of `only`, best for the task first; what has nothing in common with it is left out. */
  rank(
    workspaceId: WorkspaceId,
    task: string,
    options: { only: ReadonlySet<string>; limit: number },
  ): Promise<string[]>;
}
