import {
  assertTablesMatch,
  createTestDatabase,
  databaseKind,
  type TestDatabase,
} from '@automatos/database/testing';
import type { Reply } from '@automatos/testing/llm-wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Providers } from '../calls/create-providers.ts';
import {
  ManualClock,
  OK,
  callTo,
  refOf,
  routedRoom,
  settingsOf,
  startVendors,
} from './router.fixture.ts';
import type { FakeVendors, SettingsInput } from './router.fixture.ts';
import {
  providerBuckets,
  providerCircuits,
  providerSlots,
  providerStats,
  routerSettings,
} from './router-tables.ts';

let test: TestDatabase;
let vendors: FakeVendors;
beforeAll(async () => {
  [test, vendors] = await Promise.all([createTestDatabase(), startVendors()]);
});
afterAll(async () => {
  await vendors.close();
  await test.close();
});

let clock: ManualClock;
let rooms: Providers[];
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
  clock = new ManualClock();
  rooms = [];
});
afterEach(async () => {
  for (const room of rooms) await room.close();
  const { pool } = test.database;
  for (const table of ['provider_circuits', 'router_settings', 'provider_stats', 'llm_usage'])
    await pool.query(`DELETE FROM ${table}`);
});

const BREAKER = { cooldown_ms: 10_000, consecutive_failures: 3 };
const REFUSED: Reply = { kind: 'status', status: 401, error: { code: 'x', message: 'no' } };

/** A process of its own over the one database. */
async function process(input: SettingsInput = {}): Promise<Providers> {
  const settings = { chain: [refOf('anthropic')], breaker: BREAKER, ...input };
  const room = routedRoom(vendors, settings, { clock, database: test.database });
  await room.router.start();
  rooms.push(room);
  return room;
}
const call = (room: Providers) => room.call(callTo('openai', { workspaceId: test.workspaceId }));
const toOpenai = () => vendors.calls.filter((name) => name === 'openai').length;

it('has the tables of the migration', async () => {
  const tables = [routerSettings, providerCircuits, providerBuckets, providerSlots, providerStats];
  await expect(assertTablesMatch(test.database, tables)).resolves.toBeUndefined();
});

describe('circuits in the database', () => {
  it('survive a restart, with their cool-down', async () => {
    vendors.replies.openai = REFUSED;
    const before = await process();
    await call(before);
    await before.close();
    const after = await process();
    await call(after);
    expect(toOpenai()).toBe(1);
    expect(await after.router.health.circuits(test.workspaceId)).toMatchObject([
      {
        provider: 'openai',
        state: 'open',
        failures: 1,
        reason: expect.stringContaining('API key'),
      },
    ]);
    clock.advance(13_000);
    await call(after);
    expect(toOpenai()).toBe(2);
    await after.close();
    // The second cool-down has doubled, also for whoever starts now.
    const third = await process();
    clock.advance(13_000);
    await call(third);
    expect(toOpenai()).toBe(2);
    clock.advance(12_000);
    delete vendors.replies.openai;
    await call(third);
    await call(third);
    expect(toOpenai()).toBe(4);
    expect(await third.router.health.circuits(test.workspaceId)).toEqual([]);
  });

  it('send one probe between them, and both close by it', async () => {
    vendors.replies.openai = REFUSED;
    const first = await process();
    await call(first);
    const second = await process();
    clock.advance(60_000);
    const gate = Promise.withResolvers<void>();
    vendors.replies.openai = async () => {
      await gate.promise;
      return OK;
    };
    vendors.calls.length = 0;
    const calls = Array.from({ length: 12 }, (_, index) => call(index % 2 === 0 ? first : second));
    await expect.poll(() => vendors.calls.length).toBe(12);
    expect(toOpenai()).toBe(1);
    gate.resolve();
    await Promise.all(calls);
    // Who hears no notification (one process with the embedded database) reads again after a while.
    clock.advance(5_000);
    await expect
      .poll(async () => {
        vendors.calls.length = 0;
        await Promise.all([call(first), call(second)]);
        return toOpenai();
      })
      .toBe(2);
  });

  it.runIf(databaseKind() === 'embedded')(
    'give up the probe of a process that is gone',
    async () => {
      vendors.replies.openai = REFUSED;
      await call(await process());
      await test.database.pool.query(
        `UPDATE provider_circuits SET state = 'half_open', probe_token = 'gone', retry_at = now() + interval '1 year'`,
      );
      await call(await process());
      expect(toOpenai()).toBe(2);
    },
  );

  it('are opened for a process by another one', async () => {
    const [first, second] = [await process(), await process()];
    vendors.replies.openai = REFUSED;
    await call(first);
    clock.advance(5_000);
    await expect
      .poll(async () => {
        vendors.calls.length = 0;
        await call(second);
        return toOpenai();
      })
      .toBe(0);
  });

  it('are closed by hand for all, and only by who has the credential', async () => {
    const [first, second] = [await process(), await process()];
    vendors.replies.openai = REFUSED;
    await call(first);
    const [open] = await first.router.health.circuits(test.workspaceId);
    const id = open?.id ?? '';
    expect(JSON.stringify(open)).not.toContain('"k"');
    delete vendors.replies.openai;
    await expect(
      first.router.health.closeCircuit(test.workspaceId, 'nothing'),
    ).rejects.toMatchObject({
      code: 'providers.circuit.not_found',
    });
    expect(await first.router.health.closeCircuit(test.workspaceId, id)).toMatchObject({
      state: 'closed',
    });
    clock.advance(5_000);
    await expect
      .poll(async () => {
        vendors.calls.length = 0;
        await Promise.all([call(first), call(second)]);
        return toOpenai();
      })
      .toBe(2);
  });
});

describe('settings of workspaces', () => {
  it('are kept with a version, hold at once, and in other processes soon', async () => {
    const [first, second] = [await process(), await process()];
    const room = first.router.settings;
    expect(await room?.read(test.workspaceId)).toMatchObject({ version: 0 });
    vendors.replies.openai = REFUSED;
    const own = settingsOf({ chain: [refOf('google')] });
    expect(await room?.replace(test.workspaceId, own, '"0"')).toMatchObject({ version: 1 });
    await expect(room?.replace(test.workspaceId, own, '"0"')).rejects.toMatchObject({
      code: 'providers.router.version_mismatch',
    });
    expect((await call(first)).provider).toBe('google');
    clock.advance(30_000);
    await expect.poll(async () => (await call(second)).provider).toBe('google');
    const other = callTo('openai', { workspaceId: test.otherWorkspaceId });
    expect((await first.call(other)).provider).toBe('anthropic');
  });
});

describe('what a failed attempt cost', () => {
  it('is a usage row of its own; a refusal costs nothing and has none', async () => {
    const room = await process();
    const text = ['one ', 'two ', 'three'];
    vendors.replies.openai = { kind: 'answer', text, fault: { after: 2, kind: 'destroy' } };
    await call(room);
    vendors.replies.openai = { kind: 'status', status: 500, error: { code: 'x', message: 'no' } };
    await call(room);
    await room.close();
    const { rows } = await test.database.pool.query(
      'SELECT provider, source, status, estimated, cost_micros > 0 AS costs, output_tokens > 0 AS spoke FROM llm_usage',
    );
    expect(rows).toEqual([
      {
        provider: 'openai',
        source: 'platform',
        status: 'error',
        estimated: true,
        costs: true,
        spoke: true,
      },
    ]);
  });
});

describe('figures of calls', () => {
  it('show what a workspace called, also after a restart and from other processes', async () => {
    vendors.replies.openai = async () => {
      clock.advance(200);
      return OK;
    };
    const first = await process();
    for (let index = 0; index < 4; index += 1) await call(first);
    vendors.replies.openai = { kind: 'status', status: 500, error: { code: 'x', message: 'no' } };
    await call(first);
    await first.close();
    const second = await process();
    vendors.replies.openai = OK;
    await call(second);
    const models = await second.router.health.models(test.workspaceId, 3_600_000);
    expect(models.find(({ provider }) => provider === 'openai')).toMatchObject({
      calls: 6,
      success_rate: 5 / 6,
      in_flight: 0,
      last_error: { code: 'providers.call.upstream_error' },
    });
    const p95 = models[0]?.p95_ms ?? 0;
    expect(Math.abs(p95 - 200)).toBeLessThan(15);
    expect(await second.router.health.models(test.otherWorkspaceId, 3_600_000)).toEqual([]);
  });
});

describe.runIf(databaseKind() === 'server')('limits between processes', () => {
  const limit = (extra: object): SettingsInput => ({
    limits: [{ provider: 'openai', ...extra }],
    queue: { max_waiting: 0, max_wait_ms: 0 },
  });

  it('hold in sum for requests per minute', async () => {
    const input = limit({ requests_per_minute: 100 });
    const both = [await process(input), await process(input)];
    for (let index = 0; index < 30; index += 1) await call(both[index % 2] as Providers);
    // At once a tenth of the minute's limit may go.
    expect(toOpenai()).toBeLessThanOrEqual(10);
    expect(toOpenai()).toBeGreaterThanOrEqual(9);
    clock.advance(60_000);
    vendors.calls.length = 0;
    for (let index = 0; index < 30; index += 1) await call(both[index % 2] as Providers);
    expect(toOpenai()).toBeLessThanOrEqual(11);
  });

  it('hold in sum for calls at the same time, and places wander', async () => {
    const input = { ...limit({ concurrency: 3 }), queue: { max_waiting: 100, max_wait_ms: 500 } };
    const both = [await process(input), await process(input)];
    const gate = Promise.withResolvers<void>();
    vendors.replies.openai = async () => {
      await gate.promise;
      return OK;
    };
    const calls = Array.from({ length: 10 }, (_, index) => call(both[index % 2] as Providers));
    await expect.poll(toOpenai).toBe(3);
    await expect
      .poll(() => {
        clock.advance(100);
        return vendors.calls.length;
      })
      .toBe(10);
    expect(toOpenai()).toBe(3);
    gate.resolve();
    await Promise.all(calls);
    delete vendors.replies.openai;
    // What the first does not need any more, the second gets after a moment.
    await expect
      .poll(async () => {
        clock.advance(1_000);
        vendors.calls.length = 0;
        await Promise.all([1, 2, 3].map(() => call(both[1] as Providers)));
        return toOpenai();
      })
      .toBe(3);
  });
});
