/** Installs what the tests need from Debian packages, without changing which suite the system follows. */
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainError, capture } from './process.mjs';

const PGVECTOR_SUITE = 'trixie';

// Freshly installed servers must not be started by their package: the tests start their own on free ports.
const APT_ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

// Another installation on the same machine holds dpkg's lock for a while: wait instead of failing.
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=300'];

/** True where this process may install Debian packages. */
export function canInstall() {
  return (
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
  );
}

/** Installs packages; the package lists are fetched only if the first attempt shows that they are missing or old. */
export async function installPackages(packages, log) {
  const install = () =>
    capture(
      'apt-get',
      [...WAIT_FOR_LOCK, 'install', '-y', '--no-install-recommends', ...packages],
      { env: APT_ENV },
    );
  log(`installing ${packages.join(', ')} from Debian packages`);
  try {
    await install();
  } catch {
    log('refreshing the package lists and trying again');
    await capture('apt-get', ['update'], { env: APT_ENV });
    await install();
  }
}

/**
 * Builds pgvector from Debian's source package and installs it for the PostgreSQL whose pg_config is given.
 * apt gets lists, sources and cache of its own in a temporary folder, so the system never sees the other suite.
 */
export async function installPgvector(pgConfig, log) {
  const work = await mkdtemp(join(tmpdir(), 'automatos-pgvector-'));
  try {
    // apt fetches as its own user, which has to reach this folder.
    await chmod(work, 0o755);
    log(`building pgvector from the ${PGVECTOR_SUITE} source package`);
    const source = await fetchSource(work);
    const settings = [`PG_CONFIG=${pgConfig}`, 'OPTFLAGS=', 'with_llvm=no'];
    await capture('make', ['-C', source, `-j${cpus().length}`, ...settings]);
    await capture('make', ['-C', source, 'install', ...settings]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchSource(work) {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (!existsSync(keyring))
    throw new PlainError(`Debian's keys are missing: install the package debian-archive-keyring.`);
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  const list = join(work, 'source.list');
  await writeFile(list, `deb-src [signed-by=${keyring}] ${mirror()} ${PGVECTOR_SUITE} main\n`);
  const own = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
  ].flatMap((option) => ['-o', option]);
  await capture('apt-get', [...own, 'update'], { cwd: work, env: APT_ENV });
  await capture('apt-get', [...own, 'source', '--download-only', 'pgvector'], {
    cwd: work,
    env: APT_ENV,
  });
  const archive = (await readdir(work)).find((name) => name.includes('.orig.tar.'));
  if (archive === undefined)
    throw new PlainError('the pgvector source package holds no source archive');
  const source = join(work, 'source');
  await mkdir(source);
  await capture('tar', ['-xf', join(work, archive), '-C', source, '--strip-components=1']);
  return source;
}

/** The Debian mirror that this system is set up for. */
function mirror() {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    if (!existsSync(file)) continue;
    const found = /https?:\/\/[^\s]+\/debian\/?(?=\s)/.exec(
      readFileSync(file, 'utf8').replace(/^\s*#.*$/gm, ''),
    );
    if (found !== null) return found[0].replace(/\/$/, '');
  }
  throw new PlainError(
    'No Debian mirror is named in /etc/apt: name one there, or install pgvector for PostgreSQL 15 by hand.',
  );
}
