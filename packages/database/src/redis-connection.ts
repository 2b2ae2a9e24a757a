import type { Logger } from '@automatos/kernel';
import { Redis } from 'ioredis';

const COMMAND_MS_MAX = 250;

export interface RedisConnection {
  redis: Redis;
  /** What `work` gives, or what `fallback` gives while Redis is away or fails; never throws for Redis. */
  orElse<Value>(fallback: () => Value | Promise<Value>, work: () => Promise<Value>): Promise<Value>;
}

/**
 * Connects to Redis, which is an accelerator and never the record: commands are bounded to 250 ms and never queued while it
 * is away. `shared` is what it holds, for the log, e.g. "request limits".
 */
export function connectRedis(deps: {
  url: string;
  logger: Logger;
  shared: string;
}): RedisConnection {
  const { logger, shared } = deps;
  const redis = new Redis(deps.url, {
    commandTimeout: COMMAND_MS_MAX,
    connectTimeout: 5000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(5000, attempt * 200),
  });
  let isAway = false;
  function setAway(away: boolean, reason?: string): void {
    if (away === isAway) return;
    isAway = away;
    if (away) logger.warn({ reason, shared }, 'Redis is away: each process works for itself');
    else logger.info({ shared }, 'Redis is back: processes share again');
  }
  redis.on('error', (error: Error) => setAway(true, error.message));
  redis.on('ready', () => setAway(false));
  return {
    redis,
    async orElse(fallback, work) {
      if (redis.status !== 'ready') return fallback();
      try {
        return await work();
      } catch (error) {
        logger.debug({ reason: (error as Error).message, shared }, 'Redis was not reached');
        return fallback();
      }
    },
  };
}
