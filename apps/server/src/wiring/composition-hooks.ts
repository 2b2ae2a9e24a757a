import type { Database } from '@automatos/database';
import type { Authenticator } from '../http/authenticator.ts';

/**
 * Seams for tests that take one wall away to see the other hold alone. They are functions handed to `compose` by code:
 * no setting, argument or environment variable can name one, and `main.ts` passes none.
 */
export interface CompositionHooks {
  /** Stands between the product and its migrated database. */
  database?: (database: Database) => Database;
  /** Stands between requests and whoever tells who they are from. */
  authenticator?: (authenticator: Authenticator) => Authenticator;
}
