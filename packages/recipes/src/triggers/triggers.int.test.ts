import { createHmac } from 'node:crypto';
import { recipeDefinitionSchema, triggerSpecSchema } from '@automatos/contracts';
import type { Trigger } from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { signStandardWebhook } from './secrets.ts';
import { callRoute, createTriggerRoom } from './trigger-room.fixture.ts';
import type { TriggerRoom } from './trigger-room.fixture.ts';
import { triggerDeliveries, triggers } from './trigger-tables.ts';

let room: TriggerRoom;
let recipeId: string;
const by = { kind: 'user', id: 'u1', name: 'Ann' } as const;

beforeAll(async () => {
  room = await createTriggerRoom();
  recipeId = await room.addRecipe('deploy');
  await room.addRecipe('broken');
  await room.addRecipe('report');
});
afterAll(() => room.close());
beforeEach(async () => {
  room.clock.set('2026-06-01T00:00:00.000Z');
  room.starts.length = 0;
  await room.database.system(async (tx) => {
    await tx.delete(triggers);
    await tx.execute('DELETE FROM runs');
    await tx.execute('DELETE FROM events');
  });
});

type Created = Trigger & { secret: string };
const create = (spec: object, recipe = 'deploy') =>
  callRoute<Created>(room, 'createTrigger', {
    body: { recipe, spec: { type: 'webhook', name: 'Push', ...spec } },
  });

const bytes = (text: string) => new TextEncoder().encode(text);

/** A delivery as a sender of Standard Webhooks makes it. */
function signed(secret: string, id: string, body: string) {
  const timestamp = Math.floor(room.clock.now() / 1000);
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signStandardWebhook(secret, { id, timestamp, body }),
    },
    rawBody: bytes(body),
  };
}
const deliver = (triggerId: string, delivery: { headers: object; rawBody: Uint8Array }) =>
  callRoute<{ outcome: string; run_id: string | null }>(room, 'receive', {
    params: { trigger_id: triggerId },
    ...delivery,
  });
const deliveries = async (trigger: Created) =>
  (await room.triggers.deliveries(room.workspaceId, trigger.id, { limit: 100 })).items;

describe('tables', () => {
  it('are those of the migration', async () => {
    await expect(
      assertTablesMatch(room.database, [triggers, triggerDeliveries]),
    ).resolves.toBeUndefined();
  });
});

describe('incoming webhooks', () => {
  it('start the recipe with inputs made of body and headers, types kept', async () => {
    const trigger = await create({
      when: '{{body.ref}} == "main" and {{headers.x-kind}} == "push"',
      inputs: {
        count: '{{body.commits | length}}',
        who: 'by {{body.user.name}}',
        raw: '{{headers}}',
      },
    });
    expect(trigger.url).toBe(`https://automatos.test/api/hooks/${trigger.id}`);
    const body = '{"ref":"main","commits":[1,2],"user":{"name":"Zoë"}}';
    const delivery = signed(trigger.secret, 'd1', body);
    const headers = {
      ...delivery.headers,
      'x-kind': 'push',
      authorization: 'Bearer x',
      cookie: 'a=b',
    };
    const answer = await deliver(trigger.id, { ...delivery, headers });
    expect(answer).toMatchObject({ outcome: 'started' });
    const [start] = room.starts;
    expect(start?.inputs).toEqual({
      count: 2,
      who: 'by Zoë',
      raw: {
        'content-type': 'application/json',
        'webhook-id': 'd1',
        'webhook-timestamp': delivery.headers['webhook-timestamp'],
        'x-kind': 'push',
      },
    });
    expect(start?.trigger).toEqual({ kind: 'webhook', id: trigger.id, name: 'Push', depth: 0 });
    const events = await room.events('trigger.fired');
    expect(events.map(({ data }) => data)).toEqual([
      { trigger_id: trigger.id, recipe_slug: 'deploy', outcome: 'started', run_id: answer.run_id },
    ]);
  });

  it('take a form as an object', async () => {
    const trigger = await create({
      signature: 'bearer',
      inputs: { text: '{{body.text}}', tags: '{{body.tag}}' },
    });
    await deliver(trigger.id, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        authorization: `Bearer ${trigger.secret}`,
      },
      rawBody: bytes('text=a+b&tag=x&tag=y'),
    });
    expect(room.starts[0]?.inputs).toEqual({ text: 'a b', tags: ['x', 'y'] });
  });

  it('that do not fit the condition start nothing, and are listed', async () => {
    const trigger = await create({ when: '{{body.ref}} == "main"' });
    const answer = await deliver(trigger.id, signed(trigger.secret, 'd1', '{"ref":"dev"}'));
    expect(answer).toEqual({ outcome: 'filtered', run_id: null });
    expect(await deliveries(trigger)).toMatchObject([{ delivery_id: 'd1', outcome: 'filtered' }]);
    expect(room.starts).toEqual([]);
  });

  it('count once, whatever is repeated at the same moment', async () => {
    const trigger = await create({});
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => deliver(trigger.id, signed(trigger.secret, 'd1', '{}'))),
    );
    const started = answers.filter(({ outcome }) => outcome === 'started');
    expect(started).toHaveLength(1);
    for (const answer of answers) expect(answer.run_id).toBe(started[0]?.run_id);
    expect(await room.count('runs')).toBe(1);
    expect(await deliver(trigger.id, signed(trigger.secret, 'd2', '{}'))).toMatchObject({
      outcome: 'started',
    });
    expect(await room.count('runs')).toBe(2);
  });

  it('from GitHub count once by their delivery id', async () => {
    const trigger = await create({ signature: 'github' });
    const body = '{"zen":"Keep it logically awesome."}';
    const digest = createHmac('sha256', trigger.secret).update(body).digest('hex');
    const delivery = (id: string) => ({
      headers: { 'x-hub-signature-256': `sha256=${digest}`, 'x-github-delivery': id },
      rawBody: bytes(body),
    });
    expect(await deliver(trigger.id, delivery('g1'))).toMatchObject({ outcome: 'started' });
    expect(await deliver(trigger.id, delivery('g1'))).toMatchObject({ outcome: 'duplicate' });
    expect(await deliver(trigger.id, delivery('g2'))).toMatchObject({ outcome: 'started' });
  });

  it('by token without an id are repetitions only within the window', async () => {
    const trigger = await create({ signature: 'bearer', replay_window_ms: 60_000 });
    const delivery = {
      headers: { authorization: `Bearer ${trigger.secret}` },
      rawBody: bytes('{}'),
    };
    expect(await deliver(trigger.id, delivery)).toMatchObject({ outcome: 'started' });
    room.clock.set('2026-06-01T00:00:59.000Z');
    expect(await deliver(trigger.id, delivery)).toMatchObject({ outcome: 'duplicate' });
    room.clock.set('2026-06-01T00:01:01.000Z');
    expect(await deliver(trigger.id, delivery)).toMatchObject({ outcome: 'started' });
  });

  it('that are not genuine are refused, listed within a bound, and take no id away', async () => {
    const trigger = await create({});
    const forged = signed('whsec_AAAA', 'd1', '{}');
    await expect(deliver(trigger.id, forged)).rejects.toMatchObject({
      code: 'triggers.signature.invalid',
      kind: 'unauthenticated',
    });
    const old = signed(trigger.secret, 'd1', '{}');
    room.clock.set('2026-06-01T00:05:01.000Z');
    await expect(deliver(trigger.id, old)).rejects.toMatchObject({
      code: 'triggers.signature.expired',
    });
    expect(await deliver(trigger.id, signed(trigger.secret, 'd1', '{}'))).toMatchObject({
      outcome: 'started',
    });
    expect((await deliveries(trigger)).map(({ outcome }) => outcome).toSorted()).toEqual([
      'refused',
      'refused',
      'started',
    ]);
    for (let n = 0; n < 110; n += 1) await deliver(trigger.id, forged).catch(() => undefined);
    expect(await room.count("trigger_deliveries WHERE outcome = 'refused'")).toBe(100);
    expect(await room.count('runs')).toBe(1);
  });

  it('to an unknown, disabled or deleted trigger answer the same, before any check', async () => {
    const off = await create({ enabled: false });
    const gone = await create({ name: 'Gone' });
    await callRoute(room, 'deleteTrigger', { params: { trigger_id: gone.id } });
    const onEvent = await create({ type: 'run_event', on: ['run.failed'] });
    for (const id of [off.id, gone.id, onEvent.id, recipeId]) {
      await expect(deliver(id, signed(off.secret, 'd', '{}'))).rejects.toMatchObject({
        code: 'triggers.trigger.not_found',
        kind: 'not-found',
      });
    }
  });

  it('whose run cannot start tell it, are listed, and may come again', async () => {
    const trigger = await create({}, 'broken');
    const delivery = () => deliver(trigger.id, signed(trigger.secret, 'd1', '{}'));
    await expect(delivery()).rejects.toMatchObject({ code: 'recipes.recipe.not_runnable' });
    expect(await deliveries(trigger)).toMatchObject([
      { outcome: 'failed', error: { code: 'recipes.recipe.not_runnable' } },
    ]);
    await room.database.pool.query("UPDATE recipes SET slug = 'mended' WHERE slug = 'broken'");
    expect(await delivery()).toMatchObject({ outcome: 'started' });
    expect(await deliveries(trigger)).toMatchObject([{ outcome: 'started' }]);
    await room.database.pool.query("UPDATE recipes SET slug = 'broken' WHERE slug = 'mended'");
  });

  it.each([
    ['broken JSON', 'application/json', '{', 'triggers.delivery.unreadable'],
    ['another type', 'text/plain', 'hi', 'triggers.delivery.unreadable'],
    [
      'too deep',
      'application/json',
      '['.repeat(10_000) + ']'.repeat(10_000),
      'triggers.delivery.unreadable',
    ],
    ['too large', 'application/json', `"${'x'.repeat(1_048_576)}"`, 'triggers.delivery.too_large'],
    ['a missing value', 'application/json', '{}', 'recipes.reference.missing'],
  ])('with %s are refused', async (_name, ...[type, body, code]) => {
    const trigger = await create({ inputs: { x: '{{body.must.be}}' } });
    const delivery = signed(trigger.secret, 'd1', body);
    const headers = { ...delivery.headers, 'content-type': type };
    await expect(deliver(trigger.id, { ...delivery, headers })).rejects.toMatchObject({ code });
    expect(await room.count('runs')).toBe(0);
  });
});

describe('API', () => {
  it('rotates the secret: the old one stops working', async () => {
    const trigger = await create({});
    const params = { trigger_id: trigger.id };
    const rotated = await callRoute<Created>(room, 'rotateTriggerSecret', { params });
    expect(rotated.secret_version).toBe(2);
    expect(rotated.secret).not.toBe(trigger.secret);
    await expect(deliver(trigger.id, signed(trigger.secret, 'd1', '{}'))).rejects.toMatchObject({
      code: 'triggers.signature.invalid',
    });
    expect(await deliver(trigger.id, signed(rotated.secret, 'd1', '{}'))).toMatchObject({
      outcome: 'started',
    });
  });

  it('checks templates and conditions with pointers', async () => {
    const spec = { inputs: { a: { b: ['{{event.x}}'] } }, when: '{{inputs.x}}' };
    await expect(create(spec)).rejects.toMatchObject({
      code: 'triggers.trigger.invalid',
      errors: [{ pointer: '/spec/inputs/a/b/0' }, { pointer: '/spec/when' }],
    });
  });

  it('lists with pages, keeps the type, and keeps to the workspace', async () => {
    const one = await create({ name: 'B' });
    await create({ name: 'A', type: 'run_event', on: ['run.failed'] });
    const first = await callRoute<{ items: Trigger[]; next_cursor: string }>(room, 'listTriggers', {
      query: { limit: 1 },
    });
    const second = await callRoute<{ items: Trigger[] }>(room, 'listTriggers', {
      query: { limit: 1, cursor: first.next_cursor },
    });
    expect(
      [...first.items, ...second.items].map((item) => [item.spec.name, item.url === null]),
    ).toEqual([
      ['A', true],
      ['B', false],
    ]);
    const spec = triggerSpecSchema.parse({ type: 'run_event', name: 'B', on: ['run.failed'] });
    await expect(room.triggers.update(room.workspaceId, one.id, spec)).rejects.toMatchObject({
      code: 'triggers.trigger.type_fixed',
    });
    await expect(room.triggers.remove(room.otherWorkspaceId, one.id)).rejects.toMatchObject({
      code: 'triggers.trigger.not_found',
    });
  });

  it('follows the recipe: id, address and secret stay while type and name do', async () => {
    const save = (list: object[]) =>
      room.database.workspace(room.workspaceId, (tx) =>
        room.sync(tx, {
          workspaceId: room.workspaceId,
          recipe: { id: recipeId, slug: 'deploy' },
          definition: recipeDefinitionSchema.parse({
            slug: 'deploy',
            name: 'D',
            steps: [{ step_id: 'a', type: 'tool', tool: 'x' }],
            triggers: list,
          }),
          by,
        }),
      );
    const list = async () => (await room.triggers.list(room.workspaceId, { limit: 9 })).items;
    await save([
      { type: 'webhook', name: 'Push' },
      { type: 'run_event', name: 'End', on: ['run.failed'] },
    ]);
    const [end, push] = await list();
    await save([{ type: 'webhook', name: 'Push', replay_window_ms: 1_000 }]);
    expect(await list()).toMatchObject([
      { id: push?.id, url: push?.url, spec: { replay_window_ms: 1_000 } },
    ]);
    expect(end?.source).toBe('recipe');
    await expect(room.triggers.remove(room.workspaceId, push?.id ?? '')).rejects.toMatchObject({
      code: 'triggers.trigger.in_recipe',
    });
    await save([]);
    expect(await list()).toEqual([]);
  });
});

describe('triggers by run events', () => {
  const onEnd = (spec: object, recipe = 'report') =>
    create({ type: 'run_event', name: 'After', on: ['run.cancelled'], ...spec }, recipe);
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    const { rows } = await room.database.pool.query<{ id: string; slug: string }>(
      'SELECT id, slug FROM recipes',
    );
    for (const { id, slug } of rows) ids[slug] = id;
    await room.dispatcher.start();
  });
  afterAll(() => room.dispatcher.stop());

  /** Starts a run and ends it at once, which is an event as any other end. */
  async function endRun(slug: string, more: object = {}): Promise<string> {
    const run = await room.runs.start(room.workspaceId, {
      kind: 'test',
      title: `Run of ${slug}`,
      plan: {},
      inputs: { n: 1 },
      steps: [],
      recipe: { id: ids[slug] ?? '', slug, version: 3 },
      by,
      ...more,
    });
    await room.runs.cancel(room.workspaceId, run.id, by);
    return run.id;
  }
  const settled = () =>
    vi.waitFor(
      async () => {
        expect(
          await room.count("outbox WHERE topic LIKE 'triggers.%' AND dispatched_at IS NULL"),
        ).toBe(0);
      },
      { timeout: 30_000 },
    );

  it('start once, with what the run was', async () => {
    const trigger = await onEnd({
      when: '{{event.recipe}} == "deploy"',
      inputs: {
        run: '{{event.run_id}}',
        text: '{{event.title}} {{event.status}}',
        n: '{{event.inputs.n}}',
      },
    });
    const runId = await endRun('deploy');
    await settled();
    expect(room.starts).toHaveLength(1);
    expect(room.starts[0]).toMatchObject({
      inputs: { run: runId, text: 'Run of deploy cancelled', n: 1 },
      trigger: { kind: 'run_event', id: trigger.id, depth: 1 },
    });
    await room.database.pool.query(
      "UPDATE outbox SET dispatched_at = NULL, available_at = now() WHERE topic LIKE 'triggers.%'",
    );
    room.dispatcher.kick();
    await settled();
    expect(room.starts).toHaveLength(1);
  });

  it('are not for runs of their own recipe unless it is named, nor for dry runs', async () => {
    await onEnd({ name: 'All others' });
    await endRun('report');
    await endRun('deploy', { dryRun: true });
    await settled();
    expect(room.starts).toEqual([]);
    await onEnd({ name: 'Named', recipe: 'report' });
    await endRun('report');
    await settled();
    expect(room.starts.map(({ trigger }) => trigger.name)).toEqual(['Named']);
  });

  it('stand at most ten behind another', async () => {
    const trigger = await onEnd({});
    const depth = (n: number) => ({ trigger: { kind: 'run_event', id: 'x', name: 'x', depth: n } });
    await endRun('deploy', depth(9));
    await endRun('deploy', depth(10));
    await settled();
    expect(room.starts.map(({ trigger: { depth: n } }) => n)).toEqual([10]);
    expect(await deliveries(trigger)).toMatchObject([
      { outcome: 'failed', error: { code: 'triggers.chain.too_deep' } },
      { outcome: 'started' },
    ]);
    const events = await room.events('trigger.fired');
    expect(events.map(({ data }) => data['outcome'])).toEqual(['started', 'failed']);
  });

  it('cost nothing where there are none', async () => {
    await endRun('deploy');
    const events = (await room.events('run.cancelled')).map((event) => ({ event }));
    expect(events).toHaveLength(1);
    const used: string[] = [];
    await room.database.workspace(room.workspaceId, async (tx) => {
      const watched = new Proxy(tx, {
        get: (target, key, receiver) => {
          used.push(String(key));
          return Reflect.get(target, key, receiver) as unknown;
        },
      });
      await room.projection.project(watched, room.workspaceId, events);
    });
    expect(used).toEqual([]);
  });
});
