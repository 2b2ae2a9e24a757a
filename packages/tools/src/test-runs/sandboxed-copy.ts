import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ToolEnvironment } from '../definition.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import type { SandboxLimits, SandboxMount, SandboxResult } from '../sandbox/sandbox.ts';
import { toolError } from '../tool-error.ts';
import { walkFiles } from '../workspace/walk.ts';

const COPY_BYTES_MAX = 200 * 1024 * 1024;
const COPY_FILES_MAX = 10_000;
const MB = 1024 * 1024;
/** Node reserves more than it uses, and its test runner starts a process for each file. */
const LIMITS: Partial<SandboxLimits> = {
  wallMs: 60_000,
  cpuSeconds: 120,
  memoryBytes: 2048 * MB,
  processes: 256,
  outputBytes: 4 * MB,
};

/** How one command is run in a copy. */
export interface CopyCommand {
  /** A shell line. */
  command: string;
  /** Files to write before, path in the copy → text. The sandbox writes them: the host touches no copy that a stranger ran in. */
  files?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  limits?: Partial<SandboxLimits>;
}

/** A private copy of a folder in which programs of strangers may run. */
export interface SandboxedCopy {
  /** Absolute folder of the copy on the host; commands see it as `/work`. */
  folder: string;
  /** Paths that were copied, relative. */
  files: readonly string[];
  /** Resolves however the command ends; never with the network. */
  run(command: CopyCommand): Promise<SandboxResult>;
  /** Removes the copy. */
  close(): Promise<void>;
}

/**
 * Copies what the walk of `path` finds (installed packages are shown read-only instead) and offers it to commands in the
 * sandbox, with our own Node as `node`. Throws `tools.sandbox.unavailable` before anything is copied, `tools.sandbox.copy_too_large`,
 * `tools.path.not_folder`.
 */
export async function openSandboxedCopy(
  path: string,
  env: ToolEnvironment,
  platform: NodeJS.Platform = process.platform,
): Promise<SandboxedCopy> {
  const sandbox = createSandbox({ platform, scratchDir: tmpdir() });
  const state = await sandbox.check();
  if (!state.available)
    throw toolError('tools.sandbox.unavailable', 'unavailable', {
      message: `Programs of "${path}" are not run without isolation, and there is none: ${state.reason}`,
      retryable: false,
    });
  const real = await env.roots.resolveInside(path);
  if (!(await lstat(real)).isDirectory())
    throw toolError(
      'tools.path.not_folder',
      'invalid-input',
      `"${path}" is a file; give the folder of the project.`,
    );
  const base = await mkdtemp(join(tmpdir(), 'automatos-copy-'));
  const folder = join(base, 'work');
  try {
    const files = await copyInto(folder, path, env);
    const packages = await mountPackages(real, folder);
    return {
      folder,
      files,
      async run({ command, files: given = {}, env: variables, limits }) {
        const handed = Object.keys(given).length === 0 ? [] : [await handOver(base, given)];
        return sandbox.run({
          argv: ['sh', '-c', handed.length === 0 ? command : `cp -R /given/. /work/ && ${command}`],
          folder,
          readable: [{ from: process.execPath, to: '/node/node' }, ...packages, ...handed],
          env: { PATH: '/node:/packages/node_modules/.bin:/usr/bin', CI: 'true', ...variables },
          limits: { ...LIMITS, ...limits },
          signal: env.signal,
        });
      },
      close: () => rm(base, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(base, { recursive: true, force: true });
    throw error;
  }
}

async function handOver(
  base: string,
  files: Readonly<Record<string, string>>,
): Promise<SandboxMount> {
  const from = await mkdtemp(join(base, 'given-'));
  for (const [path, text] of Object.entries(files)) {
    const to = join(from, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, text);
  }
  await openUp(from, Object.keys(files));
  return { from, to: '/given' };
}

async function copyInto(folder: string, path: string, env: ToolEnvironment): Promise<string[]> {
  const walk = await walkFiles(path, {
    roots: env.roots,
    signal: env.signal,
    filesMax: COPY_FILES_MAX,
  });
  const bytes = walk.files.reduce((sum, file) => sum + file.size, 0);
  if (bytes > COPY_BYTES_MAX || walk.skipped.limit > 0)
    throw toolError(
      'tools.sandbox.copy_too_large',
      'invalid-input',
      `"${path}" holds more than ${COPY_FILES_MAX} files or ${COPY_BYTES_MAX / MB} MB, too much to copy; give the folder of one package.`,
    );
  await mkdir(folder);
  for (const file of walk.files) {
    env.signal.throwIfAborted();
    const to = join(folder, file.path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(file.absolute, to);
  }
  await openUp(
    folder,
    walk.files.map((file) => file.path),
  );
  return walk.files.map((file) => file.path);
}

/** The command runs as nobody: what it is meant to change must be open to it. Only the copy is. */
async function openUp(folder: string, files: readonly string[]): Promise<void> {
  const folders = new Set<string>(['.']);
  for (const file of files)
    for (let at = dirname(file); at !== '.'; at = dirname(at)) folders.add(at);
  for (const each of folders) await chmod(join(folder, each), 0o777);
  for (const file of files) await chmod(join(folder, file), 0o666 | 0o111);
}

/** Installed packages of the project, if it has a real folder of them. */
async function mountPackages(real: string, folder: string): Promise<SandboxMount[]> {
  const from = join(real, 'node_modules');
  const stats = await lstat(from).catch(() => null);
  if (stats?.isDirectory() !== true) return [];
  await symlink('/packages/node_modules', join(folder, 'node_modules'));
  return [{ from, to: '/packages/node_modules' }];
}

const NO_TESTS = /no test specified/;

/**
 * The command that runs a project's tests: the given one, else the `test` script of package.json, else Node's own runner.
 * `npm test` and `npm run x` become the script they stand for, since npm itself need not be there.
 */
export async function testCommandOf(folder: string, given: string | undefined): Promise<string> {
  const scripts = await readScripts(folder);
  const own = scripts['test'];
  const usual = own === undefined || NO_TESTS.test(own) ? 'node --test' : own;
  if (given === undefined) return usual;
  const name = /^(?:npm|pnpm|yarn)\s+(?:run\s+)?([\w:.-]+)\s*$/.exec(given.trim())?.[1];
  if (name === undefined) return given;
  return scripts[name === 't' ? 'test' : name] ?? (name === 'test' ? usual : given);
}

async function readScripts(folder: string): Promise<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const scripts = (parsed as { scripts?: unknown } | null)?.scripts;
    return Object.fromEntries(
      Object.entries(scripts ?? {}).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
  } catch {
    return {}; // no package.json, or none that can be read: Node's own runner needs none
  }
}

/** Why a command gave no usable answer, in a few words. */
export function describeEnd(result: SandboxResult): string {
  if (result.stopped !== null) return `it was stopped for ${result.stopped}`;
  const line =
    result.stderr.text
      .split('\n')
      .map((text) => text.trim())
      .find((text) => /error|cannot|not found/i.test(text)) ?? '';
  return `it ended with ${result.exitCode ?? 'a signal'}${line === '' ? '' : `: ${line.slice(0, 200)}`}`;
}
