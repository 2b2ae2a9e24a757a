import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createClient, type Client } from '@automatos/sdk';
import { UsageError } from './exit-codes.ts';
import { readProfile } from './profile.ts';
import type { Shell } from './shell.ts';
import { createSignedFetch } from './signed-fetch.ts';

export interface ConnectionOptions {
  url?: string | undefined;
  'api-key'?: string | undefined;
  workspace?: string | undefined;
  data?: string | undefined;
}

export interface Connection {
  client: Client;
  url: string;
  /** Where the credentials came from, in words. */
  credentials: string;
  /** Workspace that requests name; undefined: the server picks. */
  workspace: string | undefined;
}

interface OperatorFile {
  url: string;
  key: string;
  path: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8000';

/**
 * Returns a client with credentials from `--api-key`, else `AUTOMATOS_API_KEY`, else of the person who signed in with
 * `automatos login`, else the operator file that a server on this machine leaves in its data folder. What belongs to one server is
 * sent to no other.
 */
export function connect(shell: Shell, options: ConnectionOptions): Connection {
  const operator = findOperatorFile(shell, options.data);
  const url = options.url ?? setting(shell, 'AUTOMATOS_URL') ?? operator?.url ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new UsageError(`"${url}" is no URL; give one like ${DEFAULT_URL}.`);
  const { origin } = new URL(url);
  const { key, credentials, signedIn } = chooseKey(shell, options, { url, operator });
  const workspace = options.workspace ?? readProfile(shell, origin).workspace;
  const client = createClient({
    baseUrl: origin,
    ...(key === undefined ? {} : { apiKey: key }),
    ...(signedIn === true ? { fetch: createSignedFetch(shell, origin) } : {}),
    ...(workspace === undefined ? {} : { workspaceId: workspace }),
  });
  return { client, url: origin, credentials, workspace };
}

/** An empty variable means "not set", as for the server. */
function setting(shell: Shell, name: string): string | undefined {
  return shell.env[name] === '' ? undefined : shell.env[name];
}

function chooseKey(
  shell: Shell,
  options: ConnectionOptions,
  target: { url: string; operator: OperatorFile | undefined },
): { key: string | undefined; credentials: string; signedIn?: boolean } {
  if (options['api-key'] !== undefined)
    return { key: options['api-key'], credentials: '--api-key' };
  const fromEnvironment = setting(shell, 'AUTOMATOS_API_KEY');
  if (fromEnvironment !== undefined)
    return { key: fromEnvironment, credentials: 'AUTOMATOS_API_KEY' };
  const { operator, url } = target;
  const { refresh_token: session, email = 'somebody' } = readProfile(shell, new URL(url).origin);
  if (session !== undefined)
    return { key: undefined, credentials: `signed in as ${email}`, signedIn: true };
  if (operator !== undefined && isSameServer(operator.url, url))
    return { key: operator.key, credentials: operator.path };
  return { key: undefined, credentials: 'none' };
}

/** The web port and the API port of this machine are one server. */
function isSameServer(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  const isLocal = (url: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return a.origin === b.origin || (isLocal(a) && isLocal(b) && a.port === b.port);
}

/** The data folder named, that of the working folder or one above it, or that of the product. */
function findOperatorFile(shell: Shell, data: string | undefined): OperatorFile | undefined {
  const named = data ?? setting(shell, 'AUTOMATOS_DATA_DIR');
  if (named !== undefined) return readOperatorFile(resolve(shell.cwd, named));
  const folders: string[] = [];
  for (let folder = shell.cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of [...folders, shell.productRoot]) {
    const found = readOperatorFile(join(folder, 'data'));
    if (found !== undefined) return found;
  }
  return undefined;
}

function readOperatorFile(dataDir: string): OperatorFile | undefined {
  const path = join(dataDir, 'operator.json');
  try {
    const { url, key } = JSON.parse(readFileSync(path, 'utf8')) as Partial<OperatorFile>;
    return typeof url === 'string' && URL.canParse(url) && typeof key === 'string'
      ? { url, key, path }
      : undefined;
  } catch {
    // No server was started here, or its file is not ours to read: there are other ways to give credentials.
    return undefined;
  }
}
