import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Principal, Role } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { Room, codeOf } from './room.fixture.ts';
import type { Someone } from './room.fixture.ts';

interface Made {
  id: string;
  token: string;
  url: string;
  state: string;
}

const DAY_MS = 86_400_000;
const PASSWORD = 'correct horse battery staple 7';

let base: TestDatabase;
let room: Room;
let here: WorkspaceId;
let there: WorkspaceId;
let ada: Someone;

beforeAll(async () => {
  base = await createTestDatabase();
  ({ workspaceId: here, otherWorkspaceId: there } = base);
});
afterAll(() => base.close());
beforeEach(async () => {
  await base.database.pool.query('DELETE FROM users');
  await base.database.pool.query('DELETE FROM invitations');
  room = new Room(base);
  ada = await room.person('Ada', [[here, 'owner']]);
});

const params = { workspace_id: '' };
const invite = (who: Someone, email: string, body: object = {}) =>
  room.ask<Made>(who, 'createInvitation', {
    params: { ...params, workspace_id: here },
    body: { email, ...body },
  });
const accept = (who: Someone, token: string) =>
  room.ask(who, 'acceptInvitation', { body: { token } });
const inspect = (token: string) => room.ask(null, 'inspectInvitation', { body: { token } });
const states = async (who: Someone = ada) =>
  (
    await room.ask<{ items: { email: string; state: string }[] }>(who, 'listInvitations', {
      params: { ...params, workspace_id: here },
    })
  ).items.map(({ state }) => state);

describe('making one', () => {
  test('its token is shown once, stands in the link where no server sees it, and is kept as a hash', async () => {
    const made = await invite(ada, 'Bob@Example.com', { role: 'admin' });
    expect(made).toMatchObject({ email: 'bob@example.com', role: 'admin', state: 'pending' });
    expect(made.url).toBe(`https://automatos.test/invitation#${made.token}`);
    expect(JSON.stringify(await room.rows('SELECT * FROM invitations'))).not.toContain(made.token);
    expect(JSON.stringify(await room.rows('SELECT * FROM audit_log'))).not.toContain(made.token);
    expect(
      JSON.stringify(await room.ask(ada, 'listInvitations', { params: { workspace_id: here } })),
    ).not.toContain(made.token);
    expect(await inspect(made.token)).toMatchObject({
      workspace_name: 'Test workspace',
      email: 'bob@example.com',
      role: 'admin',
      invited_by: 'Ada',
      has_account: false,
    });
  });

  test('nobody invites above their own role', async () => {
    const people = new Map<Role, Someone>();
    for (const role of ['owner', 'admin', 'member', 'viewer'] as const)
      people.set(role, await room.person(role, [[here, role]]));
    const outcomes: string[] = [];
    for (const [actor, who] of people)
      for (const role of ['owner', 'admin', 'member', 'viewer'])
        if ((await codeOf(invite(who, `${actor}-${role}@example.com`, { role }))) === 'done')
          outcomes.push(`${actor} ${role}`);
    expect(outcomes).toEqual([
      'owner owner',
      'owner admin',
      'owner member',
      'owner viewer',
      'admin admin',
      'admin member',
      'admin viewer',
    ]);
  });

  test('a second one for the same address ends the first; who is in needs none', async () => {
    const first = await invite(ada, 'bob@example.com');
    const second = await invite(ada, 'BOB@example.com');
    expect(await codeOf(inspect(first.token))).toBe('identity.invitation.ended');
    expect(await codeOf(inspect(second.token))).toBe('done');
    expect(await states()).toEqual(['pending', 'revoked']);
    expect(await codeOf(invite(ada, ada.email))).toBe('identity.member.exists');
    const many = await Promise.all(
      Array.from({ length: 4 }, () => codeOf(invite(ada, 'eve@example.com'))),
    );
    expect(many).toEqual(['done', 'done', 'done', 'done']);
    expect((await states()).filter((state) => state === 'pending')).toHaveLength(2);
  });

  test('taken back, and only by the workspace that made it', async () => {
    const stranger = await room.person('Eve', [[there, 'owner']]);
    const made = await invite(ada, 'bob@example.com');
    const revoke = (who: Someone, workspaceId: string) =>
      codeOf(
        room.ask(who, 'revokeInvitation', {
          params: { workspace_id: workspaceId, invitation_id: made.id },
        }),
      );
    expect(await revoke(stranger, here)).toBe('identity.workspace.not_member');
    expect(await revoke(stranger, there)).toBe('invitation.item.not_found');
    expect(await revoke(ada, here)).toBe('done');
    expect(await revoke(ada, here)).toBe('invitation.item.not_found');
    expect(await codeOf(inspect(made.token))).toBe('identity.invitation.ended');
  });
});

describe('using one', () => {
  test('joins with its role, and is used up', async () => {
    const bob = await room.person('Bob', [[there, 'owner']]);
    const { token } = await invite(ada, bob.email.toUpperCase(), { role: 'viewer' });
    expect(await accept(bob, token)).toMatchObject({ id: here, role: 'viewer' });
    expect((await room.authenticate(bob, { pathWorkspace: here }))?.principal.role).toBe('viewer');
    expect(await codeOf(accept(bob, token))).toBe('identity.invitation.ended');
    expect(await states()).toEqual(['accepted']);
  });

  test('not by another person, not after its time, not twice, not with a made-up token', async () => {
    const bob = await room.person('Bob', [[there, 'owner']]);
    const { token } = await invite(ada, 'somebody.else@example.com');
    expect(await codeOf(accept(bob, token))).toBe('identity.invitation.other_person');
    const own = await invite(ada, bob.email, { expires_in_days: 1 });
    room.nowMs += DAY_MS + 1;
    expect(await codeOf(accept(bob, own.token))).toBe('identity.invitation.ended');
    expect(await states()).toEqual(['expired', 'pending']);
    expect(await codeOf(accept(bob, 'inv_made-up'))).toBe('identity.invitation.unknown');
    expect(
      await room.rows('SELECT 1 AS found FROM members WHERE user_id = $1 AND workspace_id = $2', [
        bob.id,
        here,
      ]),
    ).toEqual([]);
  });

  test('who is in already keeps the role, and the invitation is not used up', async () => {
    const bob = await room.person('Bob', [[there, 'owner']]);
    const { token } = await invite(ada, bob.email, { role: 'owner' });
    await room.rows("INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'viewer')", [
      here,
      bob.id,
    ]);
    expect(await codeOf(accept(bob, token))).toBe('identity.member.exists');
    expect((await room.authenticate(bob, { pathWorkspace: here }))?.principal.role).toBe('viewer');
    expect(await states()).toEqual(['pending']);
  });

  test('of several at once one uses it', async () => {
    const bob = await room.person('Bob', [[there, 'owner']]);
    const { token } = await invite(ada, bob.email);
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(accept(bob, token))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'identity.invitation.ended')).toHaveLength(4);
  });

  test('an API key cannot', async () => {
    const { token } = await invite(ada, 'bob@example.com');
    expect(await codeOf(room.ask('operator', 'acceptInvitation', { body: { token } }))).toBe(
      'auth.person.required',
    );
  });

  test('opens a closed sign-up for its address alone, once also when two come at once', async () => {
    const { token } = await invite(ada, 'new@example.com', { role: 'member' });
    const signUp = (email: string) =>
      codeOf(
        room.ask(null, 'signUp', {
          body: { email, password: PASSWORD, name: 'New', invitation_token: token },
        }),
      );
    expect(await signUp('other@example.com')).toBe('identity.sign_up.other_address');
    const codes = await Promise.all([signUp('new@example.com'), signUp('new@example.com')]);
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    const joined = await room.rows(
      'SELECT m.role FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = $1',
      ['new@example.com'],
    );
    expect(joined).toEqual([{ role: 'member' }]);
    expect(
      await room.rows("SELECT 1 AS found FROM users WHERE email = 'other@example.com'"),
    ).toEqual([]);
  });
});

describe('somebody who is in no workspace any more', () => {
  const enter = (body: object) => codeOf(room.ask(null, 'signIn', { body }));

  test('comes in by an invitation to their address, and by nothing else', async () => {
    const bob = { email: 'bob@example.com', password: PASSWORD };
    const first = await invite(ada, bob.email);
    await room.ask(null, 'signUp', {
      body: { ...bob, name: 'Bob', invitation_token: first.token },
    });
    await room.rows(
      "DELETE FROM members WHERE user_id = (SELECT id FROM users WHERE email = 'bob@example.com')",
    );
    expect(await enter(bob)).toBe('identity.workspace.none');
    const other = await invite(ada, 'other@example.com');
    expect(await enter({ ...bob, invitation_token: other.token })).toBe(
      'identity.invitation.other_person',
    );
    expect(await enter({ ...bob, invitation_token: first.token })).toBe(
      'identity.invitation.ended',
    );
    const second = await invite(ada, bob.email, { role: 'admin' });
    const wrong = { ...bob, password: 'wrong', invitation_token: second.token };
    expect(await enter(wrong)).toBe('identity.sign_in.rejected');
    const session = await room.ask(null, 'signIn', {
      body: { ...bob, invitation_token: second.token },
    });
    expect(session).toMatchObject({ workspace: { id: here, role: 'admin' } });
    const alive = await room.rows(
      "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'bob@example.com'",
    );
    expect(alive).toHaveLength(2);
  });
});

describe('administrators of the platform', () => {
  const update = (who: Someone | 'operator', target: Someone, body: object) =>
    room.ask(who, 'updateUser', { params: { user_id: target.id }, body });

  test('only they, and not owners of a workspace, see everybody', async () => {
    expect(await codeOf(room.ask(ada, 'listUsers'))).toBe('auth.permission.missing');
    await update('operator', ada, { platform_admin: true });
    await room.person('Bob_%', [[there, 'owner']]);
    const list = await room.ask<{
      items: { name: string; workspaces: number; platform_admin: boolean }[];
    }>(ada, 'listUsers');
    expect(
      list.items.map(({ name, workspaces, platform_admin: admin }) => [name, workspaces, admin]),
    ).toEqual([
      ['Ada', 1, true],
      ['Bob_%', 1, false],
    ]);
    const found = await room.ask<{ items: { name: string }[] }>(ada, 'listUsers', {
      query: { search: '_%' },
    });
    expect(found.items.map(({ name }) => name)).toEqual(['Bob_%']);
    const all = await room.ask<{ items: { id: string; members: number; owners: string[] }[] }>(
      ada,
      'listAllWorkspaces',
      { query: { search: 'TEST' } },
    );
    expect(all.items).toMatchObject([{ id: here, members: 1, owners: [ada.email] }]);
  });

  test('one who can sign in stays, also when two unmake each other', async () => {
    const bob = await room.person('Bob', [[here, 'member']]);
    await update('operator', ada, { platform_admin: true });
    expect(await codeOf(update(ada, ada, { platform_admin: false }))).toBe(
      'identity.administrator.last',
    );
    expect(await codeOf(update(ada, ada, { disabled: true }))).toBe('identity.administrator.last');
    const [asAda, asBob] = [await room.authenticate(ada), await room.authenticate(bob)];
    const demote = (by: typeof asAda, target: Someone) =>
      codeOf(
        room.ask(by && { ...by, principal: administrator }, 'updateUser', {
          params: { user_id: target.id },
          body: { platform_admin: false },
        }),
      );
    const administrator = (await room.authenticate('operator'))?.principal as Principal;
    for (let round = 0; round < 8; round += 1) {
      await update('operator', ada, { platform_admin: true });
      await update('operator', bob, { platform_admin: true });
      const codes = await Promise.all([demote(asAda, bob), demote(asBob, ada)]);
      expect(codes.toSorted()).toEqual(['done', 'identity.administrator.last']);
    }
  });

  test('locking an account ends its sessions and tickets at once; unlocking gives none back', async () => {
    const bob = await room.person('Bob', [[here, 'member']]);
    const { ticket } = await room.ask<{ ticket: string }>(bob, 'createTicket');
    expect(await update('operator', bob, { disabled: true })).toMatchObject({ disabled: true });
    expect(await codeOf(room.authenticate(bob))).toBe('identity.session.ended');
    expect(await room.identity.authenticator.redeemTicket(ticket)).toBeNull();
    await update('operator', bob, { disabled: false });
    expect(await codeOf(room.authenticate(bob))).toBe('identity.session.ended');
  });

  test('takes a lost second factor away, and nothing else', async () => {
    await room.rows(
      `INSERT INTO user_mfa (user_id, secret_id, store, revision, enabled_at) VALUES ($1, $2, 'database', 'r', now())`,
      [ada.id, newId()],
    );
    expect(await update('operator', ada, {})).toMatchObject({ mfa: true });
    expect(await update('operator', ada, { reset_mfa: true })).toMatchObject({ mfa: false });
    expect(await codeOf(room.authenticate(ada))).toBe('done');
    expect(await codeOf(update('operator', { ...ada, id: newId() }, {}))).toBe(
      'user.item.not_found',
    );
  });
});
