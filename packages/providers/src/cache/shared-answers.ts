import { connectRedis } from '@automatos/database';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import type { KeptAnswer } from './kept-answers.ts';

/** Answers that all processes share. Never throws: while the store is away there is nothing kept in it. */
export interface SharedAnswers {
  get(workspaceId: WorkspaceId, key: string): Promise<KeptAnswer | undefined>;
  set(
    workspaceId: WorkspaceId,
    key: string,
    entry: { answer: KeptAnswer; ttlMs: number },
  ): Promise<void>;
  /** Forgets those of a workspace; resolves to how many there were. */
  clear(workspaceId: WorkspaceId): Promise<number>;
  close(): Promise<void>;
}

const SCAN_COUNT = 500;

/** Keeps answers in Redis under keys that begin with the workspace; they leave by their age. */
export function createRedisAnswers(deps: { url: string; logger: Logger }): SharedAnswers {
  const { redis, orElse } = connectRedis({ ...deps, shared: 'kept answers' });
  return {
    get: (workspaceId, key) =>
      orElse<KeptAnswer | undefined>(
        () => undefined,
        async () => {
          const text = await redis.get(idOf(workspaceId, key));
          return text === null ? undefined : (JSON.parse(text) as KeptAnswer);
        },
      ),
    set: (workspaceId, key, { answer, ttlMs }) =>
      orElse(
        () => undefined,
        async () => {
          await redis.set(idOf(workspaceId, key), JSON.stringify(answer), 'PX', Math.ceil(ttlMs));
        },
      ),
    clear: (workspaceId) =>
      orElse(
        () => 0,
        async () => {
          let removed = 0;
          let cursor = '0';
          do {
            const [next, keys] = await redis.scan(
              cursor,
              'MATCH',
              idOf(workspaceId, '*'),
              'COUNT',
              SCAN_COUNT,
            );
            if (keys.length > 0) removed += await redis.unlink(...keys);
            cursor = next;
          } while (cursor !== '0');
          return removed;
        },
      ),
    async close() {
      redis.disconnect();
      await Promise.resolve();
    },
  };
}

function idOf(workspaceId: WorkspaceId, key: string): string {
  return `automatos:answers:${workspaceId}:${key}`;
}
