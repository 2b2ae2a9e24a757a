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

  it('runs by itself and stops between two tables', async () => {
    const done = Promise.withResolvers<object>();
    const logger: Logger = { ...silentLogger, debug: (fields) => done.resolve(fields) };
    const maintenance = startMaintenance(test.database.pool, logger, 10);
    expect(await done.promise).toMatchObject({ tables: expect.any(Number) as number });
    await maintenance.stop();
  });
});
