import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '@automatos/kernel';
import { buildSnapshot, migrate, openDatabase, snapshotFileName } from '../index.ts';
import { ENGINE_VERSION } from './snapshot.ts';

let root: string;
let snapshotDir: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'automatos-snapshot-test-'));
  snapshotDir = path.join(root, 'build');
  await buildSnapshot(path.join(snapshotDir, await snapshotFileName()), {
    seed: async ({ pool }) => void (await pool.query('CREATE TABLE from_seed (id int)')),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const recorded = () => {
  const messages: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (_fields, message) => void messages.push(message),
    child: () => logger,
  };
  return { messages, logger };
};

describe('a snapshot', () => {
  it('gives a new folder a migrated database at once, and later starts keep what was written', async () => {
    const dataDir = path.join(root, 'fresh');
    const { messages, logger } = recorded();
    const first = await openDatabase({ dataDir, snapshotDir, logger });
    expect(await migrate(first)).toEqual({ applied: [] });
    expect(messages).not.toContain('creating the embedded database');
    await first.pool.query('INSERT INTO from_seed VALUES (1)');
    await first.close();
    const second = await openDatabase({ dataDir, snapshotDir, logger: silentLogger });
    expect((await second.pool.query('SELECT id FROM from_seed')).rows).toEqual([{ id: 1 }]);
    await second.close();
  });

  it('leaves no draft beside it, and one left by a killed process does not matter', async () => {
    expect(await readdir(snapshotDir)).toEqual([await snapshotFileName()]);
    const dataDir = path.join(root, 'half');
    await (await openDatabase({ dataDir, snapshotDir, logger: silentLogger })).close();
    expect(await readdir(dataDir)).toEqual(['postgres']);
    await rm(path.join(dataDir, 'postgres', 'PG_VERSION'));
    await rm(path.join(dataDir, 'postgres'), { recursive: true });
    await writeFile(path.join(dataDir, 'postgres.creating'), 'half');
    await (await openDatabase({ dataDir, snapshotDir, logger: silentLogger })).close();
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('is not used when it was made for other migrations', async () => {
    const otherDir = path.join(root, 'other-build');
    await buildSnapshot(path.join(otherDir, 'database-0123456789abcdef.snapshot.gz'));
    const { messages, logger } = recorded();
    const database = await openDatabase({
      dataDir: path.join(root, 'scratch'),
      snapshotDir: otherDir,
      logger,
    });
    expect(messages).toContain('creating the embedded database');
    expect((await migrate(database)).applied[0]).toBe('0001_core');
    await database.close();
  });

  it('is refused with its name when damaged', async () => {
    const damagedDir = path.join(root, 'damaged');
    const file = path.join(snapshotDir, await snapshotFileName());
    await rm(damagedDir, { recursive: true, force: true });
    await mkdir(damagedDir);
    await writeFile(
      path.join(damagedDir, await snapshotFileName()),
      readFileSync(file).subarray(0, 10_000),
    );
    await expect(
      openDatabase({
        dataDir: path.join(root, 'never'),
        snapshotDir: damagedDir,
        logger: silentLogger,
      }),
    ).rejects.toMatchObject({ code: 'database.snapshot.invalid' });
  });

  it('names the engine version that is installed', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { dependencies: Record<string, string> };
    expect(manifest.dependencies['@electric-sql/pglite']).toBe(ENGINE_VERSION);
  });
});
