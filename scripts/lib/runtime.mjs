/** Finds the Node that runs the product's TypeScript sources. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capture, PlainError } from './process.mjs';

const SYSTEM_MINIMUM = [22, 18];

/** Refuses what cannot work before anything is downloaded. */
export function checkPlatform(platform = process.platform, version = process.versions.node) {
  if (platform === 'win32') {
    throw new PlainError('Automatos runs on Linux and macOS. On Windows, run it inside WSL 2.');
  }
  if (Number(version.split('.')[0]) < 20) {
    throw new PlainError(
      `Node ${version} is too old: install Node 20 or newer (https://nodejs.org) and run the command again.`,
    );
  }
}

/** The path of the packaged Node 24, else of this Node if it is new enough to run TypeScript sources. */
export async function findRuntime(root) {
  const packaged = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(packaged) && (await runs(packaged))) return packaged;
  if (isRecent(process.versions.node)) return process.execPath;
  throw new PlainError(
    `There is no packaged Node for ${process.platform}-${process.arch} and this one is ${process.versions.node}: ` +
      `install Node ${SYSTEM_MINIMUM.join('.')} or newer (https://nodejs.org) and run the command again.`,
  );
}

/** True for a Node version that runs TypeScript without a flag. */
export function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > SYSTEM_MINIMUM[0] || (major === SYSTEM_MINIMUM[0] && minor >= SYSTEM_MINIMUM[1]);
}

// The packaged Node needs glibc: on Alpine it is there but does not start.
async function runs(program) {
  return capture(program, ['--version']).then(
    () => true,
    () => false,
  );
}

/** The environment with a place for compiled code beside the packages it was compiled from: later starts take half the time. */
export function withCompileCache(root, env) {
  return { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'), ...env };
}
