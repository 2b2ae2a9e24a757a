/** A throw-away PostgreSQL server: its own data folder, a free loopback port, no durability beyond a crash of its processes. */
import { appendFileSync, chownSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PlainError, capture, freePort } from './process.mjs';

// fsync off loses nothing when processes are killed, only when the machine is; an immediate stop is still recovered.
const SETTINGS = {
  listen_addresses: "'127.0.0.1'",
  max_connections: 200,
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: "'128MB'",
  max_wal_size: "'2GB'",
  // Databases are cloned from a template often: copying files beats logging them.
  checkpoint_timeout: "'30min'",
  // A worker of the superuser in a database stops its owner from dropping it.
  autovacuum: 'off',
  timezone: "'UTC'",
};

/**
 * Creates and starts a server under `parent`. Result: `dir`, to name it to `controlServer`; `url`, an ordinary owner
 * (may create databases and roles, is bound by row security); `adminUrl`, the superuser.
 */
export async function createServer(bin, parent) {
  mkdirSync(parent, { recursive: true });
  await chmod(parent, 0o755);
  const user = await serverUser();
  const dir = mkdtempSync(join(parent, 'pg-'));
  if (user.uid !== undefined) chownSync(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  const flags = [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  await capture(join(bin, 'initdb'), flags, { ...user, cwd: dir });
  const port = await freePort();
  const settings = { ...SETTINGS, port, unix_socket_directories: `'${dir}'` };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  appendFileSync(join(data, 'postgresql.conf'), lines.join(''));
  await controlServer(bin, dir, 'start');
  const admin = [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'postgres',
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
  ];
  await capture(join(bin, 'psql'), [...admin, '-d', 'template1', '-c', 'CREATE EXTENSION vector']);
  await capture(join(bin, 'psql'), [
    ...admin,
    '-d',
    'postgres',
    '-c',
    'CREATE ROLE automatos LOGIN CREATEDB CREATEROLE',
  ]);
  await capture(join(bin, 'psql'), [
    ...admin,
    '-d',
    'postgres',
    '-c',
    'CREATE DATABASE automatos OWNER automatos',
  ]);
  const at = `127.0.0.1:${port}/automatos`;
  return { dir, url: `postgres://automatos@${at}`, adminUrl: `postgres://postgres@${at}` };
}

/** Commands of `controlServer`: `crash` stops without a checkpoint, so that the next start recovers. */
export const CONTROL = {
  start: ['start', '-w', '-t', '60'],
  stop: ['stop', '-w', '-m', 'fast'],
  crash: ['stop', '-w', '-m', 'immediate'],
  restart: ['restart', '-w', '-t', '60', '-m', 'fast'],
};

/** Starts, stops, crashes or restarts the server of `dir` and returns when that is done. */
export async function controlServer(bin, dir, command) {
  const user = await serverUser();
  const log = join(dir, 'server.log');
  try {
    // The server inherits nothing of ours: with a pipe it would keep its parent waiting for its end.
    await capture(
      join(bin, 'pg_ctl'),
      [...CONTROL[command], '-s', '-D', join(dir, 'data'), '-l', log],
      {
        ...user,
        cwd: dir,
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
  } catch (error) {
    throw new PlainError(
      `PostgreSQL did not ${command} in ${dir}: ${error.message}\n${tailOf(log)}`,
    );
  }
}

/** Stops the server at once and removes its folder. */
export async function removeServer(bin, dir) {
  await controlServer(bin, dir, 'crash').catch(() => undefined);
  await rm(dir, { recursive: true, force: true });
}

function tailOf(log) {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-10).join('\n');
  } catch {
    return '(no server log)';
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
async function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) => capture('id', [flag, 'postgres'])),
  );
  return { uid: Number(uid), gid: Number(gid) };
}
