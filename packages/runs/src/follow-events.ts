import type { EventEnvelope } from '@automatos/contracts';
import { deferred } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';

interface Options {
  runId: string;
  after: number;
  signal: AbortSignal;
  bus: EventBus;
  clock: Clock;
  read: (page: { after: number; limit: number }) => Promise<EventEnvelope[]>;
}

const PAGE = 500;
/** What a slow reader may have waiting in memory; beyond it, the log is read. */
const FRESH_MAX = 1_000;
/** A wake may get lost with a broken connection; this bounds how late the log is read then. */
const LOOK_MS = 5_000;
const ENDS = new Set<EventEnvelope['type']>(['run.completed', 'run.failed', 'run.cancelled']);

/**
 * Events of a run in order of seq, without gaps or repeats; waits for new ones until the run has ended or `signal`
 * aborts. Events that come with a wake are given out directly when they continue the sequence, else the log is read.
 */
export async function* followEvents({
  runId,
  after,
  signal,
  bus,
  clock,
  read,
}: Options): AsyncGenerator<EventEnvelope> {
  let wake = deferred<void>();
  let fresh: EventEnvelope[] = [];
  const unsubscribe = bus.onRun(runId, (events) => {
    fresh.push(...events);
    if (fresh.length > FRESH_MAX) fresh = [];
    wake.resolve();
  });
  const onAbort = () => wake.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  let seq = after;
  try {
    while (!signal.aborted) {
      wake = deferred();
      const known = fresh.filter((event) => event.seq > seq);
      fresh = [];
      const page = known[0]?.seq === seq + 1 ? known : await read({ after: seq, limit: PAGE });
      for (const event of page) {
        seq = event.seq;
        yield event;
        if (ENDS.has(event.type)) return;
      }
      if (page.length > 0 || signal.aborted) continue;
      const timer = new AbortController();
      await Promise.race([wake.promise, clock.sleep(LOOK_MS, timer.signal).catch(() => undefined)]);
      timer.abort();
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
