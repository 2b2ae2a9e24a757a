import type { EventEnvelope } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Logger } from '@automatos/kernel';
import { EVENTS_CHANNEL } from './event-bus.ts';

/** NOTIFY payloads are limited to 8,000 bytes. */
const ENTRIES_PER_PAYLOAD = 80;

/**
 * Wakes listeners in other processes after events were committed. Not part of that transaction: the server lets one
 * commit with a notification through at a time, and one that also waits for the disk would hold up all others. A wake
 * that a crash loses costs listeners a look at the log.
 */
export interface EventWakes {
  send(events: EventEnvelope[]): void;
  /** Resolves when what was given so far is sent. */
  stop(): Promise<void>;
}

export function createEventWakes(deps: { database: Database; logger: Logger }): EventWakes {
  const { database, logger } = deps;
  /** Entry with the newest seq of each run that has news. */
  let waiting = new Map<string, string>();
  let running: Promise<void> | null = null;

  async function work(): Promise<void> {
    while (waiting.size > 0) {
      const entries = [...waiting.values()];
      waiting = new Map();
      const payloads: string[] = [];
      for (let from = 0; from < entries.length; from += ENTRIES_PER_PAYLOAD)
        payloads.push(entries.slice(from, from + ENTRIES_PER_PAYLOAD).join(','));
      await database.pool
        .query({
          name: 'automatos_wake_listeners',
          text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload',
          values: [EVENTS_CHANNEL, payloads],
        })
        .catch((error: unknown) =>
          logger.warn(
            { error: String(error) },
            'listeners elsewhere not woken, they look by themselves',
          ),
        );
    }
    // At once, not when the promise settles: what comes in between would wait for the next news.
    running = null;
  }
  return {
    send(events) {
      if (!database.capabilities.multiProcess) return;
      for (const { run_id: runId, workspace_id: workspaceId, seq } of events)
        if (runId) waiting.set(runId, `${workspaceId}:${runId}:${seq}`);
      if (waiting.size > 0) running ??= work();
    },
    async stop() {
      await running;
    },
  };
}
