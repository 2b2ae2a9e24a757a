/** A PostgreSQL server that stops and starts again under an open database. Only a server can do that; the embedded engine's own restart has its test in embedded/. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@automatos/kernel';
import { isConnectionLoss, openDatabase, retryRead, type Database } from './index.ts';

const control = process.env['AUTOMATOS_TEST_PG_CTL'] || undefined;
const run = promisify(execFile);

describe.runIf(control !== undefined)('a server that restarts', () => {
  let dir: string;
  let database: Database;
  const command = (...args: string[]) => run(control ?? '', args);

  beforeAll(async () => {
    const { stdout } = await command('create');
    const created = JSON.parse(stdout) as { dir: string; url: string };
    ({ dir } = created);
    database = await openDatabase({ url: created.url, logger: silentLogger });
  });
  afterAll(async () => {
    await database.close();
    await command('remove', dir);
  });

  it.each(['restart', 'crash'])(
    'after %s: open work fails as connection loss, new work and listeners go on',
    async (how) => {
      const heard: string[] = [];
      let wake = Promise.withResolvers<void>();
      const stop = await database.listen('after_restart', (payload) => {
        heard.push(payload);
        wake.resolve();
      });
      await database.pool.query('CREATE TABLE IF NOT EXISTS kept (id text PRIMARY KEY)');
      const inside = Promise.withResolvers<void>();
      const cut = Promise.withResolvers<void>();
      const open = database.system(async (tx) => {
        await tx.execute(`INSERT INTO kept VALUES ('uncommitted ${how}')`);
        inside.resolve();
        await cut.promise;
        await tx.execute('SELECT 1');
      });
      await inside.promise;
      await database.pool.query('INSERT INTO kept VALUES ($1)', [`committed ${how}`]);
      await command(how, dir);
      if (how === 'crash') await command('start', dir);
      cut.resolve();
      const error = await open.then(
        () => undefined,
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ code: 'database.connection.lost', kind: 'unavailable' });
      expect(isConnectionLoss(error)).toBe(true);
      const { rows } = await retryRead(
        () => database.pool.query(`SELECT id FROM kept WHERE id LIKE '%${how}'`),
        20,
      );
      expect(rows).toEqual([{ id: `committed ${how}` }]);
      // Sent until heard: the listener comes back by itself, some moments after the server.
      while (heard.length === 0) {
        wake = Promise.withResolvers();
        await database.pool.query(`NOTIFY after_restart, 'again'`);
        await Promise.race([wake.promise, new Promise((resolve) => setTimeout(resolve, 50))]);
      }
      expect(heard[0]).toBe('again');
      await stop();
    },
  );
});
