/**
 * Completes package-lock.json so that `npm ci` works on every machine.
 * `npm install` silently leaves out platform packages that the registry at hand does not carry, and `npm ci` then refuses
 * the lockfile as out of sync. Download addresses are left out: each machine asks the registry that it is set up for.
 */

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony'];
const ARCHITECTURES = [
  'arm64',
  'x64',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'wasm32',
  'arm',
];

/** The lockfile's packages that name an optional dependency without an entry: `{path, name, version, dev}` each. */
export function findMissing(packages) {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => resolve(packages, parent, name) === undefined)
      .map(([name, version]) => ({
        path: `node_modules/${name}`,
        name,
        version,
        dev: entry.dev === true,
      })),
  );
}

/**
 * A copy of the lockfile with an entry for each missing platform package and without download addresses.
 * `added` names the new entries, `unclear` the packages that cannot be added because their name does not tell the platform.
 */
export function completeLockfile(lock) {
  const added = {};
  const unclear = [];
  for (const missing of findMissing(lock.packages)) {
    const platform = platformOf(missing.name);
    // Without an exact version and a platform, npm would try to install it here and fail.
    if (platform === undefined || !/^\d+\.\d+\.\d+/.test(missing.version))
      unclear.push(missing.name);
    else
      added[missing.path] = {
        version: missing.version,
        ...sortKeys({ ...platform, ...(missing.dev && { dev: true }), optional: true }),
      };
  }
  // The order of entries and keys is npm's own, so that its next run changes nothing.
  const entries = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) =>
    a.localeCompare(b, 'en'),
  );
  const packages = Object.fromEntries(
    entries.map(([path, entry]) => [path, withoutAddress(entry)]),
  );
  return { lock: { ...lock, packages }, added: Object.keys(added), unclear };
}

function sortKeys(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

function withoutAddress(entry) {
  if (entry.link === true) return entry;
  const { resolved: _address, ...rest } = entry;
  return rest;
}

/** `{os, cpu, libc?}` as the package's own manifest states them, read from its name; undefined if the name does not say. */
export function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const cpu = ARCHITECTURES.find((architecture) => words.includes(architecture));
  if (cpu === 'wasm32') return { cpu: ['wasm32'] };
  const os = SYSTEMS.find((system) => words.includes(system));
  if (os === undefined || cpu === undefined) return undefined;
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== undefined && { libc: [libc] }) };
}

/** Looks a dependency up as Node does: in the parent's own node_modules, then in each folder above. */
function resolve(packages, parent, name) {
  const found = packages[parent === '' ? `node_modules/${name}` : `${parent}/node_modules/${name}`];
  if (found !== undefined || parent === '') return found;
  return resolve(
    packages,
    parent.slice(0, Math.max(0, parent.lastIndexOf('/node_modules/'))),
    name,
  );
}
