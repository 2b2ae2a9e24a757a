import type { Database } from '@automatos/database';
import { createThreats } from '@automatos/identity';
import type { Threats } from '@automatos/identity';
import type { BaseDeps } from './base-deps.ts';

/** The threat detector, with blocks and settings read before the first request. */
export async function composeThreats(deps: BaseDeps & { database: Database }): Promise<Threats> {
  const { database, clock, metrics, closers } = deps;
  const logger = deps.logger.child({ room: 'threats' });
  const threats = createThreats({ database, clock, logger, metrics });
  closers.add('threat detector', () => threats.close());
  await threats.start();
  return threats;
}
