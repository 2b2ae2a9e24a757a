import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import type { CacheOutcome } from '../usage/usage-tables.ts';
import type { CacheStats } from './cache-port.ts';

/** What became of look-ups, for people and for metrics. */
export interface CacheFigures {
  record(workspaceId: WorkspaceId, outcome: CacheOutcome, savedMicros: number): void;
  evicted(): void;
  of(workspaceId: WorkspaceId): Omit<CacheStats, 'entries'>;
}

const NONE = { hits: 0, misses: 0, shared: 0, savedMicros: 0 };
const MINUTE_MS = 60_000;
const RATE_MINUTES = 5;

export function createCacheFigures({
  clock,
  metrics,
}: {
  clock: Clock;
  metrics: Metrics;
}): CacheFigures {
  const sums = new Map<WorkspaceId, Omit<CacheStats, 'entries'>>();
  let minutes: { minute: number; hits: number; all: number }[] = [];

  function rate(isHit: boolean): number {
    const minute = Math.floor(clock.now() / MINUTE_MS);
    minutes = minutes.filter((each) => each.minute > minute - RATE_MINUTES);
    let current = minutes.at(-1);
    if (current?.minute !== minute) {
      current = { minute, hits: 0, all: 0 };
      minutes.push(current);
    }
    current.all += 1;
    if (isHit) current.hits += 1;
    const sum = (field: 'hits' | 'all') => minutes.reduce((total, each) => total + each[field], 0);
    return sum('hits') / sum('all');
  }

  return {
    record(workspaceId, outcome, savedMicros) {
      const isHit = outcome === 'hit' || outcome === 'semantic';
      if (outcome === 'shared')
        metrics.count('amas_cache_stampede_waits_total', { cache_type: 'llm' });
      else {
        const result = isHit ? 'hit' : 'miss';
        metrics.count('amas_cache_operations_total', { cache_type: 'llm', result });
        metrics.set('amas_cache_hit_rate', { cache_type: 'llm' }, rate(isHit));
      }
      const before = sums.get(workspaceId) ?? NONE;
      sums.set(workspaceId, {
        hits: before.hits + Number(isHit),
        misses: before.misses + Number(outcome === 'miss'),
        shared: before.shared + Number(outcome === 'shared'),
        savedMicros: before.savedMicros + savedMicros,
      });
    },
    evicted: () =>
      metrics.count('amas_cache_evictions_total', { cache_type: 'llm', reason: 'size' }),
    of: (workspaceId) => sums.get(workspaceId) ?? NONE,
  };
}
