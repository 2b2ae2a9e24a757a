import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { toolError } from '../tool-error.ts';
import { readBounded } from './bounded-output.ts';
import {
  bubblewrapCommand,
  bubblewrapCommandAsRoot,
  ENVIRONMENT_FD,
  environmentArguments,
  SANDBOX_UID,
} from './bubblewrap-command.ts';
import { SANDBOX_LIMITS } from './sandbox.ts';
import type { Sandbox, SandboxCommand, SandboxResult, SandboxStop } from './sandbox.ts';
import { watchUsage } from './watch-usage.ts';

const HOW =
  'Install bubblewrap and util-linux (Debian: apt-get install bubblewrap util-linux) and allow unprivileged user namespaces.';

export interface SandboxDeps {
  /** Kind of the operating system; isolation is there for `linux`. */
  platform: NodeJS.Platform;
  /** Existing folder for the trial. */
  scratchDir: string;
}

/** The sandbox of this machine: bubblewrap with prlimit. Nothing is started before `check` or `run`. */
export function createSandbox(deps: SandboxDeps): Sandbox {
  let checked: ReturnType<Sandbox['check']> | undefined;
  const check = () => (checked ??= tryOut(deps));
  return {
    check,
    async run(command) {
      const state = await check();
      if (!state.available) {
        throw toolError('tools.sandbox.unavailable', 'unavailable', {
          message: `Programs cannot be run here: ${state.reason}`,
          retryable: false,
        });
      }
      return start(command);
    },
  };
}

const asRoot = () => process.getuid?.() === 0;

/** One real command: what does not work here will not work later. */
async function tryOut({ platform, scratchDir }: SandboxDeps): ReturnType<Sandbox['check']> {
  if (platform !== 'linux') {
    return {
      available: false,
      reason: `isolation of programs needs Linux, and this is ${platform}.`,
    };
  }
  const folder = await mkdtemp(join(scratchDir, 'automatos-sandbox-'));
  try {
    const result = await start({
      argv: ['sh', '-c', 'echo isolated'],
      folder,
      limits: { wallMs: 10_000 },
      signal: new AbortController().signal,
    });
    if (result.exitCode === 0 && result.stdout.text === 'isolated\n') return { available: true };
    const why = result.stderr.text.trim().split('\n')[0] ?? '';
    return {
      available: false,
      reason: `the trial failed (${why || `exit ${result.exitCode}`}). ${HOW}`,
    };
  } catch (error) {
    return { available: false, reason: `${(error as Error).message}. ${HOW}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(command: SandboxCommand): Promise<SandboxResult> {
  command.signal.throwIfAborted();
  const limits = { ...SANDBOX_LIMITS, ...command.limits };
  const [program, ...args] = asRoot()
    ? bubblewrapCommandAsRoot(command, limits)
    : bubblewrapCommand(command, limits);
  const environment = environmentArguments(command);
  if (asRoot()) await chown(command.folder, SANDBOX_UID, SANDBOX_UID);
  const startedAt = performance.now();
  // A group of its own, so that whatever stands before the isolation ends with it.
  const child = spawn(program, args, {
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let stopped: SandboxStop = null;
  const stop = (reason: Exclude<SandboxStop, null>) => {
    stopped ??= reason;
    kill(child);
  };
  const bounds = { keep: limits.outputBytes, onText: command.onOutput };
  const stdout = readBounded(child.stdout, bounds, () => stop('output'));
  const stderr = readBounded(child.stderr, bounds, () => stop('output'));
  const onAbort = () => kill(child);
  command.signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop('time'), limits.wallMs);
  const usage =
    child.pid === undefined
      ? null
      : watchUsage({ pid: child.pid, folder: command.folder, ...limits }, stop);
  try {
    feed(child.stdin, command.stdin);
    feed(child.stdio[ENVIRONMENT_FD] as Writable, environment);
    const code = await ended(child);
    command.signal.throwIfAborted();
    return {
      exitCode: stopped === null ? code : null,
      stopped,
      stdout: stdout(),
      stderr: stderr(),
      durationMs: performance.now() - startedAt,
    };
  } finally {
    clearTimeout(timer);
    usage?.stop();
    command.signal.removeEventListener('abort', onAbort);
  }
}

/** The kernel ends everything in the process namespace with its first process, and that with its parent. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function feed(stream: Writable, input: string | Uint8Array | undefined): void {
  // A command that reads nothing closes its end.
  stream.on('error', () => undefined);
  stream.end(input);
}

/** Exit code, null after a signal; rejects when the program itself is not there. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`"${child.spawnfile}" could not be started: ${error.message}`)),
    );
    child.once('close', resolve);
  });
}
