/** Finds PostgreSQL 15 or newer with pgvector, Redis and Chromium on this machine; installs what is missing where it may. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canInstall, installPackages, installPgvector } from './debian.mjs';
import { PlainError, capture, findExecutable } from './process.mjs';

const DEBIAN_BIN = '/usr/lib/postgresql';

// What a component is called in a message, and how to name a running one to the tests instead.
const POSTGRES = { what: 'PostgreSQL 15', variable: 'AUTOMATOS_TEST_DATABASE_URL' };
const PGVECTOR = { what: 'pgvector', variable: 'AUTOMATOS_TEST_DATABASE_URL' };
const REDIS = { what: 'Redis 7', variable: 'AUTOMATOS_TEST_REDIS_URL' };
const SANDBOX = { what: 'bubblewrap' };
const PYTHON = { what: 'Python 3 in /usr/bin' };
const CHROMIUM = { what: 'Chromium', variable: 'AUTOMATOS_TEST_CHROMIUM' };

/** Makes sure a PostgreSQL with pgvector is there and returns its bin folder. */
export async function ensurePostgres(log) {
  const bin = await ensure(POSTGRES, { find: findPostgres, packages: ['postgresql-15'], log });
  if (await hasPgvector(bin)) return bin;
  refuseUnlessInstallable(PGVECTOR);
  // The server's headers come with their own pg_config; the one of libpq-dev would point elsewhere.
  const compiler = ['make', 'gcc'].filter((tool) => findExecutable(tool) === undefined);
  const library = compiler.length > 0 ? ['libc6-dev'] : [];
  const headers = `postgresql-server-dev-${bin.split('/').at(-2)}`;
  await installPackages([headers, ...compiler, ...library], log);
  await installPgvector(join(bin, 'pg_config'), log);
  return bin;
}

/** Makes sure Redis is there and returns its server program. */
export function ensureRedis(log) {
  const find = () => findExecutable('redis-server');
  return ensure(REDIS, { find, packages: ['redis-server'], log });
}

/** Makes sure Chromium is there and returns its program. */
export function ensureChromium(log) {
  const find = () => findExecutable('chromium', ['/usr/bin']) ?? findExecutable('google-chrome');
  return (
    process.env.AUTOMATOS_TEST_CHROMIUM || ensure(CHROMIUM, { find, packages: ['chromium'], log })
  );
}

/** Makes sure that programs can be isolated, and that there is one to isolate. */
export async function ensureSandbox(log) {
  const bwrap = () => findExecutable('bwrap');
  await ensure(SANDBOX, { find: bwrap, packages: ['bubblewrap', 'util-linux'], log });
  // One elsewhere is not seen from inside of the sandbox.
  const python = () => (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : undefined);
  await ensure(PYTHON, { find: python, packages: ['python3'], log });
}

async function ensure(component, { find, packages, log }) {
  const there = find();
  if (there !== undefined) return there;
  refuseUnlessInstallable(component);
  await installPackages(packages, log);
  const installed = find();
  if (installed === undefined) {
    throw new PlainError(
      `${packages.join(', ')} was installed, but ${component.what} is still not found.`,
    );
  }
  return installed;
}

/** The bin folder of a PostgreSQL server installation, or undefined. */
function findPostgres() {
  const entries = existsSync(DEBIAN_BIN) ? readdirSync(DEBIAN_BIN).map(Number) : [];
  const versions = entries.filter((version) => version >= 15).sort((a, b) => a - b);
  const places = versions.map((version) => join(DEBIAN_BIN, String(version), 'bin'));
  const initdb = findExecutable('initdb', places);
  return initdb === undefined ? undefined : dirname(initdb);
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

function refuseUnlessInstallable({ what, variable }) {
  if (canInstall()) return;
  throw new PlainError(
    `${what} is missing. The tests install it themselves as root on Debian 12; ` +
      `elsewhere install it with your package manager${variable === undefined ? '' : `, or name a running one in ${variable}`}.`,
  );
}
