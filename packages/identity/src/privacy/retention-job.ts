import type { Clock, Logger } from '@automatos/kernel';
import type { Retention } from './retention.ts';

const EVERY_MS = 10 * 60_000;

/** Looks every ten minutes whether deletions of the day are to be made, and makes them. */
export interface RetentionJob {
  start(): void;
  /** Ends after the chunk under way. */
  stop(): Promise<void>;
}

export function createRetentionJob(deps: {
  retention: Pick<Retention, 'runDue'>;
  clock: Clock;
  logger: Logger;
}): RetentionJob {
  const { retention, clock, logger } = deps;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  return {
    start() {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await retention.runDue(stopping.signal).catch((error: unknown) => {
            if (!stopping.signal.aborted)
              logger.warn({ error: String(error) }, 'what is over its period is deleted later');
          });
          // The sleep rejects when it is aborted, which is how this loop ends.
          await clock.sleep(EVERY_MS, stopping.signal).catch(() => undefined);
        }
      })();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
