import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { createAuditLog, createAuditRoutes, currentAuditScope } from '@automatos/identity';
import type { AuditLog } from '@automatos/identity';
import { DEFAULT_WORKSPACE_ID, PlatformError, silentLogger, systemClock } from '@automatos/kernel';
import { allRoutes } from '@automatos/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startEdge, testRoute, OTHER_WORKSPACE_ID } from '../testing/edge-fixture.ts';
import type { EdgeFixture } from '../testing/edge-fixture.ts';
import { auditActionOf, auditKindOf } from './audit-actions.ts';

let base: TestDatabase;
let audit: AuditLog;
let fixture: EdgeFixture;
/** Set: the log cannot be written, as when the database is away. */
let broken: Partial<AuditLog> = {};
let handled = 0;

const as = (who: string) => ({ authorization: `Bearer ${who}` });
const thing = z.strictObject({ name: z.string(), secret_value: z.string().optional() });

const routes = () => [
  testRoute(
    {
      operationId: 'createThing',
      method: 'POST',
      path: '/things',
      permission: 'agents:write',
      body: thing,
      status: 201,
      response: z.object({ id: z.string(), name: z.string() }),
    },
    (call) => {
      handled += 1;
      const { name } = call.body as unknown as { name: string };
      if (name === 'refused')
        throw new PlatformError({ code: 'thing.name.refused', kind: 'conflict', message: 'No.' });
      return Promise.resolve({
        body: { id: 'thing-1', name },
        cookies: [{ name: 'session', value: 'x', maxAge: 60 }],
      });
    },
  ),
  testRoute(
    {
      operationId: 'appendThing',
      method: 'PUT',
      path: '/things/:thing_id',
      permission: 'agents:write',
      params: z.strictObject({ thing_id: z.string() }),
      status: 204,
    },
    async (call) => {
      const { workspaceId } = call;
      const target = { type: 'thing', id: 'own', name: 'in its transaction' };
      await base.database.workspace(workspaceId, (tx) =>
        audit.appendRequest(tx, workspaceId, target),
      );
      expect(currentAuditScope()?.appended).toBe(true);
      return {};
    },
  ),
  testRoute(
    {
      operationId: 'checkThing',
      method: 'POST',
      path: '/things/check',
      permission: 'agents:read',
      status: 204,
    },
    () => Promise.resolve({}),
  ),
  testRoute(
    {
      operationId: 'askThing',
      method: 'POST',
      path: '/things/ask',
      permission: 'models:call',
      status: 204,
    },
    () => Promise.resolve({}),
  ),
  testRoute(
    { operationId: 'readThing', path: '/things/read', permission: 'agents:write', status: 204 },
    () => Promise.resolve({}),
  ),
  ...createAuditRoutes({ database: base.database, audit, clock: systemClock }),
];

beforeAll(async () => {
  base = await createTestDatabase();
  audit = createAuditLog({ database: base.database, clock: systemClock, logger: silentLogger });
});
afterAll(async () => {
  await audit.close();
  await base.close();
});
beforeEach(async () => {
  broken = {};
  handled = 0;
  const breakable = new Proxy(audit, {
    get: (target, name: keyof AuditLog) => broken[name] ?? target[name],
  });
  fixture = await startEdge(routes(), { audit: breakable });
});
afterEach(() => fixture.close());

async function newest(who = 'owner', query = '') {
  const answer = await fixture.edge.inject({
    url: `/api/audit?limit=50${query}`,
    headers: as(who),
  });
  expect(answer.statusCode).toBe(200);
  return answer.json<{ items: Record<string, never>[] }>().items;
}
const send = (
  [method, url]: readonly ['POST' | 'PUT' | 'GET', string],
  who: string | null,
  payload?: object,
) =>
  fixture.edge.inject({
    method,
    url,
    headers: { ...(who === null ? {} : as(who)), 'user-agent': 'audit test' },
    ...(payload === undefined ? {} : { payload }),
  });

test('a write is recorded with who, what, whence and outcome, and without its body', async () => {
  const canary = 'canary-5f1c0ffee';
  const answer = await send(['POST', '/things'], 'owner', { name: 'Desk', secret_value: canary });
  expect(answer.statusCode).toBe(201);
  const [entry] = await newest();
  expect(entry).toMatchObject({
    action: 'thing.create',
    outcome: 'success',
    actor: { kind: 'user', id: 'owner' },
    target: { type: 'thing', id: 'thing-1', name: 'Desk' },
    request_id: answer.headers['x-request-id'],
    details: { method: 'POST', route: '/things', fields: ['name', 'secret_value'], status: 201 },
    personal: { name: 'owner', ip: '127.0.0.1', user_agent: 'audit test' },
  });
  const { rows } = await base.database.pool.query(
    `SELECT row_to_json(l)::text AS text FROM audit_log l UNION ALL SELECT row_to_json(p)::text FROM audit_pending p`,
  );
  expect(JSON.stringify(rows)).not.toContain(canary);
});

test.each([
  { who: null, status: 401, code: 'auth.credentials.missing', kind: 'anonymous' },
  { who: 'wrong', status: 401, code: 'auth.credentials.invalid', kind: 'anonymous' },
  { who: 'viewer', status: 403, code: 'auth.permission.missing', kind: 'user' },
])('a write of $who is recorded as denied', async ({ who, status, code, kind }) => {
  expect((await send(['POST', '/things'], who, { name: 'x' })).statusCode).toBe(status);
  expect((await newest())[0]).toMatchObject({
    action: 'thing.create',
    outcome: 'denied',
    details: { code },
    actor: { kind },
  });
  expect(handled).toBe(0);
});

test('a read is recorded only when it is forbidden', async () => {
  const before = (await newest()).length;
  expect((await send(['GET', '/things/read'], 'owner')).statusCode).toBe(204);
  expect((await newest()).length).toBe(before);
  expect((await send(['GET', '/things/read'], 'viewer')).statusCode).toBe(403);
  await expect
    .poll(async () => (await newest())[0])
    .toMatchObject({ action: 'thing.read', outcome: 'denied' });
});

test('a failure and a wrong body are recorded with their code', async () => {
  await send(['POST', '/things'], 'owner', { name: 'refused' });
  expect((await newest())[0]).toMatchObject({
    outcome: 'failure',
    details: { code: 'thing.name.refused', status: 409 },
  });
  await send(['POST', '/things'], 'owner', { nope: 1 });
  expect((await newest())[0]).toMatchObject({
    outcome: 'failure',
    details: { code: 'request.input.invalid' },
  });
});

test('a change recorded in its transaction has one row', async () => {
  const before = (await newest()).length;
  expect((await send(['PUT', '/things/t7'], 'owner')).statusCode).toBe(204);
  const items = await newest();
  expect(items.length).toBe(before + 1);
  expect(items[0]).toMatchObject({
    target: { id: 'own', name: 'in its transaction' },
    outcome: 'success',
  });
});

test('what changes nothing is recorded beside its answer', async () => {
  expect((await send(['POST', '/things/check'], 'viewer')).statusCode).toBe(204);
  await expect
    .poll(async () => (await newest())[0])
    .toMatchObject({ action: 'thing.check', outcome: 'success' });
});

test('a model call is recorded only when it is refused', async () => {
  await send(['POST', '/things/ask'], 'owner');
  expect((await send(['POST', '/things/ask'], 'viewer')).statusCode).toBe(403);
  await expect
    .poll(async () => (await newest())[0])
    .toMatchObject({ action: 'thing.ask', outcome: 'denied' });
  const asked = (await newest()).filter((entry) => String(entry['action']) === 'thing.ask');
  expect(asked).toHaveLength(1);
});

const away = () =>
  Promise.reject(
    new PlatformError({ code: 'audit.entry.not_stored', kind: 'unavailable', message: 'away' }),
  );

test('a change that cannot be put down is not done', async () => {
  broken = { begin: away };
  const answer = await send(['POST', '/things'], 'owner', { name: 'x' });
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
    503,
    'audit.entry.not_stored',
  ]);
  expect(handled).toBe(0);
});

test('a change whose outcome cannot be stored is not confirmed, signs nobody in, and is not forgotten', async () => {
  broken = { settle: away };
  const answer = await send(['POST', '/things'], 'owner', { name: 'x' });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(handled).toBe(1);
  await base.database.pool.query(
    `UPDATE audit_pending SET created_at = created_at - interval '1 hour'`,
  );
  expect((await newest())[0]).toMatchObject({
    action: 'thing.create',
    outcome: 'failure',
    request_id: answer.headers['x-request-id'],
    details: { interrupted: true },
  });
});

test('nothing is done while too many entries wait', async () => {
  const behind = () => {
    throw new PlatformError({ code: 'audit.log.behind', kind: 'unavailable', message: 'behind' });
  };
  broken = { assertKeepingUp: behind };
  expect((await send(['POST', '/things/check'], 'viewer')).statusCode).toBe(503);
});

test('each workspace reads its own log, and only owners and admins do', async () => {
  await send(['POST', '/things'], 'owner@other', { name: 'theirs' });
  const theirs = await newest('owner@other');
  expect(theirs.map((entry) => entry['workspace_id'])).toEqual(
    theirs.map(() => OTHER_WORKSPACE_ID),
  );
  expect(JSON.stringify(await newest())).not.toContain('theirs');
  const foreign = (theirs[0] as unknown as { id: string }).id;
  expect((await send(['GET', `/api/audit/${foreign}`], 'owner')).statusCode).toBe(404);
  expect((await send(['GET', `/api/audit/${foreign}`], 'owner@other')).statusCode).toBe(200);
  for (const path of ['', '/verify', '/export', '/anchor', '/facets', `/${foreign}`])
    for (const who of ['member', 'viewer'])
      expect((await send(['GET', `/api/audit${path}`], who)).statusCode, path).toBe(403);
  expect((await send(['GET', '/api/audit'], 'admin')).statusCode).toBe(200);
});

test('the list filters and pages', async () => {
  for (const name of ['a', 'b', 'c'])
    await send(['POST', '/things'], 'admin', { name: `page-${name}` });
  const first = await fixture.edge.inject({
    url: '/api/audit?search=page-&limit=2',
    headers: as('owner'),
  });
  const page = first.json<{ items: { target: { name: string } }[]; next_cursor: string }>();
  expect(page.items.map(({ target }) => target.name)).toEqual(['page-c', 'page-b']);
  const rest = await newest('owner', `&search=page-&cursor=${page.next_cursor}`);
  expect(rest).toMatchObject([{ target: { name: 'page-a' } }]);
  expect((await newest('owner', '&action=thing.&actor=admin&outcome=success')).length).toBe(3);
  expect(await newest('owner', '&from=2999-01-01T00:00:00Z')).toEqual([]);
  expect(await newest('owner', '&search=%25')).toEqual([]);
  const wrong = await fixture.edge.inject({ url: '/api/audit?cursor=zzz', headers: as('owner') });
  expect(wrong.json<{ code: string }>().code).toBe('audit.cursor.invalid');
  const facets = await fixture.edge.inject({ url: '/api/audit/facets', headers: as('owner') });
  expect(facets.json<{ actions: string[] }>().actions).toContain('thing.create');
});

test('verify, anchor and export tell the same chain', async () => {
  await send(['POST', '/things'], 'owner', { name: '=HYPERLINK("http://evil")' });
  const anchor = (await send(['GET', '/api/audit/anchor'], 'owner')).json<{
    sequence: number;
    hash: string;
  }>();
  const checked = await send(
    ['GET', `/api/audit/verify?anchor_sequence=${anchor.sequence}&anchor_hash=${anchor.hash}`],
    'owner',
  );
  expect(checked.json()).toMatchObject({
    ok: true,
    complete: true,
    to: anchor.sequence,
    head_hash: anchor.hash,
  });
  const other = `/api/audit/verify?anchor_sequence=${anchor.sequence + 5}&anchor_hash=${anchor.hash}`;
  expect((await send(['GET', other], 'owner')).json()).toMatchObject({
    ok: false,
    first_break: { kind: 'anchor' },
  });
  const ndjson = await send(['GET', '/api/audit/export'], 'owner');
  const lines = ndjson.payload
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toEqual({
    head: { ...anchor, workspace_id: DEFAULT_WORKSPACE_ID, at: expect.any(String) as string },
  });
  expect(lines).toHaveLength(anchor.sequence + 1);
  await expect
    .poll(async () => (await newest())[0])
    .toMatchObject({ action: 'audit.export', outcome: 'success' });
  const csv = await send(['GET', '/api/audit/export?format=csv'], 'owner');
  expect(csv.headers['content-disposition']).toContain('.csv');
  expect(csv.payload).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(csv.payload).not.toMatch(/(?:^|,)"?[=+@]/m);
});

test('every operation has an action of the form area.verb, and every write a way to be recorded', () => {
  for (const spec of allRoutes()) {
    expect(auditActionOf(spec), spec.operationId).toMatch(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/);
  }
  const unrecorded = allRoutes().filter(
    (spec) => spec.method !== 'GET' && auditKindOf(spec) === 'denial',
  );
  // Model calls stand in the usage table, and tickets are made by every page; only their refusals stand here.
  const others = unrecorded.filter(({ permission }) => permission !== 'models:call');
  expect(others.map(({ operationId }) => operationId)).toEqual([
    'createTicket',
    'inspectInvitation',
    'previewPattern',
  ]);
  const actions = new Map(allRoutes().map((spec) => [spec.operationId, auditActionOf(spec)]));
  expect(
    Object.fromEntries(
      [
        'signIn',
        'createApiKey',
        'executeRecipe',
        'updateRecipe',
        'cancelRun',
        'putRouterSettings',
      ].map((id) => [id, actions.get(id)]),
    ),
  ).toEqual({
    signIn: 'auth.sign_in',
    createApiKey: 'api_key.create',
    executeRecipe: 'run.start',
    updateRecipe: 'recipe.update',
    cancelRun: 'run.cancel',
    putRouterSettings: 'router_settings.update',
  });
});
