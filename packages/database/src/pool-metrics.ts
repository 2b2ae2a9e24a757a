import type { Metrics } from '@automatos/kernel';
import type pg from 'pg';
import type { DatabaseCapabilities } from './capabilities.ts';

const EVERY_MS = 5_000;

/** Reports the pool's state as gauges until the returned function is called. */
export function reportPool(
  pool: pg.Pool,
  metrics: Metrics,
  capabilities: DatabaseCapabilities,
): () => void {
  const report = () => {
    metrics.set('amas_db_pool_connections', { state: 'active' }, pool.totalCount - pool.idleCount);
    metrics.set('amas_db_pool_connections', { state: 'idle' }, pool.idleCount);
    metrics.set('amas_db_pool_connections', { state: 'waiting' }, pool.waitingCount);
    // All logical connections of a single-process database share one backend.
    metrics.set(
      'amas_db_pool_max_connections',
      {},
      capabilities.multiProcess ? pool.options.max : 1,
    );
  };
  report();
  const timer = setInterval(report, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
