/** What only the embedded database does: refusing waiters, real syncs, a full disk, its own restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@automatos/kernel';
import { isConnectionLoss, isDiskFull } from '../connection-loss.ts';
import { startEmbeddedServer, type EmbeddedServer } from './embedded-server.ts';
import { FAULTS, FAULT_CELL } from './faults/full-disk-layer.ts';

const WAIT_MS = 300;
const IDLE_MS = 1_500;
const counters = new SharedArrayBuffer(16);
const cells = new Int32Array(counters);
let folder: string;
let server: EmbeddedServer;
let pool: pg.Pool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'automatos-embedded-'));
  server = await startEmbeddedServer({
    folder,
    fsync: true,
    logger: silentLogger,
    waitMsMax: WAIT_MS,
    idleInTransactionMsMax: IDLE_MS,
    counters,
    fileLayerModule: new URL('./faults/full-disk-layer.ts', import.meta.url).href,
  });
  pool = new pg.Pool({ stream: () => server.connect(), max: 5 } as pg.PoolConfig);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  await pool.query('CREATE TABLE kept (id int PRIMARY KEY, body text)');
});
afterAll(async () => {
  await pool.end();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => pool.query('TRUNCATE kept'));

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const ids = async () =>
  (await pool.query<{ id: number }>('SELECT id FROM kept ORDER BY id')).rows.map((row) => row.id);

describe('the gate', () => {
  it('refuses a query that waits too long for an open transaction, and says why', async () => {
    const owner = await pool.connect();
    await owner.query('BEGIN; INSERT INTO kept VALUES (1)');
    const simple = failureOf(pool.query('SELECT 1'));
    const prepared = failureOf(pool.query('SELECT $1::int', [1]));
    expect(await simple).toMatchObject({
      code: '55P03',
      message: expect.stringContaining('open transaction') as string,
      hint: expect.stringContaining('transaction callback') as string,
    });
    expect(await prepared).toMatchObject({ code: '55P03' });
    await owner.query('COMMIT');
    owner.release();
    expect(await ids()).toEqual([1]);
  });

  it('ends a connection that sits idle in a transaction, and gives the others their turn', async () => {
    const owner = await pool.connect();
    const cut = new Promise<unknown>((resolve) => owner.once('error', resolve));
    await owner.query('BEGIN; INSERT INTO kept VALUES (1)');
    expect(await cut).toMatchObject({ code: '25P03' });
    owner.release(true);
    expect(await ids()).toEqual([]);
  });

  it('refuses COPY FROM STDIN as an ordinary error, also inside a transaction', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    expect(await failureOf(client.query('COPY kept FROM STDIN'))).toMatchObject({
      code: '0A000',
      message: expect.stringContaining('COPY FROM STDIN') as string,
    });
    expect(await failureOf(client.query('SELECT 1'))).toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    expect(
      await failureOf(
        client.query('/* a comment */ copy kept (id) from stdin with (format csv)', []),
      ),
    ).toMatchObject({ code: '0A000' });
    expect((await client.query(`SELECT 'copy x from stdin' AS t`)).rows).toEqual([
      { t: 'copy x from stdin' },
    ]);
    client.release();
  });

  it('refuses encryption and goes on in clear, as a server without it', async () => {
    const client = new pg.Client({ stream: () => server.connect(), ssl: true } as pg.ClientConfig);
    expect(await failureOf(client.connect())).toMatchObject({
      message: 'The server does not support SSL connections',
    });
  });
});

describe('durability', () => {
  it('syncs every commit to disk before it is acknowledged', async () => {
    const before = server.syncs();
    for (let id = 0; id < 20; id++) await pool.query('INSERT INTO kept VALUES ($1)', [id]);
    expect(server.syncs() - before).toBeGreaterThanOrEqual(20);
  });
});

describe('a full disk', () => {
  it('fails the statement that needs space, stores nothing of it, and goes on when there is space', async () => {
    await pool.query('INSERT INTO kept VALUES (1)');
    Atomics.store(cells, FAULT_CELL, FAULTS.full);
    const error = await failureOf(
      pool.query(`INSERT INTO kept SELECT i, repeat('x', 2000) FROM generate_series(2, 2000) AS i`),
    );
    expect(isDiskFull(error)).toBe(true);
    expect(await ids()).toEqual([1]);
    Atomics.store(cells, FAULT_CELL, FAULTS.none);
    await pool.query('INSERT INTO kept VALUES (3)');
    expect(await ids()).toEqual([1, 3]);
  });

  it('never acknowledges a commit that could not be written, and recovers by itself', async () => {
    await pool.query('INSERT INTO kept VALUES (1)');
    Atomics.store(cells, FAULT_CELL, FAULTS.broken);
    expect(await failureOf(pool.query('INSERT INTO kept VALUES (2)'))).toMatchObject({
      code: 'database.disk.full',
      kind: 'unavailable',
    });
    expect(await failureOf(pool.query('INSERT INTO kept VALUES (3)'))).toMatchObject({
      code: 'database.disk.full',
    });
    Atomics.store(cells, FAULT_CELL, FAULTS.none);
    await pool.query('INSERT INTO kept VALUES (4)');
    expect(await ids()).toEqual([1, 4]);
  });

  it('cuts every connection when the engine ends, so that none hangs', async () => {
    const waiting = await pool.connect();
    await waiting.query('INSERT INTO kept VALUES (1)');
    const lost = new Promise<unknown>((resolve) => waiting.once('error', resolve));
    Atomics.store(cells, FAULT_CELL, FAULTS.broken);
    await failureOf(pool.query('INSERT INTO kept VALUES (2)'));
    await lost;
    Atomics.store(cells, FAULT_CELL, FAULTS.none);
    expect(isConnectionLoss(await failureOf(waiting.query('SELECT 1')))).toBe(true);
    waiting.release(true);
    expect(await ids()).toEqual([1]);
  });
});
