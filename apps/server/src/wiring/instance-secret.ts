import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';

const BYTES = 32;

interface Place {
  dataDir: string;
  /** `AUTOMATOS_SECRET`; wins over the file. */
  configured: string | undefined;
}

/**
 * The installation's own secret, from which those of triggers and webhooks are derived: from the environment, else from
 * `secret.key` in the data folder, made at the first start and readable by its owner only. Throws
 * `config.secret.mismatch` when the database belongs to an installation with another secret, because then every
 * signature would silently be wrong.
 */
export async function readInstanceSecret(place: Place, database: Database): Promise<Uint8Array> {
  const secret =
    place.configured === undefined
      ? await readOrMakeFile(place.dataDir)
      : createHash('sha256').update(place.configured).digest();
  await assertSame(database, secret);
  return secret;
}

async function readOrMakeFile(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'secret.key');
  await mkdir(dataDir, { recursive: true });
  try {
    // Exclusive: of two processes that start at once in one folder, the second reads what the first wrote.
    await writeFile(path, randomBytes(BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  }
  const secret = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url');
  if (secret.length === BYTES) return secret;
  throw unusable(path, new Error(`it does not hold ${BYTES} bytes as base64url`));
}

/** The first start leaves its fingerprint; the secret itself never reaches the database. */
async function assertSame(database: Database, secret: Uint8Array): Promise<void> {
  const fingerprint = createHash('sha256')
    .update('automatos instance secret')
    .update(secret)
    .digest('hex');
  await database.pool.query(
    'INSERT INTO instance (only_row, secret_fingerprint) VALUES (true, $1) ON CONFLICT (only_row) DO NOTHING',
    [fingerprint],
  );
  const { rows } = await database.pool.query<{ secret_fingerprint: string }>(
    'SELECT secret_fingerprint FROM instance',
  );
  if (rows[0]?.secret_fingerprint === fingerprint) return;
  throw new PlatformError({
    code: 'config.secret.mismatch',
    kind: 'invalid-input',
    message:
      'This database belongs to an installation with another secret. Set AUTOMATOS_SECRET to the same value in every process, or copy secret.key from the data folder of the first one.',
  });
}

function unusable(path: string, error: unknown): PlatformError {
  return new PlatformError({
    code: 'config.data_folder.unusable',
    kind: 'invalid-input',
    message: `${path} cannot be used: ${(error as Error).message}.`,
    cause: error,
  });
}
