import { spawn } from 'node:child_process';
import { toolError } from '../tool-error.ts';

/** Output of one git call. */
export interface GitResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** True when stdout was longer than the bound and was cut. */
  truncated: boolean;
}

/**
 * Settings that keep a foreign repository from running programs of its own choice: its configuration may name
 * hooks, a file-system monitor, pagers, external diffs and signature checkers.
 */
const SAFE_CONFIG = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.untrackedCache=false',
  'diff.external=',
  'log.showSignature=false',
  'protocol.allow=never',
  'core.quotePath=false',
];

const SAFE_ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_PAGER: 'cat',
};

export interface GitOptions {
  signal: AbortSignal;
  /** Cuts stdout here. Default 64 MB. */
  stdoutBytesMax?: number;
}

/** Runs git in `folder` with an argument array, without the user's, the system's or dangerous local configuration. */
export function runGit(
  folder: string,
  args: readonly string[],
  options: GitOptions,
): Promise<GitResult> {
  const bound = options.stdoutBytesMax ?? 64 * 1024 * 1024;
  const config = [...SAFE_CONFIG, `safe.directory=${folder}`, 'safe.directory=*'].flatMap(
    (setting) => ['-c', setting],
  );
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...config, '-C', folder, ...args], {
      env: SAFE_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let truncated = false;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (truncated) return;
      size += chunk.length;
      if (size > bound) {
        truncated = true;
        child.kill('SIGKILL');
        return;
      }
      chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 4000) stderr += chunk.toString('utf8');
    });
    child.on('error', (error) =>
      reject(options.signal.aborted ? (options.signal.reason as Error) : error),
    );
    child.on('close', (code) => {
      resolve({
        exitCode: truncated ? 0 : (code ?? -1),
        stdout: Buffer.concat(chunks).toString('utf8'),
        stderr,
        truncated,
      });
    });
  });
}

/** Where a folder stands in git, or why it does not. */
export type GitPlace = { kind: 'repository'; gitFolder: string } | { kind: 'none'; reason: string };

/**
 * Finds the repository of `folder`. Its data must lie inside an allowed root (`isAllowed`), because a `.git` file may
 * point anywhere; a missing git program and a folder outside git are results, not errors.
 */
export async function findRepository(
  folder: string,
  signal: AbortSignal,
  isAllowed: (path: string) => Promise<boolean>,
): Promise<GitPlace> {
  let result: GitResult;
  try {
    result = await runGit(folder, ['rev-parse', '--path-format=absolute', '--git-common-dir'], {
      signal,
      stdoutBytesMax: 10_000,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: 'none', reason: 'git is not installed on this machine' };
  }
  if (result.exitCode !== 0)
    return { kind: 'none', reason: 'the folder is not inside a git repository' };
  const gitFolder = result.stdout.trim();
  if (!(await isAllowed(gitFolder)))
    return { kind: 'none', reason: 'the git data of this folder lies outside the allowed folders' };
  return { kind: 'repository', gitFolder };
}

/** Throws a readable error when git answered with a failure. */
export function assertGitSucceeded(result: GitResult, what: string): void {
  if (result.exitCode === 0) return;
  const why = result.stderr.trim().split('\n')[0] ?? 'unknown reason';
  throw toolError(
    'tools.run.failed',
    'invalid-input',
    `git could not ${what}: ${why.slice(0, 300)}.`,
  );
}
