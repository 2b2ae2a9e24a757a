import { fileURLToPath } from 'node:url';

/** Version of the product, as health, metrics and the API document say it. */
export const VERSION = '0.1.0';

/** Where the start script keeps what it prepares: the database snapshot of a first start. */
export const SNAPSHOT_DIR = fileURLToPath(
  new URL('../../../../.automatos/database/', import.meta.url),
);

/** The built web application. */
export const WEB_DIR = fileURLToPath(new URL('../../../web/', import.meta.url));
