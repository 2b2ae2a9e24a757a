import { newId } from '@automatos/kernel';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEncryption } from '../credentials/encryption.ts';
import { createFixedKeyRing } from '../credentials/key-ring.ts';
import { createTokens } from './create-tokens.ts';
import { ISSUER, SECRET, createTestIdentity } from './identity.fixture.ts';
import type { TestIdentity } from './identity.fixture.ts';
import { KEY_AGE_MS, KEY_LEAD_MS } from './signing-keys.ts';

let room: TestIdentity;
beforeAll(async () => {
  room = await createTestIdentity();
});
beforeEach(() => room.query('DELETE FROM token_keys'));
afterAll(() => room.close());

/** One process of the installation. */
const process = () =>
  createTokens(
    { issuer: ISSUER, secret: SECRET },
    { database: room.base.database, clock: room.clock },
  );
const MINUTE = 60_000;
const grant = () => ({ userId: newId(), sessionId: newId() });
const kidsOf = async (of: ReturnType<typeof process>) =>
  (await of.keys.published()).map(({ kid }) => kid);

test('processes that start at once make one key, and each believes the tokens of the others', async () => {
  const processes = Array.from({ length: 6 }, process);
  // Connections are open already, so that they meet.
  await Promise.all(processes.map(() => room.query('SELECT 1')));
  const tokens = await Promise.all(processes.map(({ access }) => access.sign(grant())));
  expect(await room.query('SELECT 1 FROM token_keys')).toHaveLength(1);
  for (const { access } of [...processes, process()]) {
    for (const token of tokens) expect(await access.verify(token)).toHaveProperty('jti');
  }
});

test('a successor is published before it signs, and the one before until its last token has ended', async () => {
  const [first, second] = [process(), process()];
  const old = (await first.keys.current()).kid;
  room.pass(KEY_AGE_MS - MINUTE);
  await second.keys.current();
  expect(await kidsOf(first)).toEqual([old]);
  // One process makes the successor; the other has yet to hear of it.
  room.pass(MINUTE);
  expect((await first.keys.current()).kid).toBe(old);
  const [, fresh] = await kidsOf(first);
  expect(fresh).not.toBe(old);
  expect(await room.query('SELECT 1 FROM token_keys')).toHaveLength(2);
  room.pass(KEY_LEAD_MS - 1);
  expect((await second.keys.current()).kid).toBe(old);
  const last = await second.access.sign(grant());
  room.pass(1);
  for (const each of [first, second, process()]) {
    expect((await each.keys.current()).kid).toBe(fresh);
    expect(await kidsOf(each)).toEqual([old, fresh]);
  }
  room.pass(14 * MINUTE);
  for (const each of [first, second]) expect(await each.access.verify(last)).toHaveProperty('jti');
  room.pass(7 * MINUTE);
  for (const each of [first, second]) {
    expect(await kidsOf(each)).toEqual([fresh]);
    await expect(each.access.verify(last)).rejects.toMatchObject({
      code: 'identity.token.invalid',
    });
  }
});

test('a process that has slept through a rotation signs with a key that the others know', async () => {
  const [sleeper, awake] = [process(), process()];
  await sleeper.keys.current();
  room.pass(KEY_AGE_MS);
  await awake.keys.current();
  room.pass(KEY_LEAD_MS + MINUTE);
  const token = await awake.access.sign(grant());
  expect(await sleeper.access.verify(token)).toHaveProperty('jti');
  expect((await sleeper.keys.current()).kid).toBe((await awake.keys.current()).kid);
});

test('a change of the master key of credentials does not concern tokens', async () => {
  const { database } = room.base;
  const [old, fresh] = ['04'.repeat(32), '05'.repeat(32)];
  const encryptionUnder = (...keys: string[]) =>
    createEncryption({ database, ring: createFixedKeyRing(keys), clock: room.clock });
  await encryptionUnder(old).current();
  const token = await process().access.sign(grant());
  const rotated = await encryptionUnder(fresh, old).rotate(100);
  expect(rotated.keys.map(({ state }) => state).toSorted()).toEqual(['current', 'retired']);
  const later = process();
  expect(await later.access.verify(token)).toHaveProperty('jti');
  expect(await process().access.verify(await later.access.sign(grant()))).toHaveProperty('jti');
});

test('keys that have served their time go, one at a time', async () => {
  const one = process();
  for (let month = 0; month < 4; month += 1) {
    await one.keys.current();
    room.pass(KEY_AGE_MS);
  }
  await one.keys.current();
  expect(await room.query('SELECT 1 FROM token_keys')).toHaveLength(2);
});

test('nothing in the database signs: the private half is sealed, and another secret opens it not', async () => {
  const one = process();
  const { kid, privateKey } = await one.keys.current();
  const { d } = privateKey.export({ format: 'jwk' });
  const [row] = await room.query('SELECT ciphertext, wrapped_key FROM token_keys');
  const stored = Buffer.concat([row?.['ciphertext'] as Buffer, row?.['wrapped_key'] as Buffer]);
  expect(stored.includes(Buffer.from(d ?? '', 'base64url'))).toBe(false);
  const stranger = createTokens(
    { issuer: ISSUER, secret: new Uint8Array(32) },
    { database: room.base.database, clock: room.clock },
  );
  expect(await stranger.keys.find(kid)).toBeNull();
  await room.query('DELETE FROM token_keys WHERE kid <> $1', [kid]);
  await room.query("UPDATE token_keys SET kid = 'A' || substr(kid, 2)");
  expect(await process().keys.find(`A${kid.slice(1)}`)).toBeNull();
});
