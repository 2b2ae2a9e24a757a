import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@automatos/database';
import { databaseKind } from '@automatos/database/testing';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newTicket } from './ear.fixture.ts';
import { inTurn, ownRequest, SHARED_PARAMETERS } from './matrix.fixture.ts';
import { operationsOf, requestFor } from './operations.fixture.ts';
import type { ApiDocument, Operation } from './operations.fixture.ts';
import { resolve } from './sample-value.fixture.ts';
import type { SampleContext } from './sample-value.fixture.ts';
import { cookieOf, PASSWORD, startTwoWorkspaces } from './two-workspaces.fixture.ts';
import type { TwoWorkspaces } from './two-workspaces.fixture.ts';

/**
 * Attacks on the whole product, each as an outsider or a member would try it. Objects of others are in the tenant matrix, bytes
 * in attacks-wire, forged tokens, second factors and outbound addresses beside the rooms that own them.
 */

/** Hundreds of calls: the machine decides how long they take, not the product. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const PUBLIC_URL = 'https://automatos.example';
const SAME = { 'sec-fetch-site': 'same-origin' };
/** Texts of all statements that reached the database, without their values. */
const statements = new Set<string>();

/** What is refused before the database is asked needs the slow one for a few samples only. */
function onSlow<T>(all: readonly T[]): readonly T[] {
  return databaseKind() === 'server' ? all : all.filter((_each, n) => n % 3 === 2);
}

let world: TwoWorkspaces;
let operations: Operation[];
let context: SampleContext;
let owner: Record<string, string>;

beforeAll(async () => {
  world = await startTwoWorkspaces({
    env: { PUBLIC_URL },
    hooks: { database: (database) => recordStatements(database) },
  });
  const document = (
    await world.inject({ method: 'GET', url: '/openapi.json' })
  ).json<ApiDocument>();
  context = { schemas: document.components.schemas };
  operations = operationsOf(document);
  owner = { ...world.proof(world.a, 'owner'), 'x-workspace-id': world.a.id };
});
afterAll(() => world.close());

/** Notes the text of each statement of every connection, at the last place before the wire. */
function recordStatements(database: Database): Database {
  const watched = new WeakSet<object>();
  database.pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const [first] = args as [string | { text?: string }];
      statements.add(typeof first === 'string' ? first : (first.text ?? ''));
      return query(...args);
    }) as typeof client.query;
  });
  return database;
}

const send = (options: InjectOptions) => world.inject(options);
const post = (url: string, payload: unknown, headers: Record<string, string> = owner) =>
  send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  });
const code = (answer: LightMyRequestResponse) => answer.json<{ code?: string }>().code;
/** Own objects that need not exist: what is asked is whether the request gets that far. */
const anyObjects = () =>
  Object.fromEntries(
    operations.flatMap(({ params }) =>
      params.map(({ name, schema }) => [name, [nameFor(name, schema)]] as const),
    ),
  );
function nameFor(name: string, schema: { pattern?: string; format?: string }): string {
  if (name === 'workspace_id') return world.a.id;
  return (
    SHARED_PARAMETERS[name] ??
    (schema.format === 'uuid' ? '01990000-0000-7000-8000-0000000000ff' : 'none')
  );
}

describe('a page of another site', () => {
  const key = { name: 'made by another site', role: 'admin' };
  const cookie = () => ({ cookie: world.a.people.owner.cookie });
  const made = async () => {
    const { rows } = await world.database.pool.query('SELECT 1 FROM api_keys WHERE name = $1', [
      key.name,
    ]);
    return rows.length;
  };

  test.each([
    ['says nothing of itself', {}],
    ['says that it is another', { origin: 'https://evil.example' }],
    ['hides its origin', { origin: 'null' }],
    ['is told to be cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['is a sibling', { 'sec-fetch-site': 'same-site' }],
    ['is no page', { 'sec-fetch-site': 'none' }],
    ['claims our host in its origin', { origin: 'https://evil.example/?localhost' }],
    ['has a host that begins like ours', { origin: 'http://localhost.evil.example' }],
  ])('that %s changes nothing with the cookie of a person', async (_how, headers) => {
    for (const type of [
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await send({
        method: 'POST',
        url: '/api/auth/api-keys',
        headers: { ...cookie(), ...headers, 'content-type': type },
        payload: JSON.stringify(key),
      });
      expect([type, answer.statusCode]).toEqual([type, 403]);
    }
    expect(await made()).toBe(0);
  });

  test('our own page may; only as JSON', async () => {
    const headers = { ...cookie(), ...SAME };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await send({
        method: 'POST',
        url: '/api/auth/api-keys',
        headers: { ...headers, 'content-type': type },
        payload: JSON.stringify(key),
      });
      expect(answer.statusCode).toBe(415);
    }
    expect((await post('/api/auth/api-keys', key, headers)).statusCode).toBe(201);
    expect(await made()).toBe(1);
  });

  test('signs nobody in or up', async () => {
    const { email } = world.a.people.viewer;
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await post('/api/auth/sign-in', { email, password: PASSWORD }, headers);
      expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
  });

  test('reads nothing: no answer allows its origin', async () => {
    const answer = await send({
      method: 'GET',
      url: '/api/auth/session',
      headers: { ...cookie(), origin: 'https://evil.example' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await send({
      method: 'OPTIONS',
      url: '/api/agents',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('frames nothing', async () => {
    for (const url of [
      '/api/auth/session',
      '/docs',
      '/docs/errors',
      '/openapi.json',
      '/nowhere',
      '/health',
    ]) {
      const { headers } = await send({ method: 'GET', url });
      expect([url, headers['x-frame-options'], String(headers['content-security-policy'])]).toEqual(
        [url, 'DENY', expect.stringContaining("frame-ancestors 'none'")],
      );
    }
  });
});

describe('sessions', () => {
  const signIn = (headers: Record<string, string>) =>
    post('/api/auth/sign-in', { email: world.a.people.viewer.email, password: PASSWORD }, headers);
  const alive = async (cookie: string) =>
    (await send({ method: 'GET', url: '/api/auth/session', headers: { cookie } })).statusCode ===
    200;

  test('a session that was set by somebody else does not become mine', async () => {
    const planted = 'automatos_session=planted-by-the-attacker-0123456789';
    const theirs = world.b.people.viewer.cookie;
    for (const before of [planted, theirs]) {
      const answer = await signIn({ ...SAME, cookie: before });
      const after = cookieOf(answer);
      expect(after).toMatch(/^automatos_session=.{20,}/);
      expect(after).not.toBe(before);
      expect(await alive(after)).toBe(true);
    }
    expect(await alive(planted)).toBe(false);
  });

  test('two sign-ins are two sessions, and the end of one leaves nothing of it', async () => {
    const [one, two] = [cookieOf(await signIn(SAME)), cookieOf(await signIn(SAME))];
    expect(one).not.toBe(two);
    await send({ method: 'POST', url: '/api/auth/sign-out', headers: { ...SAME, cookie: one } });
    expect([await alive(one), await alive(two)]).toEqual([false, true]);
  });

  test('a session counts from nowhere but its cookie', async () => {
    const token = decodeURIComponent(cookieOf(await signIn(SAME)).split('=')[1] ?? '');
    for (const [url, headers] of [
      [`/api/auth/session?automatos_session=${token}`, {}],
      [`/api/auth/session?session=${token}&token=${token}`, {}],
      ['/api/auth/session', { 'x-api-key': token }],
      ['/api/auth/session', { authorization: `Bearer ${token}` }],
      ['/api/auth/session', { cookie: `session=${token}` }],
    ] as const) {
      const answer = await send({ method: 'GET', url, headers });
      expect([url.slice(0, 30), answer.statusCode]).not.toEqual([url.slice(0, 30), 200]);
    }
  });

  test('what the database holds is no session', async () => {
    const { rows } = await world.database.pool.query<{ token: string; id: string }>(
      'SELECT token, id FROM sessions LIMIT 5',
    );
    for (const { token, id } of rows)
      expect([
        await alive(`automatos_session=${token}`),
        await alive(`automatos_session=${id}`),
      ]).toEqual([false, false]);
  });
});

describe('the first start', () => {
  test('makes its secrets, readable by their owner only', async () => {
    for (const name of ['secret.key', 'encryption.key']) {
      const { mode } = await stat(join(world.place.dataDir, name));
      expect([name, (mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
  });

  test('opens to none of the usual names, passwords and keys', async () => {
    const names = [
      'admin@example.com',
      'admin@localhost.local',
      'owner@automatos.example',
      'test@test.com',
      'root@example.com',
    ];
    for (const email of names) {
      for (const password of ['admin', 'password', 'changeme', 'automatos', 'admin123'])
        expect([
          email,
          (await post('/api/auth/sign-in', { email, password }, {})).statusCode,
        ]).toEqual([email, 401]);
    }
    for (const key of [
      '',
      'admin',
      'changeme',
      'ak_srv_',
      'ak_srv_changeme',
      'undefined',
      'null',
      'test',
    ])
      expect([
        key,
        (await send({ method: 'GET', url: '/api/agents', headers: { 'x-api-key': key } }))
          .statusCode,
      ]).toEqual([key, 401]);
  });
});

describe('fields that nobody offered', () => {
  const EXTRA = {
    id: '01990000-0000-7000-8000-0000000000aa',
    role: 'owner',
    workspace_id: '01990000-0000-7000-8000-00000000000b',
    platform_admin: true,
    created_by: 'somebody',
    permissions: ['platform:write'],
    seeded: true,
    version: 99,
  };

  test('are refused by every write, one by one', async () => {
    const problems: string[] = [];
    let tried = 0;
    const writes = operations.filter(({ method, body }) => method !== 'GET' && body !== null);
    await inTurn(writes, async (operation) => {
      const known = fieldsOf(operation);
      if (known === null) return;
      const request = ownRequest(context, operation, anyObjects());
      for (const [name, value] of onSlow(Object.entries(EXTRA))) {
        if (known.has(name)) continue;
        tried += 1;
        const answer = await send({
          ...request,
          headers: { ...request.headers, ...owner },
          payload: JSON.stringify({
            ...(JSON.parse(request.payload ?? '{}') as object),
            [name]: value,
          }),
        });
        // Whoever may not ask at all is refused before.
        const isRefused =
          answer.statusCode === 400 || answer.statusCode === 403 || answer.statusCode === 401;
        if (!isRefused)
          problems.push(
            `${operation.id} took ${name}: ${answer.statusCode} ${answer.payload.slice(0, 100)}`,
          );
      }
    });
    expect(problems).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  });

  test('of a sign-up make nobody more than they are', async () => {
    const answer = await post(
      '/api/auth/sign-up',
      { email: 'more@attacks.example', password: PASSWORD, name: 'More', platform_admin: true },
      {},
    );
    expect(answer.statusCode).toBe(400);
    const { rows } = await world.database.pool.query('SELECT 1 FROM users WHERE email = $1', [
      'more@attacks.example',
    ]);
    expect(rows).toEqual([]);
  });
});

/** Names of the fields of a body; null where the wire of somebody else allows others. */
function fieldsOf(operation: Operation): Set<string> | null {
  const schema = resolve(context, operation.body ?? {});
  const branches = [
    schema,
    ...(schema.anyOf ?? schema.oneOf ?? []).map((each) => resolve(context, each)),
  ];
  if (
    branches.some(
      (each) =>
        typeof each.additionalProperties === 'object' &&
        Object.keys(each.additionalProperties).length === 0,
    )
  )
    return null;
  return new Set(branches.flatMap((each) => Object.keys(each.properties ?? {})));
}

describe('text that would be code elsewhere', () => {
  const SQL = [
    `' OR '1'='1' --`,
    `1; SELECT pg_sleep(9); --`,
    `') UNION SELECT pg_sleep(9)::text, token FROM sessions --`,
    `\\'; SELECT pg_sleep(9) --`,
    `$$; SELECT pg_sleep(9); $$`,
    `%_\u0000`,
  ];

  test('SQL in every text of every query and path stays a value', async () => {
    const problems: string[] = [];
    let tried = 0;
    const reads = operations.filter(({ method }) => method === 'GET');
    await inTurn(reads, async (operation) => {
      for (const payload of onSlow(SQL)) {
        for (const request of withPayload(operation, payload)) {
          tried += 1;
          const answer = await send({ ...request, headers: { ...request.headers, ...owner } });
          if (answer.statusCode >= 500 && answer.statusCode !== 502)
            problems.push(`${operation.id} ${request.url} → ${answer.statusCode} ${code(answer)}`);
        }
      }
    });
    expect(problems).toEqual([]);
    expect(tried).toBeGreaterThan(300);
    expect(statements.size).toBeGreaterThan(50);
    expect(
      [...statements].filter((text) => text.includes('pg_sleep') || text.includes("'1'='1")),
    ).toEqual([]);
  });

  test('text that cannot be stored is refused as such, wherever it stands', async () => {
    const bodies = ['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00\\ud800'].flatMap((text) => [
      `{"name":"${text}","category":"x"}`,
      `{"name":"x","category":"x","tags":["${text}"],"model":{"provider":"${text}"}}`,
    ]);
    for (const payload of bodies) {
      const answer = await send({
        method: 'POST',
        url: '/api/agents',
        headers: { ...owner, 'content-type': 'application/json' },
        payload,
      });
      expect([payload, answer.statusCode < 500]).toEqual([payload, true]);
    }
  });

  test('references and template marks in names and values are shown as they are', async () => {
    const text = `{{7*7}} \${7*7} <%= 7*7 %> #{7*7} {{constructor.constructor('return 7*7')()}} {{inputs.secret}}`;
    const agent = await post('/api/agents', {
      name: text.slice(0, 120),
      category: 'x',
      instructions: text,
    });
    expect(agent.statusCode).toBe(201);
    expect(agent.json<{ name: string; instructions: string }>()).toMatchObject({
      name: text.slice(0, 120),
      instructions: text,
    });
    const definition = {
      slug: 'template-attack',
      name: text.slice(0, 120),
      inputs: {
        type: 'object',
        properties: { note: { type: 'string' }, secret: { type: 'string' } },
        required: ['note', 'secret'],
      },
      steps: [
        { step_id: 'write', type: 'document', title: 'x', template: 'note: {{inputs.note}}' },
      ],
    };
    expect((await post('/api/workflow-recipes', { definition })).statusCode).toBe(201);
    const run = await post('/api/workflow-recipes/template-attack/execute', {
      inputs: { note: text, secret: 'never-shown' },
    });
    const { id } = run.json<{ id: string }>();
    await expect.poll(() => statusOf(id), { timeout: 60_000 }).toBe('completed');
    const { rows } = await world.database.pool.query<{ content: string }>(
      'SELECT content FROM run_artifacts WHERE run_id = $1',
      [id],
    );
    expect(rows[0]?.content).toContain('7*7');
    expect(rows[0]?.content).not.toMatch(/\b49\b|never-shown/);
    for (const template of [
      '{{7*7}}',
      `{{constructor}}`,
      `{{inputs.__proto__}}`,
      `{{inputs.constructor.name}}`,
    ]) {
      const refused = await post('/api/workflow-recipes/validate', {
        definition: { ...definition, steps: [{ ...definition.steps[0], template }] },
      });
      expect([template, refused.json<{ valid: boolean }>().valid]).toEqual([template, false]);
    }
  });

  const statusOf = async (id: string) =>
    (await send({ method: 'GET', url: `/api/runs/${id}`, headers: owner })).json<{
      status: string;
    }>().status;
});

/** The request with the payload in each of its texts, one after another. */
function* withPayload(operation: Operation, payload: string) {
  const objects = anyObjects();
  for (const wanted of operation.params) {
    yield requestFor(context, operation, {
      param: ({ name }) => (name === wanted.name ? payload : (objects[name]?.[0] ?? '')),
    });
  }
  for (const wanted of operation.query) {
    yield requestFor(context, operation, {
      param: ({ name }) => objects[name]?.[0] ?? '',
      field: (name) => (name === wanted.name ? payload : undefined),
    });
  }
}

describe('paths', () => {
  const TRAVERSALS = [
    '../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '/etc/passwd',
    '....//....//etc/passwd',
    '..\\..\\etc\\passwd',
    'file:///etc/passwd',
    '/proc/self/environ',
    '%2e%2e/%2e%2e/etc/passwd\u0000.ts',
  ];

  test('in every parameter of every path lead nowhere', async () => {
    const problems: string[] = [];
    await inTurn(
      operations.filter(({ method, params }) => method === 'GET' && params.length > 0),
      async (operation) => {
        for (const path of onSlow(TRAVERSALS)) {
          const objects = anyObjects();
          for (const wanted of operation.params) {
            const request = requestFor(context, operation, {
              param: ({ name }) => (name === wanted.name ? path : (objects[name]?.[0] ?? '')),
            });
            const answer = await send({ ...request, headers: { ...request.headers, ...owner } });
            if (
              answer.statusCode < 400 ||
              answer.statusCode >= 500 ||
              /root:.*:0:0|PATH=/.test(answer.payload)
            )
              problems.push(`${operation.id} ${request.url} → ${answer.statusCode}`);
          }
        }
      },
    );
    expect(problems).toEqual([]);
  });

  test('of tools stay inside of the folders that the operator allowed', async () => {
    const folder = join(world.place.dataDir, 'allowed');
    await mkdir(folder);
    await writeFile(join(folder, 'a.txt'), 'inside');
    const definition = (path: string, n: number) => ({
      slug: `traversal-${n}`,
      name: 'x',
      steps: [{ step_id: 'read', type: 'tool', tool: 'read_file', input: { path } }],
    });
    const paths = [
      '/etc/passwd',
      `${folder}/../../../etc/passwd`,
      '/proc/self/environ',
      'file:///etc/passwd',
    ];
    await Promise.all(
      paths.map(async (path, n) => {
        expect(
          (await post('/api/workflow-recipes', { definition: definition(path, n) })).statusCode,
        ).toBe(201);
        const run = (await post(`/api/workflow-recipes/traversal-${n}/execute`, {})).json<{
          id: string;
        }>();
        const get = async () =>
          (await send({ method: 'GET', url: `/api/runs/${run.id}`, headers: owner })).json<{
            status: string;
            error: unknown;
          }>();
        await expect.poll(async () => (await get()).status, { timeout: 60_000 }).toBe('failed');
        const steps = (
          await send({ method: 'GET', url: `/api/runs/${run.id}/steps`, headers: owner })
        ).payload;
        expect(steps).not.toMatch(/root:.*:0:0|PATH=/);
      }),
    );
  });
});

describe('what is small and grows', () => {
  const bomb = (levels: number) =>
    [
      'a: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: levels },
        (_, n) => `b${n}: &a${n + 1} [${Array.from({ length: 10 }, () => `*a${n}`).join(', ')}]`,
      ),
    ].join('\n');

  test.each([
    '/api/workflow-recipes',
    '/api/workflow-recipes/validate',
    '/api/workflow-recipes/import',
  ])('aliases in YAML do not multiply at %s', async (url) => {
    const before = process.memoryUsage().heapUsed;
    const answer = await post(url, { yaml: `${bomb(9)}\nslug: bomb\nname: x\nsteps: []\n` });
    const isRefused =
      answer.statusCode === 400 || answer.json<{ valid?: boolean }>().valid === false;
    expect([url, isRefused]).toEqual([url, true]);
    expect(answer.payload.length).toBeLessThan(100_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  });

  test('a packed body is not unpacked', async () => {
    const answer = await send({
      method: 'POST',
      url: '/api/agents',
      headers: { ...owner, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: Buffer.from('1f8b', 'hex'),
    });
    expect([400, 415]).toContain(answer.statusCode);
  });
});

describe('the name of the host', () => {
  test('is never taken from the request: links name the address that the operator set', async () => {
    const forged = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      'x-original-host': 'evil.example',
    };
    const key = { ...world.proof(world.a, 'key'), ...forged };
    const recipe = await post('/api/workflow-recipes', {
      definition: {
        slug: 'host-attack',
        name: 'x',
        steps: [{ step_id: 'w', type: 'document', title: 'x', template: 'x' }],
      },
    });
    expect(recipe.statusCode).toBe(201);
    const trigger = await post(
      '/api/triggers',
      { recipe: 'host-attack', spec: { type: 'webhook', name: 'x' } },
      key,
    );
    expect(trigger.json<{ url: string }>().url).toMatch(/^https:\/\/automatos\.example\//);
    const invitation = await post(
      `/api/workspaces/${world.a.id}/invitations`,
      { email: 'guest@attacks.example' },
      key,
    );
    expect(invitation.json<{ url: string }>().url).toMatch(/^https:\/\/automatos\.example\//);
    const problems: string[] = [];
    await inTurn(
      operations.filter(({ method }) => method === 'GET'),
      async (operation) => {
        const request = ownRequest(context, operation, anyObjects());
        const answer = await send({ ...request, headers: { ...request.headers, ...key } });
        if (
          JSON.stringify(answer.headers).includes('evil.example') ||
          answer.payload.includes('evil.example')
        )
          problems.push(operation.id);
      },
    );
    expect(problems).toEqual([]);
  });

  test('no answer leads to another site', async () => {
    const places = [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/%09/evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
      '///evil.example',
      '/@evil.example',
    ];
    for (const next of places) {
      for (const path of ['/api/auth/oidc/example/start', '/', '/docs', '/api/auth/session']) {
        const answer = await send({
          method: 'GET',
          url: `${path}?next=${encodeURIComponent(next)}&redirect=${encodeURIComponent(next)}&return_to=${encodeURIComponent(next)}`,
        });
        expect(String(answer.headers['location'] ?? '')).not.toMatch(/evil|javascript/);
      }
    }
  });
});

describe('WebSockets', () => {
  /** `open`, or the status of the refusal. */
  async function open(
    headers: Record<string, string>,
    protocols: string[] = ['automatos'],
    path = '/ws',
  ) {
    const socket = new WebSocket(`ws://127.0.0.1:${world.port}${path}`, protocols, { headers });
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 'open' as const),
      once(socket, 'unexpected-response').then(
        ([, response]) => (response as { statusCode: number }).statusCode,
      ),
    ]);
    return { socket, outcome };
  }
  const cookie = () => ({ cookie: world.a.people.owner.cookie });

  test.each([
    ['without anything', () => ({}), 401],
    [
      'with the cookie, from another site',
      () => ({ ...cookie(), origin: 'https://evil.example' }),
      403,
    ],
    ['with the cookie, from nowhere', () => cookie(), 403],
    ['with the cookie and a hidden origin', () => ({ ...cookie(), origin: 'null' }), 403],
    ['with a key that is none', () => ({ 'x-api-key': 'ak_srv_nonsense' }), 401],
  ])('%s one is refused', async (_how, headers, status) => {
    const { socket, outcome } = await open(headers());
    expect(outcome).toBe(status);
    socket.terminate();
  });

  test('with a ticket from the URL, an invented or a used one it is refused; a fresh one opens one', async () => {
    const ticket = await newTicket(world, owner);
    const tries = [
      await open({}, ['automatos'], `/ws?ticket=${ticket}`),
      await open({}, ['automatos', 'ticket.invented-0123456789']),
      await open({}, ['automatos', `ticket.${ticket}`]),
      await open({}, ['automatos', `ticket.${ticket}`]),
    ];
    expect(tries.map(({ outcome }) => outcome)).toEqual([401, 401, 'open', 401]);
    for (const { socket } of tries) socket.terminate();
  });

  test('a frame that is too large ends the connection', async () => {
    const { socket } = await open({ 'x-api-key': world.a.key.secret });
    socket.send(JSON.stringify({ op: 'subscribe', room: 'x'.repeat(17 * 1024) }));
    const [closeCode] = (await once(socket, 'close')) as [number];
    expect(closeCode).toBe(1009);
  });

  test('frames that reach a prototype or name rooms that are none are errors', async () => {
    const { socket } = await open({ 'x-api-key': world.a.key.secret });
    for (const frame of [
      '{"op":"subscribe","room":"workspace","__proto__":{"admin":true}}',
      '{"op":"constructor"}',
      '[]',
      'null',
      '{"op":"subscribe","room":"../workspace"}',
    ]) {
      socket.send(frame);
      const [data] = (await once(socket, 'message')) as [Buffer];
      expect([frame, (JSON.parse(data.toString('utf8')) as { op: string }).op]).toEqual([
        frame,
        'error',
      ]);
    }
    socket.terminate();
  });
});
