import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countLivingWorkers } from './invariants.ts';

let place: TestDatabase;
beforeAll(async () => {
  place = await createTestDatabase();
});
afterAll(() => place.close());

test('counts processes by their last sign of life', async () => {
  const { database } = place;
  expect(await countLivingWorkers(database)).toBe(0);
  for (const [executor, age] of [
    ['w-1', '0 seconds'],
    ['w-2', '1 second'],
    ['w-3', '10 minutes'],
  ])
    await database.pool.query(
      `INSERT INTO run_executors (executor_id, process_id, journal_version, beat_at, started_at)
       VALUES ($1, $2, 'v', now() - $3::interval, now())`,
      [executor, newId(), age],
    );
  expect(await countLivingWorkers(database)).toBe(2);
});
