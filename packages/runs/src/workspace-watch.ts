import type { EventEnvelope } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import { readEvents } from './event-store.ts';
import type { Runs } from './types.ts';

/**
 * Hands out events of a workspace as they are stored. Events of this process come with the wake; those of other
 * processes are read from the log, from where this watcher last stood.
 */
export function createWorkspaceWatch(deps: {
  database: Database;
  bus: EventBus;
  logger: Logger;
}): Runs['watchWorkspace'] {
  return (workspaceId: WorkspaceId, listener: (events: EventEnvelope[]) => void) => {
    const seen = new Map<string, number>();
    let queue: Promise<void> = Promise.resolve();
    const see = (events: EventEnvelope[]) => {
      for (const event of events) if (event.run_id) seen.set(event.run_id, event.seq);
      while (seen.size > 1000) seen.delete(seen.keys().next().value as string);
      if (events.length > 0) listener(events);
    };
    async function fetchRemote(runId: string, seq: number): Promise<void> {
      const after = seen.get(runId) ?? seq - 1;
      if (after >= seq) return;
      see(
        await deps.database.workspace(workspaceId, (tx) =>
          readEvents(tx, runId, { after, limit: 500 }),
        ),
      );
    }
    return deps.bus.onWorkspace(workspaceId, (wake) => {
      const { runId, seq } = wake;
      queue = queue
        .then(() =>
          runId !== undefined && seq !== undefined ? fetchRemote(runId, seq) : see(wake.events),
        )
        .catch((error: unknown) =>
          deps.logger.warn({ error: String(error) }, 'events for a watcher could not be read'),
        );
    });
  };
}
