import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from './exit-codes.ts';
import type { Shell } from './shell.ts';

/** What this person's command line keeps about one server. */
export interface ServerProfile {
  email?: string;
  /** Stands for the session; as good as a password for seven days. */
  refresh_token?: string;
  access_token?: string;
  /** When the access token runs out, in milliseconds of the epoch. */
  access_expires_at?: number;
  /** Workspace of commands that name none. */
  workspace?: string;
}

interface Profile {
  servers: Record<string, ServerProfile>;
}

/** `automatos/profile.json` in the person's folder for settings; null when the environment names no home. */
function profilePath(shell: Shell): string | null {
  const { XDG_CONFIG_HOME: config, HOME: home } = shell.env;
  if (config !== undefined && config !== '') return join(config, 'automatos', 'profile.json');
  return home === undefined || home === ''
    ? null
    : join(home, '.config', 'automatos', 'profile.json');
}

/** What is kept about a server; empty when nothing is. Throws a {@link UsageError} for a file that others can read. */
export function readProfile(shell: Shell, origin: string): ServerProfile {
  return readAll(shell).servers[origin] ?? {};
}

/** Changes what is kept about a server, whole or not at all; `undefined` takes a value away. */
export function updateProfile(
  shell: Shell,
  origin: string,
  change: { [Key in keyof ServerProfile]: ServerProfile[Key] | undefined },
): void {
  const path = profilePath(shell);
  if (path === null)
    throw new UsageError('Neither HOME nor XDG_CONFIG_HOME is set: there is no place to keep it.');
  const { servers } = readAll(shell);
  const changed = { ...servers[origin], ...change };
  const content: Profile = { servers: { ...servers, [origin]: changed as ServerProfile } };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

function readAll(shell: Shell): Profile {
  const path = profilePath(shell);
  if (path === null) return { servers: {} };
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new UsageError(
        `${path} holds sign-ins and can be read by others; run: chmod 600 ${path}`,
      );
    const { servers } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Profile>;
    return { servers: typeof servers === 'object' && servers !== null ? servers : {} };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { servers: {} };
    if (error instanceof SyntaxError)
      throw new UsageError(
        `${path} cannot be read: ${error.message}. Remove it and sign in again.`,
      );
    throw error;
  }
}
