import { isAbsolute, join, normalize } from 'node:path';
import { toolError } from '../tool-error.ts';
import type { SandboxCommand, SandboxLimits } from './sandbox.ts';

/** User and group of commands inside, and for root outside too. 65534 is `nobody`. */
export const SANDBOX_UID = 65_534;
/** Room for temporary files, in memory. */
const TMP_BYTES = 32 * 1024 * 1024;
/** Room for memory that processes share by name, e.g. locks of Python. */
const SHARED_BYTES = 16 * 1024 * 1024;
const OPEN_FILES = 256;
export const ENVIRONMENT_FD = 3;
/** Where commands see the system: what is mounted there would replace parts of it. */
const SYSTEM = ['/usr', '/bin', '/lib', '/lib64', '/proc', '/dev', '/etc', '/tmp', '/work'];

/**
 * Arguments of bubblewrap and prlimit around a command, for callers who are not root. Throws
 * `tools.sandbox.command_invalid`.
 */
export function bubblewrapCommand(
  command: SandboxCommand,
  limits: SandboxLimits,
): [string, ...string[]] {
  return [
    'bwrap',
    ...isolation(command),
    '--',
    '/usr/bin/prlimit',
    `--cpu=${limits.cpuSeconds}`,
    `--data=${limits.privateBytes ?? limits.memoryBytes}`,
    `--nproc=${limits.processes}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${OPEN_FILES}`,
    '--core=0',
    '--',
    ...command.argv,
  ];
}

/** Binds the folders where the other user can reach them, in a mount namespace of this command alone: it ends with it. */
const STAGE_SCRIPT = [
  'set -e; stage=$1; count=$2; shift 2; i=0',
  'mount -t tmpfs -o mode=0711,size=64k automatos "$stage"',
  'while [ "$i" -lt "$count" ]; do',
  'if [ -d "$1" ]; then mkdir "$stage/$i"; else : > "$stage/$i"; fi',
  'mount --bind "$1" "$stage/$i"; shift; i=$((i+1)); done',
  'exec "$@"',
].join('\n');
/** Empty folders of every Linux, where nobody looks for anything of ours. */
const STAGES = ['/mnt', '/srv', '/media'] as const;

/**
 * The same for root, whose user is dropped first: the kernel does not hold root to the limit of processes. The dropped user may
 * not reach folders that only root can enter, so they are bound elsewhere before.
 */
export function bubblewrapCommandAsRoot(
  command: SandboxCommand,
  limits: SandboxLimits,
): [string, ...string[]] {
  const readable = command.readable ?? [];
  const sources = [command.folder, ...readable.map(({ from }) => from)];
  const stage = STAGES.find((each) => !sources.some((path) => path.startsWith(each)));
  if (stage === undefined) throw invalid('Its folders lie in too many places of the system.');
  const staged = {
    ...command,
    folder: join(stage, '0'),
    readable: readable.map(({ to }, index) => ({ from: join(stage, String(index + 1)), to })),
  };
  const drop = [`--reuid=${SANDBOX_UID}`, `--regid=${SANDBOX_UID}`];
  return [
    'unshare',
    '--mount',
    '--',
    'sh',
    '-c',
    STAGE_SCRIPT,
    'sh',
    stage,
    String(sources.length),
    ...sources,
    'setpriv',
    ...drop,
    '--clear-groups',
    '--no-new-privs',
    ...bubblewrapCommand(staged, limits),
  ];
}

function isolation(command: SandboxCommand): string[] {
  return [
    // `--unshare-all` would make a failing user namespace no error.
    ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((kind) => `--unshare-${kind}`),
    ['--disable-userns'],
    ['--die-with-parent'],
    ['--new-session'],
    ['--cap-drop', 'ALL'],
    ['--clearenv'],
    ['--uid', String(SANDBOX_UID), '--gid', String(SANDBOX_UID)],
    ['--hostname', 'sandbox'],
    ['--ro-bind', '/usr', '/usr'],
    ['--symlink', 'usr/bin', '/bin'],
    ['--symlink', 'usr/lib', '/lib'],
    ['--symlink', 'usr/lib64', '/lib64'],
    // Programs find their libraries and certificates by these; nothing else of /etc is there.
    ['/etc/ld.so.cache', '/etc/ssl/certs', '/etc/alternatives'].flatMap((path) => [
      '--ro-bind-try',
      path,
      path,
    ]),
    ['--proc', '/proc'],
    ['--dev', '/dev'],
    ['--size', String(SHARED_BYTES), '--tmpfs', '/dev/shm'],
    // Made in memory without a bound: whoever could write here could take all of the machine's.
    ['--remount-ro', '/dev'],
    ['--size', String(TMP_BYTES), '--tmpfs', '/tmp'],
    (command.readable ?? []).flatMap(({ from, to }) => {
      assertMount(from, to);
      return ['--ro-bind', from, to];
    }),
    ['--bind', command.folder, '/work'],
    ['--remount-ro', '/'],
    ['--chdir', '/work'],
    ['--args', String(ENVIRONMENT_FD)],
  ].flat();
}

/**
 * What bubblewrap reads from its descriptor {@link ENVIRONMENT_FD}: variables may be secrets, and arguments of a program can be
 * read by everybody on the machine. Throws `tools.sandbox.command_invalid`.
 */
export function environmentArguments(command: SandboxCommand): string {
  return environment(command)
    .flatMap(([name, value]) => ['--setenv', name, value])
    .map((argument) => `${argument}\0`)
    .join('');
}

function environment(command: SandboxCommand): [string, string][] {
  const own = Object.entries(command.env ?? {});
  for (const [name, value] of own) {
    if (!/^[A-Z_][A-Z0-9_]{0,99}$/i.test(name) || value.includes('\0')) {
      throw invalid(`The variable "${name.slice(0, 100)}" cannot be set.`);
    }
  }
  return [['PATH', '/usr/bin'], ['HOME', '/work'], ['LANG', 'C.UTF-8'], ['TMPDIR', '/tmp'], ...own];
}

function assertMount(from: string, to: string): void {
  const inSystem = SYSTEM.some((folder) => to === folder || to.startsWith(`${folder}/`));
  if (!isAbsolute(from) || !isAbsolute(to) || normalize(to) !== to || to === '/' || inSystem) {
    throw invalid(`"${from}" cannot be shown as "${to}" inside of the sandbox.`);
  }
}

function invalid(message: string) {
  return toolError('tools.sandbox.command_invalid', 'invalid-input', message);
}
