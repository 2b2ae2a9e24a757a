import type { EventEnvelope } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Logger } from '@automatos/kernel';

/** PostgreSQL channel that wakes other processes; payload `workspace:run:seq,…`. */
export const EVENTS_CHANNEL = 'automatos_events';

/** `events` are those stored just now by this process; empty when another process stored them. */
type RunListener = (events: EventEnvelope[]) => void;
type WorkspaceListener = (wake: { events: EventEnvelope[]; runId?: string; seq?: number }) => void;

/**
 * Wakes those who wait for events. It carries no history: listeners read what they miss from the log, so a lost wake
 * costs time, never an event.
 */
export interface EventBus {
  publish(events: EventEnvelope[]): void;
  onRun(runId: string, listener: RunListener): () => void;
  onWorkspace(workspaceId: string, listener: WorkspaceListener): () => void;
  /** Hears other processes, when there can be any. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

function addTo<T>(map: Map<string, Set<T>>, key: string, listener: T): () => void {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0 && map.get(key) === set) map.delete(key);
  };
}

export function createEventBus(deps: { database: Database; logger: Logger }): EventBus {
  const runs = new Map<string, Set<RunListener>>();
  const workspaces = new Map<string, Set<WorkspaceListener>>();
  /** Newest seq this process published itself: its own NOTIFY comes back and must not be delivered twice. */
  const published = new Map<string, number>();
  let stopListening: (() => Promise<void>) | null = null;

  function guarded<T>(listener: (value: T) => void, value: T): void {
    try {
      listener(value);
    } catch (error) {
      deps.logger.error({ error: String(error) }, 'event listener failed');
    }
  }

  function onRemote(payload: string): void {
    for (const entry of payload.split(',')) {
      const [workspaceId = '', runId = '', seqText = '0'] = entry.split(':');
      const seq = Number(seqText);
      if ((published.get(runId) ?? 0) >= seq) continue;
      for (const listener of runs.get(runId) ?? []) guarded(listener, []);
      for (const listener of workspaces.get(workspaceId) ?? [])
        guarded(listener, { events: [], runId, seq });
    }
  }

  function remember(event: EventEnvelope): void {
    if (!event.run_id || !deps.database.capabilities.multiProcess) return;
    published.delete(event.run_id);
    published.set(event.run_id, event.seq);
    if (published.size > 10_000) published.delete(published.keys().next().value as string);
  }

  return {
    publish(events) {
      events.forEach(remember);
      for (const [workspaceId, ofWorkspace] of Map.groupBy(events, (event) => event.workspace_id)) {
        for (const listener of workspaces.get(workspaceId) ?? [])
          guarded(listener, { events: ofWorkspace });
      }
      for (const [runId, ofRun] of Map.groupBy(events, (event) => event.run_id ?? '')) {
        for (const listener of runs.get(runId) ?? []) guarded(listener, ofRun);
      }
    },
    onRun: (runId, listener) => addTo(runs, runId, listener),
    onWorkspace: (workspaceId, listener) => addTo(workspaces, workspaceId, listener),
    async start() {
      if (deps.database.capabilities.multiProcess)
        stopListening = await deps.database.listen(EVENTS_CHANNEL, onRemote);
    },
    async stop() {
      await stopListening?.();
      stopListening = null;
    },
  };
}
