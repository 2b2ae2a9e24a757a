import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { systemClock } from '@automatos/kernel';
import { createEffectLedger } from './effect-ledger.ts';
import type { Effect, EffectLedger } from './effect-ledger.ts';

let base: TestDatabase;
let ledger: EffectLedger;
beforeAll(async () => {
  base = await createTestDatabase();
  ledger = createEffectLedger({ database: base.database, clock: systemClock });
});
afterAll(() => base.close());

const effect = (key: string, more: Partial<Effect> = {}): Effect => ({
  workspaceId: base.workspaceId,
  key,
  kind: 'post',
  request: { a: 1 },
  repeatable: false,
  ...more,
});
/** What a crash between the call and its record leaves behind. */
const leaveClaimed = (key: string) =>
  base.database.pool.query(
    "UPDATE effects SET state = 'claimed', result = NULL WHERE workspace_id = $1 AND key = $2",
    [base.workspaceId, key],
  );

test('a committed effect is answered from the record and not made again', async () => {
  let made = 0;
  const act = () => Promise.resolve({ made: ++made });
  expect(await ledger.perform(effect('once'), act)).toEqual({ made: 1 });
  expect(await ledger.perform(effect('once'), act)).toEqual({ made: 1 });
  expect(made).toBe(1);
});

test('an effect that failed may be tried again', async () => {
  await expect(
    ledger.perform(effect('flaky'), () => Promise.reject(new Error('refused'))),
  ).rejects.toThrow('refused');
  expect(await ledger.perform(effect('flaky'), () => Promise.resolve('ok'))).toBe('ok');
});

test('C8: an interrupted effect is repeated only when that is harmless', async () => {
  await ledger.perform(effect('harmless', { repeatable: true }), () => Promise.resolve(1));
  await leaveClaimed('harmless');
  expect(
    await ledger.perform(effect('harmless', { repeatable: true }), () => Promise.resolve(2)),
  ).toBe(2);

  await ledger.perform(effect('harmful'), () => Promise.resolve(1));
  await leaveClaimed('harmful');
  let again = 0;
  const attempt = () => ledger.perform(effect('harmful'), () => Promise.resolve(++again));
  await expect(attempt()).rejects.toMatchObject({ code: 'runs.effect.unknown', retryable: false });
  await expect(attempt()).rejects.toMatchObject({ code: 'runs.effect.unknown' });
  expect(again).toBe(0);
});

test('a key is for one request and one workspace', async () => {
  await ledger.perform(effect('key'), () => Promise.resolve(1));
  await expect(
    ledger.perform(effect('key', { request: { a: 2 } }), () => Promise.resolve(2)),
  ).rejects.toMatchObject({ code: 'runs.effect.key_reused' });
  expect(
    await ledger.perform(effect('key', { workspaceId: base.otherWorkspaceId }), () =>
      Promise.resolve(3),
    ),
  ).toBe(3);
});

test('of several at once exactly one acts', async () => {
  let made = 0;
  const attempts = Array.from({ length: 8 }, () =>
    ledger.perform(effect('race'), () => Promise.resolve(++made)),
  );
  const settled = await Promise.allSettled(attempts);
  expect(made).toBe(1);
  expect(settled.some((result) => result.status === 'fulfilled')).toBe(true);
});
