import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  withCookie,
  createTestIdentity,
  invokeAs,
  OPERATOR_KEY,
} from '../tokens/identity.fixture.ts';
import type { Person, TestIdentity } from '../tokens/identity.fixture.ts';
import type { Authentication, Credentials } from '../authentication/types.ts';
import type { Identity } from '../identity-service.ts';

let room: TestIdentity;
let identity: Identity;
beforeAll(async () => {
  room = await createTestIdentity();
  identity = room.open();
});
afterAll(() => room.close());

/** What a ticket of this caller opens. */
async function openedBy(credentials: Credentials): Promise<Authentication> {
  const caller = await identity.authenticator.authenticate(credentials);
  const { body } = await invokeAs(identity, caller, ['createTicket', {}]);
  const { ticket } = body as unknown as { ticket: string };
  return (await identity.authenticator.redeemTicket(ticket)) as Authentication;
}
const opened = (person: Person) => openedBy(withCookie(person.session.token));
const holds = (authentication: Authentication) => identity.authenticator.stillHolds(authentication);

test.each([
  ['the session ends', 'DELETE FROM sessions WHERE user_id = $1'],
  ['the person is removed', 'DELETE FROM members WHERE user_id = $1'],
  ['the person gets another role', "UPDATE members SET role = 'viewer' WHERE user_id = $1"],
  ['the account is locked', 'UPDATE users SET disabled_at = now() WHERE id = $1'],
])('what a ticket proved holds until %s', async (_what, statement) => {
  const person = await room.person();
  const authentication = await opened(person);
  expect(await holds(authentication)).toBe(true);
  await room.query(statement, [person.userId]);
  expect(await holds(authentication)).toBe(false);
});

test('a key holds until it is revoked or over, the operator always', async () => {
  const person = await room.person();
  const owner = await identity.authenticator.authenticate(withCookie(person.session.token));
  const made = await invokeAs(identity, owner, [
    'createApiKey',
    {
      body: {
        name: 'k',
        kind: 'server',
        role: 'member',
        scopes: null,
        origins: [],
        rate_limit_per_minute: null,
        expires_in_days: 1,
      },
    },
  ]);
  const { key, id } = made.body as unknown as { key: string; id: string };
  const withKey = (value: string) => ({ headers: { 'x-api-key': value }, cookies: {}, query: {} });
  const authentication = await openedBy(withKey(key));
  expect(authentication.workspaceId).toBe(DEFAULT_WORKSPACE_ID);
  expect(await holds(authentication)).toBe(true);
  room.pass(25 * 3_600_000);
  expect(await holds(authentication)).toBe(false);
  await room.query('UPDATE api_keys SET expires_at = NULL WHERE id = $1', [id]);
  expect(await holds(authentication)).toBe(true);
  await room.query('DELETE FROM api_keys WHERE id = $1', [id]);
  expect(await holds(authentication)).toBe(false);
  expect(await holds(await openedBy(withKey(OPERATOR_KEY)))).toBe(true);
});
