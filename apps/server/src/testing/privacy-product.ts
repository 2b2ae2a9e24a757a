import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Session } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import { compose } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createPlace } from './product.ts';

/** Somebody signed in, with an access token. */
export interface Person {
  id: string;
  email: string;
  workspaceId: string;
  send<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Body }>;
}

/** The composed product in this process, its database beside it. */
export interface PrivacyProduct {
  url: string;
  database: Database;
  dataDir: string;
  vendor: LlmWireServer;
  signUp(who: { name: string; email: string; userAgent?: string }): Promise<Person>;
  /** Ends the product, so that the files of the data folder can be read; `close` still has to be called. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export const PASSWORD = 'a long enough canary 5d2f';

/** With a model behind it at `openai-compatible`, and Redis when `redisUrl` names one. */
export async function startPrivacyProduct(
  options: { redisUrl?: string; outboundAllow?: string } = {},
): Promise<PrivacyProduct> {
  const place = await createPlace();
  const vendor = await createLlmWireServer();
  const config = loadConfig({
    env: {
      AUTOMATOS_ROLES: 'api,worker',
      AUTOMATOS_ROOTS: tmpdir(),
      FSYNC: 'false',
      SIGNUP_OPEN: 'true',
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PRINCIPAL_PER_MINUTE: '100000',
      OPENAI_COMPATIBLE_BASE_URL: `${vendor.url}/v1`,
      LLM_DEFAULT_PROVIDER: 'openai-compatible',
      LLM_DEFAULT_MODEL: 'fake-model',
      AUTOMATOS_OUTBOUND_ALLOW: [new URL(vendor.url).host, options.outboundAllow ?? []]
        .flat()
        .join(','),
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
    },
    argv: ['--data', place.dataDir],
    cwd: place.dataDir,
    home: place.dataDir,
    isTerminal: false,
  });
  let opened: Database | undefined;
  const app = await compose({
    config,
    logger: silentLogger,
    operatorKey: 'ak_srv_operator-key-of-the-tests-0123456789',
    progress: () => undefined,
    hooks: {
      database(database) {
        opened = database;
        return database;
      },
    },
  });
  const { url } = await app.edge.listen({ host: '127.0.0.1', port: 0 });
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= app.stop());
  return {
    url,
    database: opened as Database,
    dataDir: place.dataDir,
    vendor,
    signUp: (who) => signUp(url, who),
    stop,
    async close() {
      await stop();
      await vendor.close();
      await place.remove();
    },
  };
}

async function signUp(
  url: string,
  { userAgent = 'tests', ...who }: { name: string; email: string; userAgent?: string },
): Promise<Person> {
  const response = await fetch(`${url}/api/auth/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': userAgent },
    body: JSON.stringify({ ...who, password: PASSWORD, tokens: true }),
  });
  if (response.status !== 201) throw new Error(`sign-up answered ${await response.text()}`);
  const session = (await response.json()) as Session & { tokens: { access_token: string } };
  return {
    id: session.user?.id ?? '',
    email: who.email,
    workspaceId: session.workspace.id,
    async send(method, path, ...[body, headers = {}]) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${session.tokens.access_token}`,
          'content-type': 'application/json',
          'user-agent': userAgent,
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') === true;
      return {
        status: answer.status,
        body: (text === '' ? null : isJson ? JSON.parse(text) : text) as never,
      };
    },
  };
}

/** Makes a person a member of another's workspace, by the way of an invitation. */
export async function invite(owner: Person, guest: Person, role: string): Promise<void> {
  const made = await owner.send<{ token: string }>(
    'POST',
    `/api/workspaces/${owner.workspaceId}/invitations`,
    { email: guest.email, role },
  );
  const accepted = await guest.send('POST', '/api/auth/invitations/accept', {
    token: made.body.token,
  });
  if (accepted.status !== 200) throw new Error(`accept: ${JSON.stringify(accepted.body)}`);
}

/** Every row of every table as text, files inside of columns decoded, by table. */
export async function dumpTables(database: Database): Promise<Map<string, string>> {
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const dump = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await database.pool.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
    const text = await database.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    const files = rows.flatMap((row) =>
      Object.values(row).flatMap((value) =>
        value instanceof Uint8Array ? [Buffer.from(value).toString('utf8')] : [],
      ),
    );
    dump.set(name, [...text.rows.map(({ row }) => row), ...files].join('\n'));
  }
  return dump;
}

/** Every file below a folder, but those of the embedded database, which `dumpTables` reads. */
export async function readFolder(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (name.startsWith('postgres') || !(await stat(path)).isFile()) continue;
    files.set(name, await readFile(path));
  }
  return files;
}
