import type { Logger } from '@automatos/kernel';
import { Redis } from 'ioredis';
import { RATE_WINDOW_MS, toDecision, type RateLimiter } from './rate-limit.ts';

/** One round trip; the expiry is set with the first count, so that a window cannot live for ever. */
const CONSUME = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`;

const COMMAND_MS_MAX = 250;

/** A limiter that all API processes share. While Redis is away each process counts for itself with `fallback`. */
export function createRedisRateLimiter(deps: {
  url: string;
  fallback: RateLimiter;
  logger: Logger;
}): RateLimiter {
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
    if (away) deps.logger.warn({ reason }, 'Redis is away: request limits count per process');
    else deps.logger.info({}, 'Redis is back: request limits are shared again');
  }
  redis.on('error', (error: Error) => setAway(true, error.message));
  redis.on('ready', () => setAway(false));

  return {
    async consume(key, limit) {
      if (redis.status !== 'ready') return deps.fallback.consume(key, limit);
      try {
        const [count, ttl] = (await redis.eval(
          CONSUME,
          1,
          `automatos:rate:${key}`,
          RATE_WINDOW_MS,
        )) as [number, number];
        return toDecision(count, limit, ttl);
      } catch (error) {
        deps.logger.debug(
          { reason: (error as Error).message },
          'a shared request limit was not counted',
        );
        return deps.fallback.consume(key, limit);
      }
    },
    async close() {
      redis.disconnect();
      await deps.fallback.close();
    },
  };
}
