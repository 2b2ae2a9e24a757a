import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import type { Config } from '../config.ts';
import type { Closers } from './closers.ts';

/** What every part of the composition gets. */
export interface BaseDeps {
  config: Config;
  logger: Logger;
  clock: Clock;
  metrics: Metrics;
  closers: Closers;
  database: Database;
}
