import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '@automatos/kernel';
import { startMaintenance, vacuumAll } from './maintenance.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let test: TestDatabase;
beforeAll(async () => (test = await createTestDatabase()));
afterAll(() => test.close());

describe('maintenance', () => {
  it('gives the planner figures of every table', async () => {
    const { pool } = test.database;
    await pool.query(
      'CREATE TABLE many (id int); INSERT INTO many SELECT generate_series(1, 1000)',
    );
    expect(await vacuumAll(pool)).toBeGreaterThan(3);
    expect(
      (await pool.query(`SELECT reltuples::int AS n FROM pg_class WHERE relname = 'many'`)).rows,
    ).toEqual([{ n: 1000 }]);
  });

  it('runs by itself, one at a time, and stops between two tables', async () => {
    const done = Promise.withResolvers<object>();
    const logger: Logger = { ...silentLogger, debug: (fields) => done.resolve(fields) };
    let [running, most] = [0, 0];
    const query = async (text: string) => {
      running += 1;
      most = Math.max(most, running);
      return test.database.pool.query(text).finally(() => {
        running -= 1;
      });
    };
    const pool = { query } as unknown as typeof test.database.pool;
    const maintenance = startMaintenance(pool, logger, 10);
    expect(await done.promise).toMatchObject({ tables: expect.any(Number) as number });
    await maintenance.stop();
    expect(most).toBe(1);
  });
});
