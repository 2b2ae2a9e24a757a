import type { EventData, EventEnvelope } from '@automatos/contracts';
import { newId, PlatformError, toPlatformError, type Clock, type Logger } from '@automatos/kernel';
import type { Runs } from '@automatos/runs';
import { assertPermitted } from '../http/admission.ts';
import type { OpenRoom } from './connection.ts';
import type { RoomSink } from './room-sink.ts';

export interface RoomsDeps {
  runs: Pick<Runs, 'get' | 'follow' | 'watchWorkspace'>;
  /** Asked every `sampleMs` while somebody listens. */
  sampleMetrics: () => Promise<EventData<'metrics.sample'>>;
  sampleMs: number;
  clock: Clock;
  logger: Logger;
}

/** Opens the rooms `workspace`, `run:{id}` and `metrics`, each with its permission. */
export function createRooms(deps: RoomsDeps): OpenRoom {
  const metricsRoom = createMetricsRoom(deps);
  return async (room, sink, resumeAfter) => {
    if (room === 'workspace') return openWorkspace(deps, sink);
    if (room === 'metrics') return metricsRoom(sink);
    const runId = /^run:([0-9a-f-]{36})$/.exec(room)?.[1];
    if (runId !== undefined) return openRun(deps, sink, { runId, resumeAfter });
    throw new PlatformError({
      code: 'realtime.room.unknown',
      kind: 'invalid-input',
      message: `There is no room "${room.slice(0, 50)}"; rooms are workspace, run:{id} and metrics.`,
    });
  };
}

/** Stored events after `resumeAfter`, then live ones; the source waits for the client, so nothing piles up. */
async function openRun(
  deps: RoomsDeps,
  sink: RoomSink,
  from: { runId: string; resumeAfter: number },
): Promise<void> {
  assertPermitted('runs:read', sink.authentication);
  const { workspaceId } = sink.authentication;
  const run = await deps.runs.get(workspaceId, from.runId);
  sink.joined(run.last_seq);
  try {
    for await (const event of deps.runs.follow(workspaceId, from.runId, {
      after: from.resumeAfter,
      signal: sink.signal,
    })) {
      if (!(await sink.deliver(event))) return;
    }
  } catch (error) {
    if (!sink.signal.aborted) throw error;
  }
}

/** Everything of the workspace but token deltas: of fifty runs at once they would drown the rest; a run's own room has them. */
async function openWorkspace(deps: RoomsDeps, sink: RoomSink): Promise<void> {
  assertPermitted('runs:read', sink.authentication);
  const stop = deps.runs.watchWorkspace(sink.authentication.workspaceId, (events) => {
    for (const event of events) {
      if (event.type !== 'llm.delta' && !sink.offer(event)) return;
    }
  });
  sink.signal.addEventListener('abort', stop, { once: true });
  sink.joined(0);
}

/** One timer for all listeners; none without them. */
function createMetricsRoom(deps: RoomsDeps): (sink: RoomSink) => Promise<void> {
  const sinks = new Set<RoomSink>();
  let timer: NodeJS.Timeout | undefined;

  async function tick(): Promise<void> {
    try {
      const data = await deps.sampleMetrics();
      for (const sink of sinks) sink.offer(toEvent(data, sink, deps.clock.now()));
    } catch (error) {
      deps.logger.warn(
        { reason: toPlatformError(error).message },
        'no metrics sample for the live view',
      );
    }
  }

  return async (sink) => {
    assertPermitted('system:read', sink.authentication);
    sinks.add(sink);
    timer ??= setInterval(() => void tick(), deps.sampleMs);
    sink.signal.addEventListener(
      'abort',
      () => {
        sinks.delete(sink);
        if (sinks.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      },
      { once: true },
    );
    sink.joined(0);
    sink.offer(toEvent(await deps.sampleMetrics(), sink, deps.clock.now()));
  };
}

function toEvent(data: EventData<'metrics.sample'>, sink: RoomSink, now: number): EventEnvelope {
  return {
    id: newId(),
    seq: 0,
    workspace_id: sink.authentication.workspaceId,
    type: 'metrics.sample',
    subject: 'system',
    at: new Date(now).toISOString(),
    data,
  };
}
