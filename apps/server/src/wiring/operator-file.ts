import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '@automatos/kernel';

/** How the command line on this machine finds and opens the server; readable by its owner only. */
export interface OperatorFile {
  url: string;
  key: string;
}

const path = (dataDir: string) => join(dataDir, 'operator.json');

/** The key kept in the data folder, or a new one. */
export async function readOrMakeOperatorKey(dataDir: string): Promise<string> {
  try {
    const { key } = JSON.parse(await readFile(path(dataDir), 'utf8')) as Partial<OperatorFile>;
    if (typeof key === 'string' && key.length >= 24) return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError))
      throw unusable(dataDir, error);
  }
  return `ak_srv_${randomBytes(24).toString('base64url')}`;
}

/** Writes the file whole or not at all. */
export async function writeOperatorFile(dataDir: string, content: OperatorFile): Promise<void> {
  const temporary = `${path(dataDir)}.${process.pid}`;
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path(dataDir));
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

function unusable(dataDir: string, error: unknown): PlatformError {
  return new PlatformError({
    code: 'config.data_folder.unusable',
    kind: 'invalid-input',
    message: `The data folder ${dataDir} cannot be used: ${(error as Error).message}. Make it a folder that may be written, or choose another with --data or AUTOMATOS_DATA_DIR.`,
    cause: error,
  });
}
