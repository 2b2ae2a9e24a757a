/** Finds PostgreSQL 15 or newer with pgvector, Redis and Chromium on this machine; installs what is missing where it may. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canInstall, installPackages, installPgvector } from './debian.mjs';
import { PlainError, capture, findExecutable } from './process.mjs';

const DEBIAN_BIN = '/usr/lib/postgresql';

/** The programs of a PostgreSQL server installation, or undefined. */
export function findPostgres() {
  const versions = existsSync(DEBIAN_BIN) ? readdirSync(DEBIAN_BIN).map(Number).filter((version) => version >= 15) : [];
  const places = versions.sort((a, b) => a - b).map((version) => join(DEBIAN_BIN, String(version), 'bin'));
  const initdb = findExecutable('initdb', places);
  return initdb === undefined ? undefined : dirname(initdb);
}

export const findRedis = () => findExecutable('redis-server');
export const findChromium = () => findExecutable('chromium', ['/usr/bin']) ?? findExecutable('google-chrome');

/** Makes sure a PostgreSQL with pgvector is there and returns its bin folder. */
export async function ensurePostgres(log) {
  if (findPostgres() === undefined) await install(['postgresql-15'], 'PostgreSQL 15', 'AUTOMATOS_TEST_DATABASE_URL', log);
  const bin = findPostgres();
  if (bin === undefined) throw new PlainError('PostgreSQL was installed but its programs are not under /usr/lib/postgresql.');
  if (!(await hasPgvector(bin))) {
    refuseUnlessInstallable('pgvector', 'AUTOMATOS_TEST_DATABASE_URL');
    // The server's headers come with their own pg_config; the one of libpq-dev would point elsewhere.
    const needed = [`postgresql-server-dev-${bin.split('/').at(-2)}`];
    for (const tool of ['make', 'gcc']) if (findExecutable(tool) === undefined) needed.push(tool, 'libc6-dev');
    await install(needed, 'PostgreSQL headers', 'AUTOMATOS_TEST_DATABASE_URL', log);
    await installPgvector(join(bin, 'pg_config'), log);
  }
  return bin;
}

/** Makes sure Redis is there and returns its server program. */
export async function ensureRedis(log) {
  if (findRedis() === undefined) await install(['redis-server'], 'Redis 7', 'AUTOMATOS_TEST_REDIS_URL', log);
  return findRedis();
}

/** Makes sure Chromium is there and returns its program. */
export async function ensureChromium(log) {
  if (findChromium() === undefined) await install(['chromium'], 'Chromium', undefined, log);
  return findChromium();
}

async function hasPgvector(bin) {
  const pgConfig = findExecutable('pg_config', [bin]);
  if (pgConfig === undefined) return false;
  // Debian keeps the extension files of all its versions outside of the bin folder's tree.
  const shared = (await capture(pgConfig, ['--sharedir'])).trim();
  return [shared, `/usr/share/postgresql/${bin.split('/').at(-2)}`].some((folder) =>
    existsSync(join(folder, 'extension/vector.control')),
  );
}

async function install(packages, what, variable, log) {
  refuseUnlessInstallable(what, variable);
  await installPackages(packages, log);
}

function refuseUnlessInstallable(what, variable) {
  if (canInstall()) return;
  const running = variable === undefined ? '' : `, or start it yourself and put its address into ${variable}`;
  throw new PlainError(
    `${what} is missing. The tests install it themselves as root on Debian 12; elsewhere install it with your package manager${running}.`,
  );
}
