import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@automatos/kernel';
import { acquireDataDirLock, openDatabase } from './index.ts';

const CHILD = fileURLToPath(new URL('./embedded/faults/hold-lock.ts', import.meta.url));
const children: ChildProcess[] = [];
let root: string;
beforeAll(async () => (root = await mkdtemp(path.join(tmpdir(), 'automatos-lock-'))));
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(() => rm(root, { recursive: true, force: true }));

/** Starts a process that wants `folder`; resolves with what it says. */
async function rival(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said };
}

describe('the lock of a data folder', () => {
  it('keeps a second process out and names folder and owner', async () => {
    const folder = path.join(root, 'one');
    const { child, said } = await rival(folder);
    expect(said).toBe('held');
    await expect(openDatabase({ dataDir: folder, logger: silentLogger })).rejects.toMatchObject({
      code: 'database.folder.in_use',
      kind: 'conflict',
      message: expect.stringMatching(
        new RegExp(`${folder} is in use by process ${child.pid}\\..*(Stop|another data folder)`),
      ) as string,
      details: { folder, pid: child.pid },
    });
  });

  it('is free as soon as its owner is killed', async () => {
    const folder = path.join(root, 'two');
    const { child } = await rival(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await acquireDataDirLock(folder);
    expect((await rival(folder)).said).toBe('database.folder.in_use');
    await lock.release();
  });

  it('is given to exactly one of many that start together', async () => {
    const folder = path.join(root, 'race');
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => rival(folder)));
    expect(outcomes.map(({ said }) => said).toSorted()).toEqual([
      ...Array<string>(5).fill('database.folder.in_use'),
      'held',
    ]);
  }, 60_000);

  it('knows a folder by its real path', async () => {
    const folder = path.join(root, 'real');
    const lock = await acquireDataDirLock(folder);
    await symlink(folder, path.join(root, 'alias'));
    await expect(acquireDataDirLock(path.join(root, 'alias'))).rejects.toMatchObject({
      code: 'database.folder.in_use',
    });
    await lock.release();
    await (await acquireDataDirLock(path.join(root, 'alias'))).release();
  });

  it('says so when the folder cannot be one', async () => {
    await writeFile(path.join(root, 'file'), '');
    await expect(acquireDataDirLock(path.join(root, 'file'))).rejects.toMatchObject({
      code: 'database.folder.invalid',
    });
  });
});
