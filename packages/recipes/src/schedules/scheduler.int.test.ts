import { recipeDefinitionSchema, scheduleSpecSchema } from '@automatos/contracts';
import type { Schedule } from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import type { PlatformError } from '@automatos/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callRoute, createTriggerRoom } from '../triggers/trigger-room.fixture.ts';
import type { TriggerRoom } from '../triggers/trigger-room.fixture.ts';
import { createScheduleService } from './schedule-service.ts';
import type { Scheduler } from './scheduler.ts';
import { scheduleFires, schedules } from './schedule-tables.ts';

let room: TriggerRoom;
let recipeId: string;
let scheduler: Scheduler;
/** On a busy machine. */
const SOON = { timeout: 30_000 };
const by = { kind: 'user', id: 'u1', name: 'Ann' } as const;

beforeAll(async () => {
  room = await createTriggerRoom();
  recipeId = await room.addRecipe('nightly');
  await room.addRecipe('broken');
  scheduler = room.scheduler();
});
afterAll(() => room.close());
beforeEach(async () => {
  room.clock.set('2026-06-01T00:00:00.000Z');
  await room.database.system(async (tx) => {
    await tx.delete(schedules);
    await tx.execute('DELETE FROM runs');
    await tx.execute('DELETE FROM events');
  });
});

const create = (spec: object, recipe = 'nightly') =>
  room.schedules.create(room.workspaceId, { recipe, spec: scheduleSpecSchema.parse(spec) });

async function at(time: string): Promise<void> {
  room.clock.set(time);
  await scheduler.tick();
}

async function endRuns(): Promise<void> {
  const { rows } = await room.database.pool.query<{ id: string }>(
    "SELECT id FROM runs WHERE status = 'queued' ORDER BY created_at",
  );
  for (const { id } of rows) await room.runs.cancel(room.workspaceId, id, by);
}

describe('tables', () => {
  it('are those of the migration', async () => {
    await expect(
      assertTablesMatch(room.database, [schedules, scheduleFires]),
    ).resolves.toBeUndefined();
  });
});

describe('one fire per due time (C12)', () => {
  it.each([
    [
      'Europe/Zurich',
      '30 2 * * *',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ],
    [
      'Europe/Zurich',
      '30 2 * * *',
      '2026-10-24T00:00:00Z',
      ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ],
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-07T00:00:00Z',
      ['2026-03-07T07:30:00Z', '2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
    ],
    [
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T00:00:00Z',
      ['2026-10-31T05:30:00Z', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
    ],
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T12:00:00Z',
      ['2026-10-02T15:45:00Z', '2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-03T12:00:00Z',
      ['2026-04-03T14:45:00Z', '2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z'],
    ],
  ])('of three schedulers in %s, %s from %s', async (timezone, cron, ...[from, expected]) => {
    room.clock.set(from);
    const { id } = await create({ cron, timezone, overlap: 'allow' });
    const three = [scheduler, room.scheduler(), room.scheduler()];
    for (const due of expected) {
      const [listed] = (await room.schedules.list(room.workspaceId, { limit: 1 })).items;
      expect(listed?.next_due_at).toBe(new Date(due).toISOString());
      room.clock.set(Date.parse(due) - 1);
      await Promise.all(three.map((one) => one.tick()));
      room.clock.set(Date.parse(due) + 300);
      await Promise.all([...three, ...three].map((one) => one.tick()));
    }
    expect(await room.fires(id)).toEqual(expected.map((due) => `${due} started`));
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(3);
    expect(await room.events('schedule.fired')).toHaveLength(3);
  });

  it('tells the run what started it, and hands over the inputs', async () => {
    const spec = { every_ms: 60_000, name: 'Hourly', inputs: { path: '/srv' } };
    const { id } = await create(spec);
    await at('2026-06-01T00:01:00.000Z');
    const { rows } = await room.database.pool.query<Record<string, unknown>>('SELECT * FROM runs');
    expect(rows).toMatchObject([
      {
        trigger_kind: 'schedule',
        trigger_id: id,
        trigger_name: 'Hourly',
        inputs: { path: '/srv' },
      },
    ]);
    const [event] = await room.events('schedule.fired');
    expect(event?.data).toEqual({
      schedule_id: id,
      recipe_slug: 'nightly',
      due_at: '2026-06-01T00:01:00.000Z',
      outcome: 'started',
      run_id: rows[0]?.['id'],
    });
  });
});

describe('misfires: due times that passed while nothing ran', () => {
  const miss = async (spec: object) => {
    const { id } = await create({ every_ms: 600_000, overlap: 'allow', ...spec });
    await at('2026-06-01T00:45:30.000Z');
    return room.fires(id);
  };

  it('skip starts none of them', async () => {
    expect(await miss({ misfire: 'skip' })).toEqual([
      '2026-06-01T00:10:00Z skipped_misfire',
      '2026-06-01T00:20:00Z skipped_misfire',
      '2026-06-01T00:30:00Z skipped_misfire',
      '2026-06-01T00:40:00Z skipped_misfire',
    ]);
    expect(await room.count('runs')).toBe(0);
  });

  it('once starts one for all', async () => {
    expect(await miss({ misfire: 'once' })).toEqual([
      '2026-06-01T00:10:00Z skipped_misfire',
      '2026-06-01T00:20:00Z skipped_misfire',
      '2026-06-01T00:30:00Z skipped_misfire',
      '2026-06-01T00:40:00Z started',
    ]);
  });

  it('all starts each', async () => {
    expect(await miss({ misfire: 'all' })).toEqual(
      ['10', '20', '30', '40'].map((minute) => `2026-06-01T00:${minute}:00Z started`),
    );
  });

  it('all makes them up one after another when runs may not overlap', async () => {
    expect(await miss({ misfire: 'all', overlap: 'skip' })).toEqual([
      '2026-06-01T00:10:00Z started',
      '2026-06-01T00:20:00Z queued',
      '2026-06-01T00:30:00Z queued',
      '2026-06-01T00:40:00Z queued',
    ]);
  });

  it('a due time up to a minute ago is not missed', async () => {
    const { id } = await create({ every_ms: 600_000, misfire: 'skip' });
    await at('2026-06-01T00:11:00.000Z');
    expect(await room.fires(id)).toEqual(['2026-06-01T00:10:00Z started']);
  });

  it('all is bounded, and an event says so', async () => {
    const { id } = await create({ every_ms: 1_000, overlap: 'allow', misfire: 'all' });
    await at('2026-06-02T00:00:00.000Z');
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(100);
    const [first, ...others] = await room.events('schedule.fired');
    expect(first?.data).toMatchObject({
      outcome: 'skipped_misfire',
      error: { code: 'triggers.schedule.misfire_limited' },
    });
    expect(others).toHaveLength(100);
    await scheduler.tick();
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(100);
  });
});

describe('overlap: the run before is not over', () => {
  const twice = async (overlap: string) => {
    const { id } = await create({ every_ms: 60_000, overlap });
    await at('2026-06-01T00:01:00.000Z');
    await at('2026-06-01T00:02:00.000Z');
    return id;
  };

  it('allow starts beside it', async () => {
    expect(await room.fires(await twice('allow'))).toEqual([
      '2026-06-01T00:01:00Z started',
      '2026-06-01T00:02:00Z started',
    ]);
  });

  it('skip leaves the due time out, and goes on when it is over', async () => {
    const id = await twice('skip');
    await endRuns();
    await at('2026-06-01T00:03:00.000Z');
    expect(await room.fires(id)).toEqual([
      '2026-06-01T00:01:00Z started',
      '2026-06-01T00:02:00Z skipped_overlap',
      '2026-06-01T00:03:00Z started',
    ]);
  });

  it('queue starts it when the run before ends, one at a time, whoever looks', async () => {
    const id = await twice('queue');
    await at('2026-06-01T00:03:00.000Z');
    const three = [scheduler, room.scheduler(), room.scheduler()];
    for (const expected of [
      ['started', 'queued', 'queued'],
      ['started', 'started', 'queued'],
      ['started', 'started', 'started'],
    ]) {
      await Promise.all(three.map((one) => one.tick()));
      expect((await room.fires(id)).map((line) => line.split(' ')[1])).toEqual(expected);
      await endRuns();
    }
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(3);
  });

  it('cancel_previous cancels it and starts anew', async () => {
    const id = await twice('cancel_previous');
    expect(await room.fires(id)).toEqual([
      '2026-06-01T00:01:00Z started',
      '2026-06-01T00:02:00Z started',
    ]);
    const looping = room.scheduler();
    await looping.start();
    await vi.waitFor(async () => {
      const { items } = await room.runs.list(room.workspaceId, { limit: 10 });
      expect(items.map(({ status }) => status)).toEqual(['queued', 'cancelled']);
    }, SOON);
    await looping.stop();
  });

  it('a change of the schedule drops what waits', async () => {
    const id = await twice('queue');
    const spec = scheduleSpecSchema.parse({ every_ms: 120_000, overlap: 'queue' });
    await room.schedules.update(room.workspaceId, id, spec);
    await endRuns();
    await scheduler.tick();
    expect(await room.fires(id)).toEqual([
      '2026-06-01T00:01:00Z started',
      '2026-06-01T00:02:00Z skipped_overlap',
    ]);
  });
});

describe('a restart with queued schedules (C11)', () => {
  it('fires nothing twice', async () => {
    const { id } = await create({ cron: '0 3 * * *', overlap: 'queue' });
    await at('2026-06-01T03:00:01.000Z');
    await at('2026-06-02T03:00:01.000Z');
    const before = await room.fires(id);
    expect(before).toEqual(['2026-06-01T03:00:00Z started', '2026-06-02T03:00:00Z queued']);
    for (let restart = 0; restart < 3; restart += 1) {
      const fresh = room.scheduler();
      await fresh.start();
      await fresh.tick();
      await fresh.stop();
    }
    expect(await room.fires(id)).toEqual(before);
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(1);
    await endRuns();
    await Promise.all([room.scheduler().tick(), room.scheduler().tick(), scheduler.tick()]);
    expect(await room.fires(id)).toEqual(before.map((line) => line.replace('queued', 'started')));
    expect(await room.count('runs WHERE trigger_id = $1', [id])).toBe(2);
  });
});

describe('failures', () => {
  it('are seen at the due time, and the schedule goes on', async () => {
    const { id } = await create({ every_ms: 60_000 }, 'broken');
    await at('2026-06-01T00:01:00.000Z');
    await at('2026-06-01T00:02:00.000Z');
    const { items } = await room.schedules.fires(room.workspaceId, id, { limit: 10 });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      outcome: 'failed',
      run_id: null,
      error: { code: 'recipes.recipe.not_runnable' },
    });
    const [listed] = (await room.schedules.list(room.workspaceId, { limit: 5 })).items;
    expect(listed).toMatchObject({
      last_outcome: 'failed',
      next_due_at: '2026-06-01T00:03:00.000Z',
    });
  });

  it('of one schedule do not hold up the others', async () => {
    const odd = await create({ every_ms: 60_000 });
    const good = await create({ every_ms: 60_000 });
    await room.database.pool.query(
      `UPDATE schedules SET spec = '{"cron":"x","timezone":"UTC"}' WHERE id = $1`,
      [odd.id],
    );
    await at('2026-06-01T00:01:00.000Z');
    expect(await room.fires(good.id)).toEqual(['2026-06-01T00:01:00Z started']);
  });
});

describe('the loop', () => {
  it('wakes for a schedule made after it fell asleep, without waiting for its next look', async () => {
    const asleep = room.scheduler();
    await asleep.start();
    const { id } = await create({ at: '2026-06-01T00:00:01.000Z' });
    room.clock.set('2026-06-01T00:00:01.000Z');
    // The clock stands: only the notification of the new schedule, or its due time, can wake the loop.
    await vi.waitFor(
      async () => expect(await room.fires(id)).toEqual(['2026-06-01T00:00:01Z started']),
      SOON,
    );
    const [listed] = (await room.schedules.list(room.workspaceId, { limit: 5 })).items;
    expect(listed?.next_due_at).toBeNull();
    await asleep.stop();
  });
});

describe('API', () => {
  it('creates, lists by due time with pages, changes and deletes', async () => {
    const one = await callRoute<Schedule>(room, 'createSchedule', {
      body: { recipe: 'nightly', spec: { every_ms: 120_000 } },
    });
    await create({ every_ms: 60_000, name: 'Soon' });
    await create({ every_ms: 60_000, enabled: false });
    const first = await callRoute<{ items: Schedule[]; next_cursor: string }>(
      room,
      'listSchedules',
      { query: { limit: 2 } },
    );
    expect(first.items.map(({ next_due_at }) => next_due_at)).toEqual([
      '2026-06-01T00:01:00.000Z',
      '2026-06-01T00:02:00.000Z',
    ]);
    const second = await callRoute<{ items: Schedule[] }>(room, 'listSchedules', {
      query: { limit: 2, cursor: first.next_cursor, recipe: 'nightly' },
    });
    expect(second.items).toMatchObject([{ enabled: false, next_due_at: null }]);
    const params = { schedule_id: one.id };
    const changed = await callRoute<Schedule>(room, 'updateSchedule', {
      params,
      body: { spec: { at: '2026-07-01T00:00:00Z' } },
    });
    expect(changed.next_due_at).toBe('2026-07-01T00:00:00.000Z');
    await callRoute(room, 'deleteSchedule', { params });
    await expect(callRoute(room, 'deleteSchedule', { params })).rejects.toMatchObject({
      code: 'triggers.schedule.not_found',
    });
  });

  it('refuses what can never be due', async () => {
    for (const spec of [
      { at: '2026-05-01T00:00:00Z' },
      { cron: '0 0 31 2 *' },
      { cron: '0 0 * * *', timezone: 'X' },
    ]) {
      await expect(create(spec)).rejects.toMatchObject({ code: 'triggers.schedule.invalid' });
    }
    await expect(create({ every_ms: 1_000 }, 'unknown')).rejects.toMatchObject({
      code: 'recipes.recipe.not_found',
    });
  });

  it('previews with local times', async () => {
    const spec = { cron: '30 2 * * *', timezone: 'Europe/Zurich' };
    const shown = await callRoute(room, 'previewSchedule', {
      body: { spec, count: 2, from: '2026-03-28T12:00:00Z' },
    });
    expect(shown).toEqual({
      timezone: 'Europe/Zurich',
      items: [
        { due_at: '2026-03-29T01:00:00.000Z', local: '2026-03-29 03:00:00' },
        { due_at: '2026-03-30T00:30:00.000Z', local: '2026-03-30 02:30:00' },
      ],
    });
  });

  it('keeps to the workspace', async () => {
    const { id } = await create({ every_ms: 60_000 });
    const other = createScheduleService(room);
    await expect(other.remove(room.otherWorkspaceId, id)).rejects.toMatchObject({
      code: 'triggers.schedule.not_found',
    });
    expect((await other.list(room.otherWorkspaceId, { limit: 5 })).items).toEqual([]);
  });
});

describe('schedules that stand in a recipe', () => {
  const define = (part: object) =>
    recipeDefinitionSchema.parse({
      slug: 'nightly',
      name: 'N',
      steps: [{ step_id: 'a', type: 'tool', tool: 'x' }],
      ...part,
    });
  const save = (part: object | null) =>
    room.database.workspace(room.workspaceId, (tx) =>
      room.sync(tx, {
        workspaceId: room.workspaceId,
        recipe: { id: recipeId, slug: 'nightly' },
        definition: part === null ? null : define(part),
        by,
      }),
    );
  const list = async () => (await room.schedules.list(room.workspaceId, { limit: 20 })).items;

  it('follow it, keeping id and due times of what did not change', async () => {
    await save({ schedule: [{ every_ms: 60_000, name: 'a' }, { every_ms: 90_000 }] });
    const [a, unnamed] = await list();
    await at('2026-06-01T00:01:00.000Z');
    await save({
      schedule: [
        { every_ms: 95_000 },
        { every_ms: 60_000, name: 'a' },
        { cron: '0 5 * * *', name: 'c' },
      ],
    });
    const after = new Map((await list()).map((item) => [item.name, item]));
    expect(after.get('a')).toMatchObject({
      id: a?.id,
      last_due_at: '2026-06-01T00:01:00.000Z',
      source: 'recipe',
    });
    expect(after.get('Schedule 1')).toMatchObject({ id: unnamed?.id, spec: { every_ms: 95_000 } });
    expect(after.get('c')).toMatchObject({ next_due_at: '2026-06-01T05:00:00.000Z' });
    await save({ schedule: { cron: '0 5 * * *', name: 'c' } });
    expect((await list()).map(({ id }) => id)).toEqual([after.get('c')?.id]);
    await save(null);
    expect(await list()).toEqual([]);
  });

  it('are not changed by the API', async () => {
    await save({ schedule: { every_ms: 60_000 } });
    const own = await create({ every_ms: 60_000 });
    const [inRecipe] = (await list()).filter(({ source }) => source === 'recipe');
    const refused: Partial<PlatformError> = {
      code: 'triggers.schedule.in_recipe',
      kind: 'conflict',
    };
    await expect(room.schedules.remove(room.workspaceId, inRecipe?.id ?? '')).rejects.toMatchObject(
      refused,
    );
    await save({});
    expect((await list()).map(({ id }) => id)).toEqual([own.id]);
  });
});
