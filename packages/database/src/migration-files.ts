import { readFile, readdir } from 'node:fs/promises';
import { PlatformError } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';

export interface Migration {
  /** `0001_core`: its order and name. */
  version: string;
  sql: string;
  /** Hex SHA-256 of the text, line ends unified so that a checkout on another system agrees. */
  checksum: string;
}

const FOLDER = new URL('../migrations/', import.meta.url);
const NAME = /^(\d{4}_[a-z0-9_]+)\.sql$/;

/** The migrations of this version, in the order in which they are applied. */
export async function readMigrations(folder: URL = FOLDER): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted();
  const seen = new Map<string, string>();
  return Promise.all(
    files.map(async (file) => {
      const version = NAME.exec(file)?.[1];
      const number = file.slice(0, 4);
      const other = seen.get(number);
      if (version === undefined || other !== undefined) {
        const reason =
          other === undefined ? 'is not named NNNN_name.sql' : `has the same number as ${other}`;
        throw new PlatformError({
          code: 'database.migration.invalid',
          kind: 'internal',
          message: `The migration file ${file} ${reason}.`,
        });
      }
      seen.set(number, file);
      const sql = (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n');
      return { version, sql, checksum: sha256(sql) };
    }),
  );
}

/** Changes whenever any migration does; keys snapshots and test templates. */
export async function migrationsHash(): Promise<string> {
  const migrations = await readMigrations();
  return sha256(migrations.map(({ version, checksum }) => `${version} ${checksum}`).join('\n'));
}
