import { agentMetricsSchema, agentUsageSchema } from '@automatos/contracts';
import type {
  Agent,
  AgentFeedback,
  AgentMetrics,
  AgentUsage,
  AgentVersion,
  Change,
  DiffLine,
  Page,
} from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readAgentPlan } from '../execution/agent-plan.ts';
import { createRoomFixture } from '../testing/room-fixture.ts';
import type { RoomFixture } from '../testing/room-fixture.ts';
import { insertRun, JUDGE, tell } from '../testing/told-turns.fixture.ts';
import type { Told } from '../testing/told-turns.fixture.ts';

let room: RoomFixture;
beforeAll(async () => {
  room = await createRoomFixture();
});
afterAll(() => room.close());

const byId = (agent_id: string) => ({ params: { agent_id } });
const anyVersion = { headers: { 'if-match': '*' } };

async function create(name: string, more: object = {}): Promise<Agent> {
  const body = { name, category: 'custom', ...more };
  const { body: agent } = await room.call<Agent>('createAgent', { body });
  return agent as Agent;
}

async function active(name: string, more: object = {}): Promise<Agent> {
  const { id } = await create(name, more);
  const { body } = await room.call<Agent>('setAgentStatus', {
    ...byId(id),
    body: { status: 'active' },
  });
  return body as Agent;
}

async function metricsOf({ id }: Agent): Promise<AgentMetrics> {
  return agentMetricsSchema.parse(
    (await room.call<AgentMetrics>('getAgentMetrics', byId(id))).body,
  );
}

const call = (agent: string, cost: number | null) => ({
  agent,
  input_tokens: 10,
  output_tokens: 5,
  cost_micros: cost,
});

describe('metrics', () => {
  test('of an agent that never worked are empty, not zero', async () => {
    expect(await metricsOf(await create('Idle'))).toMatchObject({
      turns: 0,
      success_rate: null,
      duration_ms_p95: null,
      quality_mean: null,
      cost_micros: 0,
      utilisation: null,
      last_turn_at: null,
      by_day: [],
    });
  });

  test('are those of its turns: each once, by slug or id, by day, dry runs and judges left out', async () => {
    const agent = await active('Measured', { concurrency_limit: 1 });
    const { slug } = agent;
    const [first, second, dry] = [
      await insertRun(room.test),
      await insertRun(room.test),
      await insertRun(room.test, { dryRun: true }),
    ];
    const at = (time: string) => `2026-11-${time}.000Z`;
    const told: Told[] = [
      {
        run: first,
        step: 'a',
        type: 'step.started',
        data: { agent: agent.id },
        at: at('20T10:00:00'),
      },
      { run: first, step: 'a', type: 'llm.completed', data: call(slug, 40) },
      { run: first, step: 'a', type: 'llm.completed', data: call(JUDGE, 1_000) },
      { run: first, step: 'a', type: 'tool.completed', data: { agent: slug, findings_total: 3 } },
      { run: first, step: 'a', type: 'tool.failed', data: { agent: slug } },
      { run: first, step: 'a', type: 'quality.scored', data: { score: 0.8 } },
      { run: first, step: 'a', type: 'step.completed', data: {}, at: at('20T10:00:10') },
      { run: first, step: 'b', type: 'step.started', data: { agent: slug }, at: at('21T10:00:00') },
    ];
    await tell(room.test, told);
    // A later transaction goes on with the same turn.
    await tell(room.test, [
      { run: first, step: 'b', type: 'llm.completed', data: call(slug, 2) },
      {
        run: first,
        step: 'b',
        type: 'step.failed',
        data: { error: { code: 'x.y.limit', kind: 'limit-reached', message: '' } },
        at: at('21T10:00:20'),
      },
      {
        run: second,
        step: 'a',
        type: 'step.started',
        data: { agent: slug },
        at: at('21T11:00:00'),
      },
      { run: second, type: 'run.cancelled', data: {}, at: at('21T11:00:05') },
      { run: dry, step: 'a', type: 'step.started', data: { agent: slug }, at: at('21T11:30:00') },
      { run: dry, step: 'a', type: 'llm.completed', data: call(slug, 7) },
    ]);
    const metrics = await metricsOf(agent);
    expect(metrics).toMatchObject({
      runs: 2,
      turns: 3,
      completed: 1,
      failed: 0,
      limit_reached: 1,
      cancelled: 1,
      success_rate: 0.5,
      duration_ms_mean: 15_000,
      duration_ms_p95: 19_500,
      quality_mean: 0.8,
      quality_rated: 1,
      model_calls: 2,
      tool_calls: 2,
      tool_failures: 1,
      findings: 3,
      input_tokens: 20,
      cost_micros: 42,
      last_100: { turns: 2, success_rate: 0.5 },
      last_turn_at: at('21T11:00:00'),
    });
    expect(metrics.by_day.map(({ day, turns, cost_micros: cost }) => [day, turns, cost])).toEqual([
      ['2026-11-20', 1, 40],
      ['2026-11-21', 2, 2],
    ]);
    expect(metrics.utilisation).toBeGreaterThan(0);
    expect(metrics.utilisation).toBeLessThan(0.01);
  });

  test('a cost of which one price is unknown is unknown', async () => {
    const agent = await active('Unpriced');
    const run = await insertRun(room.test);
    await tell(room.test, [
      { run, step: 'a', type: 'llm.completed', data: call(agent.slug, 5) },
      { run, step: 'a', type: 'llm.completed', data: call(agent.slug, null) },
    ]);
    expect((await metricsOf(agent)).cost_micros).toBeNull();
  });

  test('what an agent that is gone did is told without it', async () => {
    const agent = await active('Gone');
    const run = await insertRun(room.test);
    await room.call('deleteAgent', byId(agent.id));
    await expect(
      tell(room.test, [{ run, step: 'a', type: 'step.started', data: { agent: agent.slug } }]),
    ).resolves.toBeUndefined();
  });
});

test('feedback: one opinion per person and run, and only on runs it worked in', async () => {
  const agent = await active('Rated');
  const run = await insertRun(room.test);
  await tell(room.test, [{ run, step: 'a', type: 'step.started', data: { agent: agent.slug } }]);
  const rate = (body: object, as = { id: 'u1', name: 'Ada', role: 'owner' as const }) =>
    room.call<AgentFeedback>('rateAgentRun', { ...byId(agent.id), body, as });
  await rate({ run_id: run, rating: 2, comment: 'Slow' });
  expect((await rate({ run_id: run, rating: 'up' })).body).toMatchObject({ rating: 5, by: 'Ada' });
  await rate({ run_id: run, rating: 'down' }, { id: 'u2', name: 'Bob', role: 'owner' });
  await expect(rate({ run_id: newId(), rating: 3 })).rejects.toMatchObject({
    code: 'agents.feedback.other_run',
    errors: [{ pointer: '/run_id' }],
  });
  const page = (
    await room.call<Page<AgentFeedback>>('listAgentFeedback', {
      ...byId(agent.id),
      query: { limit: 1 },
    })
  ).body;
  expect(page?.items.map(({ by }) => by)).toEqual(['Bob']);
  const next = await room.call<Page<AgentFeedback>>('listAgentFeedback', {
    ...byId(agent.id),
    query: { cursor: page?.next_cursor },
  });
  expect(next.body?.items.map(({ by, comment }) => [by, comment])).toEqual([['Ada', '']]);
  expect((await metricsOf(agent)).feedback).toEqual({ count: 2, mean: 3, up: 1, down: 1 });
});

test('usage: what uses it, where it works, and which models were called in its name', async () => {
  const agent = await active('Used');
  room.usage.set(agent.slug, ['nightly']);
  const run = await insertRun(room.test);
  await tell(room.test, [{ run, step: 'a', type: 'step.started', data: { agent: agent.slug } }]);
  await room.test.database.pool.query(
    `INSERT INTO llm_usage (id, workspace_id, call_key, agent_slug, provider, model, input_tokens, output_tokens,
       cached_input_tokens, reasoning_tokens, cost_micros, estimated, offline, status, duration_ms, at)
     VALUES ($1, $2, 'k1', $3, 'openai', 'm', 7, 3, 0, 0, 11, false, false, 'success', 5, $5),
            ($4, $2, 'k2', $3, 'openai', 'm', 7, 3, 0, 0, 11, false, false, 'success', 5, '2026-11-21T01:00:00Z')`,
    [newId(), room.test.workspaceId, agent.slug, newId(), agent.updated_at],
  );
  const { body } = await room.call<AgentUsage>('getAgentUsage', byId(agent.id));
  expect(agentUsageSchema.parse(body)).toMatchObject({
    used_by: { recipes: ['nightly'], patterns: [], tasks: [] },
    working_in: [run],
    // The second call is older than the agent: it was another one of this slug.
    by_model: [{ provider: 'openai', model: 'm', calls: 1, input_tokens: 7, cost_micros: 11 }],
  });
});

describe('runs', () => {
  test('execute freezes the agent and the task; a draft takes no work', async () => {
    const draft = await create('Runner', { priority: 'high', persona_text: 'Be brief.' });
    const run = (body: object) => room.call('executeAgent', { ...byId(draft.slug), body });
    await expect(run({})).rejects.toMatchObject({ code: 'agents.agent.not_active' });
    await room.call('setAgentStatus', { ...byId(draft.id), body: { status: 'active' } });
    await run({ task_type: 'security_scan', target: '/x', parameters: { deep: true } });
    const started = room.started.at(-1);
    expect(started).toMatchObject({
      kind: 'agent',
      priority: 'high',
      inputs: { target: '/x', deep: true },
      by: { kind: 'user', id: 'u1' },
    });
    expect(started).not.toHaveProperty('dryRun');
    expect(readAgentPlan(started?.plan ?? {})).toMatchObject({
      agent: { slug: draft.slug, status: 'active' },
      persona_prompt: 'Be brief.',
      test: false,
      model: 'own',
    });
    await run({ dry_run: true, priority: 'low', title: 'Mine' });
    expect(room.started.at(-1)).toMatchObject({ dryRun: true, priority: 'low', title: 'Mine' });
    expect(readAgentPlan(room.started.at(-1)?.plan ?? {}).model).toBe('offline');
  });

  test('a test runs drafts and unsaved changes as dry runs, and saves nothing', async () => {
    const draft = await create('Tried');
    const definition = { name: 'Changed', category: 'custom', instructions: 'new' };
    await room.call('testAgent', { ...byId(draft.id), body: { definition, model: 'own' } });
    expect(room.started.at(-1)).toMatchObject({ dryRun: true });
    expect(readAgentPlan(room.started.at(-1)?.plan ?? {})).toMatchObject({
      agent: { id: draft.id, instructions: 'new', status: 'active' },
      test: true,
      model: 'own',
    });
    await room.call('testAgentDraft', { body: { definition: { ...definition, slug: 'tried' } } });
    expect(readAgentPlan(room.started.at(-1)?.plan ?? {})).toMatchObject({
      agent: { slug: 'draft.tried', version: 0 },
      model: 'offline',
    });
    await expect(
      room.call('testAgentDraft', { body: { definition: { ...definition, persona: 'nobody' } } }),
    ).rejects.toMatchObject({ code: 'agents.agent.invalid' });
    const { body } = await room.call<Agent>('getAgent', byId(draft.id));
    expect(body).toMatchObject({ name: 'Tried', version: 1 });
  });
});

describe('history', () => {
  test('lists versions, shows what changed and restores one as the newest', async () => {
    const agent = await create('Kept', { instructions: 'one' });
    const patch = (body: object) =>
      room.call('patchAgent', { ...byId(agent.id), body, ...anyVersion });
    await patch({ instructions: 'two' });
    await patch({ tags: ['x'] });
    const versions = async (query: Record<string, unknown> = {}) =>
      (await room.call<Page<AgentVersion>>('listAgentVersions', { ...byId(agent.id), query })).body;
    const page = await versions({ limit: 2 });
    expect(page?.items.map(({ version }) => version)).toEqual([3, 2]);
    expect(
      (await versions({ cursor: page?.next_cursor }))?.items.map((one) => one.version),
    ).toEqual([1]);
    const at = (version: number) => ({
      params: { agent_id: agent.slug, version: String(version) },
    });
    const { body: diff } = await room.call<{ to: number; changes: Change[]; lines: DiffLine[] }>(
      'diffAgentVersions',
      at(1),
    );
    expect(diff?.to).toBe(3);
    expect(diff?.changes).toEqual([
      { pointer: '/tags/0', kind: 'added', after: 'x' },
      { pointer: '/instructions', kind: 'changed', before: 'one', after: 'two' },
    ]);
    expect(diff?.lines.filter(({ kind }) => kind !== 'same').map(({ text }) => text)).toContain(
      'instructions: two',
    );
    const { body: restored } = await room.call<Agent>('restoreAgentVersion', {
      ...at(1),
      ...anyVersion,
    });
    expect(restored).toMatchObject({ version: 4, instructions: 'one', tags: [] });
    expect((await versions({ limit: 1 }))?.items[0]).toMatchObject({
      note: 'restored from version 1',
      created_by: 'Ada',
    });
    await expect(room.call('getAgentVersion', at(9))).rejects.toMatchObject({
      code: 'agent_version.item.not_found',
    });
  });

  test('a version of an older product is filled up with defaults', async () => {
    const agent = await create('Old');
    await room.test.database.pool.query(
      `UPDATE agent_versions SET definition = definition - 'concurrency_limit' - 'persona_text' WHERE agent_id = $1`,
      [agent.id],
    );
    const { body } = await room.call<{ definition: Agent }>('getAgentVersion', {
      params: { agent_id: agent.id, version: '1' },
    });
    expect(body?.definition).toMatchObject({ concurrency_limit: 5, persona_text: '' });
  });
});

describe('documents', () => {
  const exported = async (ref: string, format: string) =>
    (await room.call('exportAgent', { ...byId(ref), query: { format } })).bytes?.content as string;
  const imported = async (document: string, on_conflict?: string) =>
    (
      await room.call<{ items: { slug: string; outcome: string; persona: string }[] }>(
        'importAgents',
        { body: { document, ...(on_conflict === undefined ? {} : { on_conflict }) } },
      )
    ).body?.items;

  test('carry an agent with its persona to another place and back, in YAML and JSON', async () => {
    const persona = await room.call<{ slug: string; id: string }>('createPersona', {
      body: { name: 'Traveller', category: 'c', prompt: 'Travel light.' },
    });
    const agent = await create('Carried', {
      persona: persona.body?.slug,
      tools: [{ tool: 'read_file', level: 'read_only' }],
    });
    for (const format of ['yaml', 'json']) {
      const file = await exported(agent.slug, format);
      expect(parse(file)).toMatchObject({
        format: 'automatos/agent@1',
        slug: 'carried',
        persona: { prompt: 'Travel light.' },
      });
      await room.call('deleteAgent', byId('carried'));
      expect(await imported(file)).toMatchObject([{ outcome: 'created', persona: 'kept' }]);
    }
    const file = await exported('carried', 'yaml');
    await room.call('deleteAgent', byId('carried'));
    await room.call('deletePersona', { params: { persona_id: persona.body?.id ?? '' } });
    expect(await imported(file)).toMatchObject([{ outcome: 'created', persona: 'created' }]);
    expect(await imported(file, 'new_version')).toMatchObject([{ outcome: 'unchanged' }]);
    expect(await imported(file, 'skip')).toMatchObject([{ outcome: 'skipped' }]);
    expect(await imported(file, 'new_slug')).toMatchObject([
      { slug: 'carried-2', outcome: 'created' },
    ]);
    await expect(imported(file)).rejects.toMatchObject({ code: 'agents.import.conflict' });
    const other = file.replaceAll('Travel light.', 'Travel far.').replace('Carried', 'Moved');
    expect(await imported(other, 'new_version')).toMatchObject([
      { slug: 'carried', outcome: 'updated', persona: 'own_text' },
    ]);
    expect((await room.call<Agent>('getAgent', byId('carried'))).body).toMatchObject({
      name: 'Moved',
      persona: null,
      persona_text: 'Travel far.',
    });
  });

  test('report all problems with document and line, and save nothing then', async () => {
    const good = await exported((await create('Sound')).slug, 'yaml');
    const bad = [
      good.replace('slug: sound', 'slug: never-saved'),
      'format: automatos/agent@1\nslug: Bad Slug\nagent:\n  name: X\n  category: c\n  model:\n    temperature: 9\n',
      'format: automatos/agent@1\nslug: lost\nagent: {name: X, category: c, tools: [{tool: red_file}]}\n',
      'a: 1\na: 2\n',
      'format: automatos/agent@1\nslug: alias\nagent: &a {name: X}\npersona: *a\n',
    ].join('---\n');
    const error = await imported(bad).then(
      () => null,
      (thrown: { errors: { pointer: string; line?: number; suggestion?: string }[] }) => thrown,
    );
    expect(error).toMatchObject({ code: 'agents.import.invalid', kind: 'invalid-input' });
    const found = error?.errors.map(({ pointer }) => pointer) ?? [];
    expect(found).toContain('/documents/1/slug');
    expect(found).toContain('/documents/1/agent/model/temperature');
    expect(found).toContain('/documents/2/agent/tools/0/tool');
    expect(found.some((pointer) => pointer.startsWith('/documents/3'))).toBe(true);
    expect(found).toContain('/documents/4');
    const lines = bad.split('\n');
    const at = error?.errors.find(({ pointer }) => pointer.endsWith('temperature'))?.line ?? 0;
    expect(lines[at - 1]).toContain('temperature: 9');
    await expect(room.call('getAgent', byId('never-saved'))).rejects.toMatchObject({
      code: 'agent.item.not_found',
    });
    await expect(imported('\n# nothing\n')).rejects.toMatchObject({
      errors: [{ pointer: '/document' }],
    });
  });
});
