import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMigrations } from './migration-files.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'automatos-migrations-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, sql: string) => writeFile(path.join(folder, name), sql);
const read = () => readMigrations(pathToFileURL(`${folder}/`));

describe('readMigrations', () => {
  it('reads them in order; line ends of a checkout do not change their checksum', async () => {
    await write('0002_second.sql', 'SELECT 2;\r\nSELECT 3;');
    await write('0001_first.sql', 'SELECT 1;');
    await write('notes.txt', 'not one');
    const windows = await read();
    expect(windows.map(({ version }) => version)).toEqual(['0001_first', '0002_second']);
    await write('0002_second.sql', 'SELECT 2;\nSELECT 3;');
    expect(await read()).toEqual(windows);
    await write('0002_second.sql', 'SELECT 4;');
    expect((await read())[1]?.checksum).not.toBe(windows[1]?.checksum);
  });

  it('refuses a wrong name and a number taken twice', async () => {
    await write('1_wrong.sql', '');
    await expect(read()).rejects.toMatchObject({
      code: 'database.migration.invalid',
      message: expect.stringContaining('1_wrong.sql') as string,
    });
    await rm(path.join(folder, '1_wrong.sql'));
    await write('0001_a.sql', '');
    await write('0001_b.sql', '');
    await expect(read()).rejects.toMatchObject({
      message: expect.stringContaining('same number as 0001_a.sql') as string,
    });
  });
});
