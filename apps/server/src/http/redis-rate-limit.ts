import { connectRedis } from '@automatos/database';
import type { Logger } from '@automatos/kernel';
import { RATE_WINDOW_MS, toDecision, type RateLimiter } from './rate-limit.ts';

/** One round trip; the expiry is set with the first count, so that a window cannot live for ever. */
const CONSUME = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`;

/** A limiter that all API processes share. While Redis is away each process counts for itself with `fallback`. */
export function createRedisRateLimiter(deps: {
  url: string;
  fallback: RateLimiter;
  logger: Logger;
}): RateLimiter {
  const { redis, orElse } = connectRedis({ ...deps, shared: 'request limits' });
  return {
    consume: (key, limit) =>
      orElse(
        () => deps.fallback.consume(key, limit),
        async () => {
          const [count, ttl] = (await redis.eval(
            CONSUME,
            1,
            `automatos:rate:${key}`,
            RATE_WINDOW_MS,
          )) as [number, number];
          return toDecision(count, limit, ttl);
        },
      ),
    async close() {
      redis.disconnect();
      await deps.fallback.close();
    },
  };
}
