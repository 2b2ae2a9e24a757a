/** Brings node_modules into the state that package-lock.json describes, and does nothing when it is in that state. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from './fingerprint.mjs';
import { PlainError, ended } from './process.mjs';

const MARK = 'node_modules/.automatos-install';
const NPM_FLAGS = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'];

/** Installs when the lockfile changed since the last install; true if it had to. */
export async function ensureInstalled(root, progress) {
  const mark = join(root, MARK);
  const wanted = `${fileDigest(join(root, 'package-lock.json'))} ${process.platform}-${process.arch}`;
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return false;
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const installed = !matchesInstalled(root, lock);
  if (installed) await progress.run('installing packages', (update) => runNpm(root, lock, update));
  writeFileSync(mark, wanted);
  return installed;
}

/** True if npm itself already installed exactly what the lockfile says, for example by `npm install`. */
export function matchesInstalled(root, lock) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  return samePackages(lock.packages, JSON.parse(readFileSync(hidden, 'utf8')).packages);
}

/** Compares a lockfile's packages with npm's record of what it installed; packages for other platforms may be absent. */
export function samePackages(locked, installed) {
  const inModules = ([path]) => path.includes('node_modules/');
  const missing = Object.entries(locked)
    .filter(inModules)
    .some(([path, entry]) => {
      const there = installed[path];
      return there === undefined
        ? entry.optional !== true
        : there.version !== entry.version || there.integrity !== entry.integrity;
    });
  return !missing && Object.keys(installed).every((path) => locked[path] !== undefined);
}

async function runNpm(root, lock, update) {
  const total = Object.values(lock.packages).filter(
    (entry) => entry.integrity !== undefined && entry.optional !== true,
  ).length;
  // npm started us with its own path in the environment: the same npm installs.
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  const [command, ...first] = npm;
  const child = spawn(command, [...first, ...NPM_FLAGS], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const fetched = new Set();
  const read = (chunk) => {
    output = (output + chunk).slice(-20_000);
    for (const [url] of String(chunk).matchAll(/\S+\.tgz/g)) fetched.add(url);
    // Unpacking and linking follow the last download: the bar must not look finished before.
    update(Math.min(0.95, fetched.size / total));
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [code] = await ended(child);
  if (code !== 0) throw new PlainError(explainFailure(output));
}

/** A sentence that says what failed and the way out, from npm's output. */
export function explainFailure(output) {
  const errors = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line))
    .join('\n');
  if (/ENOSPC/.test(errors)) return 'The disk is full: free about 2 GB and run the command again.';
  if (/EACCES|EPERM/.test(errors))
    return `npm may not write here: make this folder yours (chown) and run the command again.\n${errors}`;
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|network/.test(errors)) {
    return `The npm registry could not be reached: check the connection (or the proxy settings of npm) and run the command again.\n${errors}`;
  }
  return `npm could not install the packages:\n${errors || output.trim().split('\n').slice(-15).join('\n')}`;
}
