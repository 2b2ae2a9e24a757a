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
/** A wake may get lost with a broken connection; this bounds how late the log is read then. */
const LOOK_MS = 5_000;
const ENDS = new Set<EventEnvelope['type']>(['run.completed', 'run.failed', 'run.cancelled']);

/**
 * Events of a run from the log, in order of seq, without gaps or repeats; waits for new ones until the run has ended or
 * `signal` aborts. The bus only wakes: what is given out always comes from the log.
 */
export async function* followEvents({ runId, after, signal, bus, clock, read }: Options): AsyncGenerator<EventEnvelope> {
  let wake = deferred<void>();
  const unsubscribe = bus.onRun(runId, () => wake.resolve());
  const onAbort = () => wake.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  let seq = after;
  try {
    while (!signal.aborted) {
      wake = deferred();
      const page = await read({ after: seq, limit: PAGE });
      for (const event of page) {
        seq = event.seq;
        yield event;
        if (ENDS.has(event.type)) return;
      }
      if (page.length === PAGE || signal.aborted) continue;
      const timer = new AbortController();
      await Promise.race([wake.promise, clock.sleep(LOOK_MS, timer.signal).catch(() => undefined)]);
      timer.abort();
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
