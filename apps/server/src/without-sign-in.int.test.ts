import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import type { Database } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InjectOptions } from 'fastify';
import { compose } from './compose.ts';
import type { App } from './compose.ts';
import { loadConfig } from './config.ts';
import { fillTables, tablesOfWorkspaces } from './security/fill-tables.fixture.ts';
import { createMarkers } from './security/markers.fixture.ts';
import { createPlace } from './testing/product.ts';
import type { ProductPlace } from './testing/product.ts';

/** The product with REQUIRE_AUTH=false, in this process; and what a workspace leaves behind in it. */

const OPERATOR_KEY = 'ak_srv_operator-key-of-this-test-0123456789';
const TENANT = '01990000-0000-7000-8000-00000000000a';
const OWN = { host: '127.0.0.1:8000', 'sec-fetch-site': 'same-origin' };

let place: ProductPlace;
let app: App;
let database: Database;
let port: number;

beforeAll(async () => {
  place = await createPlace();
  app = await compose({
    config: loadConfig({
      env: {
        AUTOMATOS_ROLES: 'api',
        AUTOMATOS_ROOTS: tmpdir(),
        FSYNC: 'false',
        REQUIRE_AUTH: 'false',
        DEFAULT_TENANT_ID: TENANT,
        RATE_LIMIT_PER_MINUTE: '100000',
        ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      },
      argv: ['--data', place.dataDir],
      cwd: place.dataDir,
      home: place.dataDir,
      isTerminal: false,
    }),
    logger: silentLogger,
    operatorKey: OPERATOR_KEY,
    progress: () => undefined,
    hooks: { database: (opened) => (database = opened) },
  });
  ({ port } = await app.edge.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(async () => {
  await app.stop();
  await place.remove();
});

const ask = (options: InjectOptions) => app.edge.inject(options);
const session = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
  ask({ url: '/api/auth/session', headers, remoteAddress });
const make = (headers: Record<string, string>) =>
  ask({ method: 'POST', url: '/api/workspaces', headers, payload: { name: 'Made' } });

describe('REQUIRE_AUTH=false', () => {
  test('who is at this machine is the operator of DEFAULT_TENANT_ID; every answer says that nobody had to prove it', async () => {
    const answer = await session(OWN);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { principal: { kind: 'operator' }, workspace: { id: TENANT } },
    ]);
    for (const url of ['/api/auth/session', '/health', '/nothing', '/docs'])
      expect((await ask({ url, headers: OWN })).headers['x-automatos-authentication']).toBe('off');
    const health = await ask({ url: '/api/system/health', headers: OWN });
    expect(health.json<{ notes: string[] }>().notes[0]).toContain('REQUIRE_AUTH is false');
  });

  test.each([
    ['the host of a stranger, whose name points here', { host: 'evil.example.com' }, undefined],
    ['a host that only looks like this machine', { host: '127.0.0.1.evil.example' }, undefined],
    ['a host that begins like this machine', { host: 'localhost.evil.example' }, undefined],
    ['an address of the network', { host: '10.0.0.5' }, undefined],
    ['a proxy in between', { ...OWN, 'x-forwarded-for': '203.0.113.9' }, undefined],
    ['a proxy that says so otherwise', { ...OWN, forwarded: 'for=203.0.113.9' }, undefined],
    ['another machine', OWN, '10.0.0.5'],
  ] as const)('401 for %s', async (_name, headers, address) => {
    expect((await session(headers, address)).statusCode).toBe(401);
  });

  test.each([['localhost:3000'], ['127.0.0.1'], ['[::1]:8000'], ['127.8.9.1:1']])(
    'host %s is this machine',
    async (host) => {
      expect((await session({ host })).statusCode).toBe(200);
    },
  );

  test('wrong credentials stay wrong', async () => {
    for (const wrong of [
      { 'x-api-key': 'nonsense' },
      { authorization: 'Bearer nonsense' },
      { authorization: 'Basic bm9ib2R5Og==' },
      { cookie: 'automatos_session=nonsense' },
    ])
      expect((await session({ ...OWN, ...(wrong as Record<string, string>) })).statusCode).toBe(
        401,
      );
    expect((await session({ ...OWN, 'x-api-key': OPERATOR_KEY })).statusCode).toBe(200);
  });

  test('pages of other sites cannot write, and programs without a page cannot either', async () => {
    const before = await workspaceCount();
    const host = { host: OWN.host };
    for (const from of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' },
      { origin: 'https://evil.example.com' },
      { origin: 'http://127.0.0.1:9999' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:5000' },
      {},
    ]) {
      const answer = await make({ ...host, ...(from as Record<string, string>) });
      expect([from, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        from,
        403,
        'http.origin.forbidden',
      ]);
    }
    expect(await workspaceCount()).toBe(before);
    expect((await make(OWN)).statusCode).toBe(201);
  });

  test('nor can they open the WebSocket', async () => {
    expect(await upgrade({ origin: 'https://evil.example.com' })).toBe(403);
    expect(await upgrade({ host: 'evil.example.com', origin: 'http://evil.example.com' })).toBe(
      401,
    );
    expect(await upgrade({ origin: `http://127.0.0.1:${port}` })).toBe(101);
  });
});

describe('a workspace that was deleted', () => {
  test('leaves no row in any table of workspaces but the audit log', async () => {
    const { id, slug } = (await make(OWN)).json<{ id: string; slug: string }>();
    await database.pool.query(
      "INSERT INTO users (id, name, email) VALUES ('ada', 'Ada', 'ada@example.com')",
    );
    await fillTables(database, id, createMarkers());
    const remove = () =>
      ask({ method: 'DELETE', url: `/api/workspaces/${id}?confirm=${slug}`, headers: OWN });
    const tables = (await tablesOfWorkspaces(database)).filter(
      (name) => !name.startsWith('audit_'),
    );
    const left = async () => {
      const found: string[] = [];
      for (const name of tables) {
        const { rows } = await database.pool.query(
          `SELECT 1 FROM "${name}" WHERE workspace_id = $1 LIMIT 1`,
          [id],
        );
        if (rows.length > 0) found.push(name);
      }
      return found;
    };
    expect((await left()).length).toBeGreaterThan(tables.length - 4);
    const refused = await remove();
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([
      409,
      expect.stringContaining('One run'),
    ]);
    await database.pool.query("UPDATE runs SET status = 'cancelled' WHERE workspace_id = $1", [id]);
    expect((await remove()).statusCode).toBe(204);
    expect(await left()).toEqual([]);
    const { rows } = await database.pool.query(
      'SELECT action, outcome FROM audit_log WHERE workspace_id = $1 ORDER BY sequence',
      [id],
    );
    expect(rows[0]).toEqual({ action: 'workspace.create', outcome: 'success' });
    expect(rows.at(-1)).toEqual({ action: 'workspace.delete', outcome: 'success' });
    expect((await ask({ url: `/api/workspaces/${id}`, headers: OWN })).statusCode).toBe(403);
  });

  test('is not the one that the settings name', async () => {
    const url = `/api/workspaces/${TENANT}?confirm=test`;
    const answer = await ask({ method: 'DELETE', url, headers: OWN });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
      409,
      'identity.workspace.kept',
    ]);
  });
});

async function workspaceCount(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'SELECT count(*)::int FROM workspaces',
  );
  return rows[0]?.count ?? 0;
}

/** Status of the answer to an upgrade. */
function upgrade(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/ws',
      headers: {
        host: `127.0.0.1:${port}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': 'automatos',
        ...headers,
      },
    });
    const done = (response: IncomingMessage) => {
      resolve(response.statusCode);
      response.socket.destroy();
    };
    request.on('response', done);
    request.on('upgrade', done);
    request.on('error', reject);
    request.end();
  });
}
