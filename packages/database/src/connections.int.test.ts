/** Many connections through the driver; equal on the embedded database and on a server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let test: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  test = await createTestDatabase({ poolSize: 30 });
  pool = test.database.pool;
  await pool.query(
    'CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL); CREATE TABLE blobs (id int, body text, raw bytea)',
  );
});
afterAll(() => test.close());

const client = () => new pg.Client(pool.options as pg.ClientConfig);
const count = async (table: string) =>
  (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;

describe('connections', () => {
  it('carry large values both ways', async () => {
    const body = 'ä'.repeat(3_000_000);
    const raw = Buffer.alloc(5_000_000, 7);
    await pool.query('INSERT INTO blobs VALUES (1, $1, $2)', [body, raw]);
    const { rows } = await pool.query<{ body: string; raw: Buffer }>(
      'SELECT body, raw FROM blobs WHERE id = 1',
    );
    expect(rows[0]?.body === body).toBe(true);
    expect(rows[0]?.raw.equals(raw)).toBe(true);
  });

  it('return many rows, complete and in order', async () => {
    const { rows } = await pool.query<{ i: number; t: string }>(
      `SELECT i, repeat('x', 200) AS t FROM generate_series(1, 50000) AS i`,
    );
    expect(rows.length).toBe(50_000);
    expect(rows.every((row, index) => row.i === index + 1 && row.t.length === 200)).toBe(true);
  });

  it('give types as the driver knows them', async () => {
    const { rows } =
      await pool.query(`SELECT 1::int AS i, 2::bigint AS b, 1.5::float8 AS f, true AS t, '{"a": [1]}'::jsonb AS j, ARRAY[1, 2] AS a,
      '2026-01-02T03:04:05.678Z'::timestamptz AS at, NULL::text AS n, '[1,2,3]'::vector AS v, 0.10::numeric AS d`);
    expect(rows).toEqual([
      {
        i: 1,
        b: '2',
        f: 1.5,
        t: true,
        j: { a: [1] },
        a: [1, 2],
        at: new Date('2026-01-02T03:04:05.678Z'),
        n: null,
        v: '[1,2,3]',
        d: '0.10',
      },
    ]);
  });

  it('keep interleaved transactions of many clients apart', async () => {
    await pool.query('INSERT INTO counters SELECT i, 0 FROM generate_series(1, 5) AS i');
    async function increment(id: number): Promise<void> {
      const own = await pool.connect();
      try {
        await own.query('BEGIN');
        const { rows } = await own.query<{ n: number }>(
          'SELECT n FROM counters WHERE id = $1 FOR UPDATE',
          [id],
        );
        await own.query({
          name: 'set-counter',
          text: 'UPDATE counters SET n = $2 WHERE id = $1',
          values: [id, (rows[0]?.n ?? 0) + 1],
        });
        await own.query('COMMIT');
      } finally {
        own.release();
      }
    }
    await Promise.all(Array.from({ length: 100 }, (_, index) => increment((index % 5) + 1)));
    const { rows } = await pool.query('SELECT DISTINCT n FROM counters');
    expect(rows).toEqual([{ n: 20 }]);
  });

  it('roll back when a client leaves inside a transaction, cleanly or not', async () => {
    await pool.query('CREATE TABLE left_behind (id int)');
    const polite = client();
    await polite.connect();
    await polite.query('BEGIN; INSERT INTO left_behind VALUES (1)');
    await polite.end();
    const rude = client();
    rude.on('error', () => undefined);
    await rude.connect();
    await rude.query('BEGIN; INSERT INTO left_behind VALUES (2)');
    (
      rude as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
    expect(await count('left_behind')).toBe(0);
    await pool.query('INSERT INTO left_behind VALUES (3)');
    expect(await count('left_behind')).toBe(1);
  });

  it('may connect, work and leave over and over', async () => {
    for (let round = 0; round < 20; round++) {
      const own = client();
      await own.connect();
      const { rows } = await own.query({
        name: 'again',
        text: 'SELECT $1::int AS round',
        values: [round],
      });
      expect(rows).toEqual([{ round }]);
      await own.end();
    }
  });

  it('go on after errors of every stage, with named statements', async () => {
    const own = await pool.connect();
    try {
      for (let round = 0; round < 3; round++) {
        await expect(own.query('SELECT * FROM nowhere WHERE id = $1', [1])).rejects.toMatchObject({
          code: '42P01',
        });
        await expect(
          own.query({ name: 'bad-value', text: 'SELECT $1::int', values: ['x'] }),
        ).rejects.toMatchObject({ code: '22P02' });
        await expect(
          own.query('SELECT 1/(i-$1) FROM generate_series(1, 3) AS i', [2]),
        ).rejects.toMatchObject({ code: '22012' });
        expect(
          (await own.query({ name: 'good', text: 'SELECT $1::int AS x', values: [round] })).rows,
        ).toEqual([{ x: round }]);
      }
    } finally {
      own.release();
    }
  });

  it('hear notifications through the database until they stop', async () => {
    const heard: string[] = [];
    let wake = Promise.withResolvers<void>();
    const stop = await test.database.listen('Mixed Channel', (payload) => {
      heard.push(payload);
      wake.resolve();
    });
    const send = async (payload: string) => {
      wake = Promise.withResolvers();
      await pool.query(`SELECT pg_notify('Mixed Channel', $1)`, [payload]);
      await wake.promise;
    };
    await send('one');
    expect(heard).toEqual(['one']);
    await stop();
    await pool.query(`SELECT pg_notify('Mixed Channel', 'unheard')`);
    await pool.query('SELECT 1');
    expect(heard).toEqual(['one']);
  });
});

describe('a client that stops inside a transaction', () => {
  it('is sent away after a while, and its locks go: whoever waits for them goes on', async () => {
    const own = await createTestDatabase({ idleInTransactionMs: 300 });
    try {
      const { pool: both } = own.database;
      await both.query('CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held VALUES (1)');
      const stopped = await both.connect();
      const sentAway = new Promise<Error>((resolve) => stopped.once('error', resolve));
      await stopped.query('BEGIN');
      await stopped.query('DELETE FROM held');
      const { rows } = await both.query('SELECT id FROM held FOR UPDATE');
      expect(rows).toEqual([{ id: 1 }]);
      expect((await sentAway).message).toMatch(/idle|terminat/i);
      stopped.release(true);
    } finally {
      await own.close();
    }
  });
});
