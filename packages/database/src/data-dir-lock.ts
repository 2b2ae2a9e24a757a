import { mkdir, realpath, unlink } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';

export interface DataDirLock {
  release(): Promise<void>;
}

const PROBE_MS = 1_000;
const ATTEMPTS_MAX = 5;

/**
 * Takes the folder for this process, creating it when missing. The lock is a listening local socket named after
 * the folder's real path: the kernel frees it however the process ends, so there are no stale locks, and it
 * answers with the owner's process id. A pid file would race. On Linux the name is visible per network
 * namespace: two containers that mount the same folder do not see each other.
 *
 * Throws `database.folder.in_use` when another process, or this one, has it already.
 */
export async function acquireDataDirLock(dataDir: string): Promise<DataDirLock> {
  const folder = await existingFolder(dataDir);
  const address = lockAddress(folder);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const server = await tryListen(address);
    if (server) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    const owner = await askOwner(address);
    if (owner.kind !== 'gone')
      throw inUse(folder, owner.kind === 'process' ? owner.pid : undefined);
    // Either the owner ended just now, or (where sockets are files) a killed one left its file behind.
    if (!isAbstract(address)) await unlink(address).catch(() => undefined);
  }
  throw inUse(folder, undefined);
}

async function existingFolder(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await realpath(dataDir);
  } catch (error) {
    throw new PlatformError({
      code: 'database.folder.invalid',
      kind: 'invalid-input',
      message: `The data folder ${dataDir} cannot be used: ${(error as Error).message}`,
      cause: error,
    });
  }
}

const isAbstract = (address: string): boolean =>
  address.startsWith('\0') || address.startsWith('\\\\');

function lockAddress(folder: string): string {
  const name = `automatos-${sha256(folder).slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(tmpdir(), `${name}.sock`);
}

function tryListen(address: string): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${process.pid}\n`);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

type Owner =
  | { kind: 'process'; pid: string }
  /** Holds the lock, but does not answer in time. */
  | { kind: 'silent' }
  | { kind: 'gone' };

function askOwner(address: string): Promise<Owner> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(address);
    socket.setTimeout(PROBE_MS, () => {
      socket.destroy();
      resolve({ kind: 'silent' });
    });
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve({ kind: 'process', pid: answer.trim() }));
    socket.on('error', () => resolve({ kind: 'gone' }));
  });
}

function inUse(folder: string, pid: string | undefined): PlatformError {
  const who = pid === undefined ? 'another process that does not answer' : `process ${pid}`;
  return new PlatformError({
    code: 'database.folder.in_use',
    kind: 'conflict',
    message: `The data folder ${folder} is in use by ${who}. Stop that process, or start this one with another data folder.`,
    details: { folder, ...(pid === undefined ? {} : { pid: Number(pid) }) },
  });
}
