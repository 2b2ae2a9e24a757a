import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { PlatformError, WorkspaceId } from '@automatos/kernel';
import { Room, codeOf } from './room.fixture.ts';
import type { Someone } from './room.fixture.ts';

let base: TestDatabase;
let room: Room;
let here: WorkspaceId;
let there: WorkspaceId;

beforeAll(async () => {
  base = await createTestDatabase();
  ({ workspaceId: here, otherWorkspaceId: there } = base);
});
afterAll(() => base.close());
beforeEach(async () => {
  await base.database.pool.query('DELETE FROM users');
  await base.database.pool.query('DELETE FROM invitations');
  room = new Room(base);
});

const nobody = '01990000-0000-7000-8000-0000000000ff';
const at = (workspaceId: string, userId?: string) => ({
  params: { workspace_id: workspaceId, ...(userId === undefined ? {} : { user_id: userId }) },
});
const setRole = (who: Someone, target: Someone, role: Role) =>
  room.ask(who, 'updateMember', { ...at(here, target.id), body: { role } });
const remove = (who: Someone, target: Someone) =>
  room.ask(who, 'removeMember', at(here, target.id));
const roles = async () =>
  Object.fromEntries(
    (
      await room.rows<{ user_id: string; role: Role }>(
        'SELECT user_id, role FROM members WHERE workspace_id = $1',
        [here],
      )
    ).map((row) => [row.user_id, row.role]),
  );

describe('which workspace a request works in', () => {
  const A = '01990000-0000-7000-8000-00000000000a';
  const B = '01990000-0000-7000-8000-00000000000b';
  const setting = { defaultWorkspaceId: B as WorkspaceId };
  const both: [string, Role][] = [
    [A, 'member'],
    [B, 'member'],
  ];
  const ownsB: [string, Role][] = [
    [A, 'member'],
    [B, 'owner'],
  ];
  test.each([
    [
      'the path decides before header, query and setting',
      { in: both, options: setting, named: { path: A }, expected: A },
    ],
    [
      'the header before the query',
      { in: both, options: {}, named: { header: B, query: A }, expected: B },
    ],
    [
      'the query before the setting',
      { in: both, options: setting, named: { query: A }, expected: A },
    ],
    ['the setting before the own one', { in: both, options: setting, named: {}, expected: B }],
    [
      'a setting that one is no member of is passed over',
      { in: [[A, 'member']], options: setting, named: {}, expected: A },
    ],
    [
      'the oldest owned one before an older one',
      { in: ownsB, options: {}, named: {}, expected: B },
    ],
    ['the oldest when none is owned', { in: both, options: {}, named: {}, expected: A }],
    [
      'a named one, with no membership at all',
      { in: [], options: {}, named: { header: A }, expected: 403 },
    ],
    [
      'a foreign one in the path',
      { in: [[A, 'owner']], options: {}, named: { path: B }, expected: 403 },
    ],
    [
      'a foreign one in the header',
      { in: [[A, 'owner']], options: {}, named: { header: B }, expected: 403 },
    ],
    [
      'a foreign one in the query',
      { in: [[A, 'owner']], options: {}, named: { query: B }, expected: 403 },
    ],
    [
      'one that does not exist',
      { in: [[A, 'owner']], options: {}, named: { path: nobody }, expected: 403 },
    ],
    [
      'no id at all in the path',
      { in: [[A, 'owner']], options: {}, named: { path: 'default' }, expected: 403 },
    ],
    [
      'a header that repeats the path',
      { in: both, options: {}, named: { path: A, header: A }, expected: A },
    ],
    [
      'a header that contradicts the path',
      { in: both, options: {}, named: { path: A, header: B }, expected: 400 },
    ],
    [
      'a query that contradicts the path',
      { in: both, options: {}, named: { path: A, query: B }, expected: 400 },
    ],
  ] as const)('%s', async (_name, { in: memberships, options, named, expected }) => {
    const mine = new Room(base, options);
    const ada = await mine.person('Ada', memberships as never);
    const { path, header, query } = named as Record<string, string | undefined>;
    const outcome = await mine
      .authenticate(ada, {
        pathWorkspace: path,
        headers: header === undefined ? {} : { 'x-workspace-id': header },
        query: query === undefined ? {} : { workspace_id: query },
      })
      .then(
        (found) => found?.workspaceId,
        (error: { code: string }) => error.code,
      );
    const codes: Record<string | number, string> = {
      400: 'identity.workspace.contradicted',
      403: 'identity.workspace.not_member',
    };
    expect(outcome).toBe(codes[expected] ?? expected);
  });

  test('a contradiction names both', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const asked = { pathWorkspace: here, headers: { 'x-workspace-id': there } };
    await expect(room.authenticate(ada, asked)).rejects.toMatchObject({
      kind: 'invalid-input',
      message: expect.stringMatching(`${here}.*${there}`) as string,
    });
  });

  test('the operator: named one, WORKSPACE_ID, DEFAULT_TENANT_ID, the first one', async () => {
    const of = async (options: object, headers: Record<string, string> = {}) =>
      (await new Room(base, options).authenticate('operator', { headers }))?.workspaceId;
    expect(await of({})).toBe(DEFAULT_WORKSPACE_ID);
    expect(await of({ defaultTenantId: A })).toBe(A);
    expect(await of({ defaultTenantId: A, defaultWorkspaceId: B })).toBe(B);
    expect(await of({ defaultWorkspaceId: B }, { 'x-workspace-id': A })).toBe(A);
  });

  test('who is no member hears the same of a workspace that exists and of one that does not', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const answers = await Promise.all(
      [there, nobody].map((id) =>
        room
          .ask(ada, 'getWorkspace', at(id))
          .catch(({ code, kind, message }: PlatformError) => ({ code, kind, message })),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ code: 'identity.workspace.not_member', kind: 'forbidden' });
  });
});

describe('workspaces', () => {
  test('who makes one owns it, finds it filled and in the list; the short name comes from the name', async () => {
    const ada = await room.person('Ada', [[here, 'viewer']]);
    const made = await room.ask(ada, 'createWorkspace', { body: { name: 'Café & Bar' } });
    expect(made).toMatchObject({ slug: 'cafe-bar', name: 'Café & Bar', role: 'owner' });
    expect(room.filled).toEqual([made['id']]);
    const second = await room.ask(ada, 'createWorkspace', { body: { name: 'Café & Bar' } });
    expect(second['slug']).toBe('cafe-bar-2');
    expect((await room.ask(ada, 'createWorkspace', { body: { name: '???' } }))['slug']).toBe(
      'workspace',
    );
    const list = await room.ask<{ items: { slug: string; role: Role }[] }>(ada, 'listWorkspaces');
    expect(list.items.map(({ slug, role }) => [slug, role])).toEqual([
      ['test', 'viewer'],
      ['cafe-bar', 'owner'],
      ['cafe-bar-2', 'owner'],
      ['workspace', 'owner'],
    ]);
    const one = await room.ask<{ items: unknown[]; next_cursor: string }>(ada, 'listWorkspaces', {
      query: { limit: 3 },
    });
    const rest = await room.ask<{ items: { slug: string }[]; next_cursor: null }>(
      ada,
      'listWorkspaces',
      {
        query: { limit: 3, cursor: one.next_cursor },
      },
    );
    expect([one.items.length, rest.items.map(({ slug }) => slug), rest.next_cursor]).toEqual([
      3,
      ['workspace'],
      null,
    ]);
    for (const { slug, id } of list.items as unknown as { slug: string; id: string }[])
      if (slug !== 'test')
        await room.ask(ada, 'deleteWorkspace', { ...at(id), query: { confirm: slug } });
  });

  test('a short name is given once, when made and when changed', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const taken = { code: 'identity.workspace.slug_taken', errors: [{ pointer: '/slug' }] };
    await expect(
      room.ask(ada, 'createWorkspace', { body: { name: 'X', slug: 'other' } }),
    ).rejects.toMatchObject(taken);
    await expect(
      room.ask(ada, 'updateWorkspace', { ...at(here), body: { slug: 'other' } }),
    ).rejects.toMatchObject(taken);
    expect(
      await room.ask(ada, 'updateWorkspace', { ...at(here), body: { name: 'Mine' } }),
    ).toMatchObject({
      slug: 'test',
      name: 'Mine',
    });
  });

  test('nothing is left of one that could not be filled', async () => {
    const mine = new Room(base, {
      onWorkspaceCreated: () => Promise.reject(new Error('no seeds')),
    });
    const ada = await mine.person('Ada', [[here, 'owner']]);
    await expect(
      mine.ask(ada, 'createWorkspace', { body: { name: 'Empty', slug: 'empty' } }),
    ).rejects.toThrow('no seeds');
    expect(await mine.rows("SELECT id FROM workspaces WHERE slug = 'empty'")).toEqual([]);
  });

  test('an API key makes none; the operator sees all of them', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const key = await room.ask<{ key: string }>(ada, 'createApiKey', {
      body: { name: 'ci', role: 'admin' },
    });
    const asKey = await room.identity.authenticator.authenticate({
      headers: { 'x-api-key': key.key },
      cookies: {},
      query: {},
    });
    expect(await codeOf(room.ask(asKey, 'createWorkspace', { body: { name: 'X' } }))).toBe(
      'auth.person.required',
    );
    const own = await room.ask<{ items: { id: string; role: Role }[] }>(asKey, 'listWorkspaces');
    expect(own.items).toMatchObject([{ id: here, role: 'admin' }]);
    const all = await room.ask<{ items: { id: string }[] }>('operator', 'listWorkspaces');
    expect(all.items.map(({ id }) => id)).toEqual(
      expect.arrayContaining([DEFAULT_WORKSPACE_ID, here, there]),
    );
  });
});

describe('deleting a workspace', () => {
  test('only owners, only with its short name, only without runs, never the default one', async () => {
    const ada = await room.person('Ada', [
      [DEFAULT_WORKSPACE_ID, 'owner'],
      [here, 'owner'],
    ]);
    const bob = await room.person('Bob', [[here, 'admin']]);
    const drop = (who: Someone, id: string, confirm: string) =>
      codeOf(room.ask(who, 'deleteWorkspace', { ...at(id), query: { confirm } }));
    expect(await drop(bob, here, 'test')).toBe('identity.member.owner_only');
    expect(await drop(ada, here, 'tset')).toBe('identity.workspace.unconfirmed');
    expect(await drop(ada, DEFAULT_WORKSPACE_ID, 'default')).toBe('identity.workspace.kept');
    room.openRuns = 2;
    await expect(
      room.ask(ada, 'deleteWorkspace', { ...at(here), query: { confirm: 'test' } }),
    ).rejects.toMatchObject({
      code: 'identity.workspace.busy',
      message: expect.stringContaining('2 runs') as string,
    });
    expect(room.forgotten).toEqual([]);
    const named = new Room(base, { defaultWorkspaceId: here });
    expect(
      await codeOf(named.ask(ada, 'deleteWorkspace', { ...at(here), query: { confirm: 'test' } })),
    ).toBe('identity.workspace.kept');
  });

  test('every table of workspaces lets go of one, but for the audit log', async () => {
    const tied = await room.rows<{ name: string; deletes: boolean }>(`
      SELECT c.table_name AS name, EXISTS (
        SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = 'workspaces'::regclass AND k.confdeltype = 'c'
          AND k.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass) AS deletes
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.column_name = 'workspace_id' AND t.table_type = 'BASE TABLE' AND c.table_schema = 'public'`);
    expect(tied.length).toBeGreaterThan(30);
    expect(
      tied
        .filter(({ deletes }) => !deletes)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['audit_log', 'audit_pending']);
  });

  test('takes members, keys, invitations and what lies outside along', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const made = await room.ask(ada, 'createWorkspace', { body: { name: 'Gone' } });
    const id = made['id'] as WorkspaceId;
    await room.ask(ada, 'createInvitation', { ...at(id), body: { email: 'x@example.com' } });
    const inIt = await room.authenticate(ada, { pathWorkspace: id });
    await room.ask(inIt, 'createApiKey', { body: { name: 'k' } });
    await room.ask(ada, 'deleteWorkspace', { ...at(id), query: { confirm: 'gone' } });
    for (const table of [
      'workspaces WHERE id',
      'members WHERE workspace_id',
      'api_keys WHERE workspace_id',
      'invitations WHERE workspace_id',
    ])
      expect(await room.rows(`SELECT 1 AS left_over FROM ${table} = $1`, [id])).toEqual([]);
    expect(room.forgotten).toEqual([id]);
    expect(await codeOf(room.ask(ada, 'getWorkspace', at(id)))).toBe(
      'identity.workspace.not_member',
    );
  });
});

describe('members', () => {
  const ROLES: Role[] = ['owner', 'admin', 'member', 'viewer'];

  test('who may give whom which role', async () => {
    const actors = new Map<Role, Someone>();
    for (const role of ROLES) actors.set(role, await room.person(role, [[here, role]]));
    const outcomes: string[] = [];
    for (const actor of ROLES)
      for (const before of ROLES)
        for (const after of ROLES) {
          const target = await room.person('Target', [[here, before]]);
          const code = await codeOf(setRole(actors.get(actor) as Someone, target, after));
          if (code === 'done') outcomes.push(`${actor}: ${before} → ${after}`);
          await room.rows('DELETE FROM users WHERE id = $1', [target.id]);
        }
    const others: Role[] = ['admin', 'member', 'viewer'];
    const all = (actor: Role, roleSet: Role[]) =>
      roleSet.flatMap((before) => roleSet.map((after) => `${actor}: ${before} → ${after}`));
    expect(outcomes.toSorted()).toEqual(
      [...all('owner', ROLES), ...all('admin', others)].toSorted(),
    );
  });

  test('nobody raises themselves, and who lost a role meanwhile has lost it', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const bob = await room.person('Bob', [[here, 'admin']]);
    const eve = await room.person('Eve', [[here, 'member']]);
    expect(await codeOf(setRole(bob, bob, 'owner'))).toBe('identity.member.owner_only');
    expect(await codeOf(setRole(eve, eve, 'admin'))).toBe('auth.permission.missing');
    const before = await room.authenticate(bob);
    await setRole(ada, bob, 'viewer');
    const late = room.ask(before, 'updateMember', { ...at(here, eve.id), body: { role: 'admin' } });
    expect(await codeOf(late)).toBe('auth.permission.missing');
    expect((await room.authenticate(bob))?.principal.role).toBe('viewer');
  });

  test('of two owners who unmake each other at once one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [
        await room.person('A', [[here, 'owner']]),
        await room.person('B', [[here, 'owner']]),
      ];
      const [asA, asB] = [await room.authenticate(a), await room.authenticate(b)];
      const demote = (by: typeof asA, target: Someone) =>
        codeOf(room.ask(by, 'updateMember', { ...at(here, target.id), body: { role: 'member' } }));
      const codes = await Promise.all([demote(asA, b), demote(asB, a)]);
      expect(codes.toSorted()).toEqual(['auth.permission.missing', 'done']);
      expect(Object.values(await roles()).toSorted()).toEqual(['member', 'owner']);
      const [c, d] = [
        await room.person('C', [[there, 'owner']]),
        await room.person('D', [[there, 'owner']]),
      ];
      const leave = (who: Someone) => codeOf(room.ask(who, 'removeMember', at(there, who.id)));
      const left = await Promise.all([leave(c), leave(d)]);
      expect(left.toSorted()).toEqual(['done', 'identity.member.last_owner']);
      await room.rows('DELETE FROM users');
    }
  });

  test('removing: admins not owners, members nobody but themselves, the last owner not even themselves', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const bob = await room.person('Bob', [[here, 'admin']]);
    const eve = await room.person('Eve', [[here, 'viewer']]);
    expect(await codeOf(remove(bob, ada))).toBe('identity.member.owner_only');
    expect(await codeOf(remove(eve, bob))).toBe('auth.permission.missing');
    expect(await codeOf(remove(ada, ada))).toBe('identity.member.last_owner');
    expect(await codeOf(remove(bob, { ...eve, id: nobody }))).toBe('member.item.not_found');
    expect(await codeOf(remove(eve, eve))).toBe('done');
    // Whoever is in none gets one of their own, once, however many requests come at the same time.
    const [first, second] = await Promise.all([room.authenticate(eve), room.authenticate(eve)]);
    expect(first?.principal.role).toBe('owner');
    expect(first?.workspaceId).not.toBe(here);
    expect(second?.workspaceId).toBe(first?.workspaceId);
    expect(await codeOf(remove(ada, bob))).toBe('done');
    expect(await roles()).toEqual({ [ada.id]: 'owner' });
  });

  test('a removal takes the tickets of the removed along', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const bob = await room.person('Bob', [[here, 'member']]);
    const { ticket } = await room.ask<{ ticket: string }>(bob, 'createTicket');
    await remove(ada, bob);
    expect(await room.identity.authenticator.redeemTicket(ticket)).toBeNull();
  });

  test('the list has names, addresses and second factors, is searched as it is written, and knows no others', async () => {
    const ada = await room.person('Ada', [[here, 'owner']]);
    const bob = await room.person('100% Bob', [[here, 'viewer']]);
    await room.person('Stranger', [[there, 'owner']]);
    await room.rows(
      `INSERT INTO user_mfa (user_id, secret_id, store, revision, enabled_at) VALUES ($1, $2, 'database', 'r', now())`,
      [ada.id, newId()],
    );
    const list = (query: object) =>
      room.ask<{ items: { user_id: string; mfa: boolean }[]; next_cursor: string | null }>(
        bob,
        'listMembers',
        { ...at(here), query: { ...query } },
      );
    expect((await list({})).items.map(({ user_id: id, mfa }) => [id, mfa])).toEqual([
      [ada.id, true],
      [bob.id, false],
    ]);
    expect((await list({ search: '0% b' })).items.map(({ user_id: id }) => id)).toEqual([bob.id]);
    expect((await list({ search: '_' })).items).toEqual([]);
    const first = await list({ limit: 1 });
    expect(
      (await list({ limit: 1, cursor: first.next_cursor })).items.map(({ user_id: id }) => id),
    ).toEqual([bob.id]);
  });
});
