import type { Database } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { rootRunOf } from './counter-store.ts';

const KNOWN_MAX = 10_000;

/** Which run's budget a run counts to, remembered because it never changes. */
export function createRootRuns(database: Pick<Database, 'workspace'>) {
  const known = new Map<string, string>();
  return (workspaceId: WorkspaceId, runId: string): string | Promise<string> => {
    const root = known.get(runId);
    if (root !== undefined) return root;
    if (!isUuid(runId)) return runId;
    return database
      .workspace(workspaceId, (tx) => rootRunOf(tx, runId))
      .then((found) => {
        if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value ?? '');
        known.set(runId, found);
        return found;
      });
  };
}
