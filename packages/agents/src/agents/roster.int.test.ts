import {
  agentPresetSchema,
  agentSchema,
  agentStatsSchema,
  agentToolSchema,
} from '@automatos/contracts';
import type {
  Agent,
  AgentBulkResult,
  AgentPreset,
  AgentStats,
  AgentTool,
  Page,
} from '@automatos/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoomFixture } from '../testing/room-fixture.ts';
import type { RoomFixture } from '../testing/room-fixture.ts';
import { insertRun, tell } from '../testing/told-turns.fixture.ts';
import { lookUpAgents, resolveAgent } from './agent-lookup.ts';

let room: RoomFixture;
beforeAll(async () => {
  room = await createRoomFixture();
});
afterAll(() => room.close());

const byId = (agent_id: string) => ({ params: { agent_id } });
const grace = { id: 'u2', name: 'Grace', role: 'member' as const };
const linus = { id: 'u3', name: 'Linus', role: 'member' as const };
type As = typeof grace;

async function create(name: string, more: object = {}, as?: As): Promise<Agent> {
  const call = { body: { name, category: 'custom', ...more }, ...(as === undefined ? {} : { as }) };
  return (await room.call<Agent>('createAgent', call)).body as Agent;
}

async function list(query: object, as?: As): Promise<Page<Agent>> {
  const call = { query: { ...query }, ...(as === undefined ? {} : { as }) };
  return (await room.call<Page<Agent>>('listAgents', call)).body as Page<Agent>;
}

describe('list', () => {
  test('finds by capability, tool and tag, and sorts by name and change with pages that join', async () => {
    const tag = 'sorted';
    for (const name of ['beta', 'Alpha', 'gamma'])
      await create(name, {
        tags: [tag],
        capabilities: [`can_${name}`],
        tools: name === 'gamma' ? [{ tool: 'read_file' }] : [],
      });
    const names = async (query: object) =>
      (await list({ tag, ...query })).items.map((agent) => agent.name);
    expect(await names({ capability: 'can_beta' })).toEqual(['beta']);
    expect(await names({ tool: 'read_file' })).toEqual(['gamma']);
    expect(await names({ sort: 'created_at' })).toEqual(['beta', 'Alpha', 'gamma']);
    expect(await names({ sort: '-updated_at' })).toEqual(['gamma', 'Alpha', 'beta']);
    for (const [sort, wanted] of [
      ['name', ['Alpha', 'beta', 'gamma']],
      ['-name', ['gamma', 'beta', 'Alpha']],
      ['updated_at', ['beta', 'Alpha', 'gamma']],
    ] as const) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<Agent> = await list({
          tag,
          sort,
          limit: 1,
          ...(cursor === null ? {} : { cursor }),
        });
        expect(page.total).toBe(3);
        found.push(...page.items.map((agent) => agent.name));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(found).toEqual(wanted);
    }
  });

  test('refuses a cursor of another order', async () => {
    const { next_cursor: cursor } = await list({ limit: 1 });
    await expect(list({ limit: 1, sort: 'name', cursor })).rejects.toMatchObject({
      code: 'agents.list.cursor_invalid',
    });
  });
});

describe('an agent that only its creator sees', () => {
  test('is found by its creator and by administrators, by nobody else and by no recipe', async () => {
    const mine = await create('Mine alone', { visibility: 'creator' }, grace);
    const { database } = room.test;
    const reads = [
      'getAgent',
      'listAgentTools',
      'listAgentVersions',
      'exportAgent',
      'getAgentMetrics',
      'getAgentUsage',
      'listAgentFeedback',
    ];
    for (const operation of reads) {
      await expect(
        room.call(operation, { ...byId(mine.slug), as: linus }),
        operation,
      ).rejects.toMatchObject({ code: 'agent.item.not_found' });
      await room.call(operation, { ...byId(mine.slug), as: grace });
      await room.call(operation, byId(mine.slug));
    }
    const writes: [string, object][] = [
      ['cloneAgent', {}],
      ['setAgentStatus', { status: 'active' }],
      ['deleteAgent', {}],
      ['executeAgent', {}],
      ['testAgent', {}],
    ];
    for (const [operation, body] of writes)
      await expect(
        room.call(operation, { ...byId(mine.id), body, as: linus }),
        operation,
      ).rejects.toMatchObject({ code: 'agent.item.not_found' });
    const seenBy = async (as?: As) =>
      (await list({ search: 'Mine alone' }, as)).items.map(({ slug }) => slug);
    expect(await seenBy(grace)).toEqual([mine.slug]);
    expect(await seenBy()).toEqual([mine.slug]);
    expect(await seenBy(linus)).toEqual([]);
    const types = async (as: As) =>
      (await room.call<{ items: { category: string; count: number }[] }>('listAgentTypes', { as }))
        .body?.items[0]?.count ?? 0;
    expect((await types(grace)) - (await types(linus))).toBe(1);
    await database.workspace(room.test.workspaceId, async (tx) => {
      expect((await lookUpAgents(tx, [mine.slug])).size).toBe(0);
      await expect(resolveAgent(tx, mine.slug)).rejects.toMatchObject({
        code: 'agent.item.not_found',
      });
    });
  });

  test('cannot be one that recipes use', async () => {
    const shared = await create('Shared');
    room.usage.set(shared.slug, ['nightly']);
    await expect(
      room.call('patchAgent', {
        ...byId(shared.id),
        body: { visibility: 'creator' },
        headers: { 'if-match': '*' },
      }),
    ).rejects.toMatchObject({ code: 'agents.agent.in_use', details: { recipes: ['nightly'] } });
  });
});

describe('patch', () => {
  test('changes what is given, model and limits field by field, as a new version', async () => {
    const agent = await create('Patched', { instructions: 'keep', model: { temperature: 0.1 } });
    const { body } = await room.call<Agent>('patchAgent', {
      ...byId(agent.id),
      body: { name: 'Renamed', model: { max_tokens: 99 }, limits: { max_tool_calls: 3 } },
      headers: { 'if-match': '"1-draft"' },
    });
    expect(agentSchema.parse(body)).toMatchObject({
      version: 2,
      name: 'Renamed',
      instructions: 'keep',
      model: { temperature: 0.1, max_tokens: 99, top_p: 1 },
      limits: { max_tool_calls: 3, max_iterations: 25 },
    });
    await expect(
      room.call('patchAgent', {
        ...byId(agent.id),
        body: { name: 'Late' },
        headers: { 'if-match': '"1-draft"' },
      }),
    ).rejects.toMatchObject({ code: 'agents.agent.version_mismatch' });
  });

  test('a persona and a text of its own exclude each other; the text is what a turn gets', async () => {
    const agent = await create('Own words', { persona_text: 'Speak like a pirate.' });
    await room.call('setAgentStatus', { ...byId(agent.id), body: { status: 'active' } });
    const { database, workspaceId } = room.test;
    const { personaPrompt } = await database.workspace(workspaceId, (tx) =>
      resolveAgent(tx, agent.id),
    );
    expect(personaPrompt).toBe('Speak like a pirate.');
    const persona = await room.call<{ slug: string }>('createPersona', {
      body: { name: 'P', category: 'c', prompt: 'p' },
    });
    await expect(
      room.call('patchAgent', {
        ...byId(agent.id),
        body: { persona: persona.body?.slug },
        headers: { 'if-match': '*' },
      }),
    ).rejects.toMatchObject({ errors: [{ pointer: '/persona_text' }] });
  });
});

test('bulk: each one by itself, with what went wrong', async () => {
  const [one, two] = [await create('Bulk one'), await create('Bulk two')];
  const bulk = async (body: object) =>
    (await room.call<{ items: AgentBulkResult[]; changed: number }>('changeAgents', { body })).body;
  const result = await bulk({ action: 'activate', agents: [one.slug, 'nobody', two.id] });
  expect(result).toMatchObject({
    changed: 2,
    items: [
      { agent: one.slug, ok: true, status: 'active', error: null },
      { agent: 'nobody', ok: false, error: { code: 'agent.item.not_found' } },
      { agent: two.id, ok: true, status: 'active' },
    ],
  });
  await bulk({ action: 'tag', agents: [one.id], tags: ['a', 'b'] });
  await bulk({ action: 'untag', agents: [one.id], tags: ['a'] });
  expect((await room.call<Agent>('getAgent', byId(one.id))).body).toMatchObject({
    tags: ['b'],
    version: 3,
  });
  room.usage.set(two.slug, ['weekly']);
  expect((await bulk({ action: 'delete', agents: [one.id, two.id] }))?.items).toMatchObject([
    { ok: true, status: null },
    { ok: false, error: { code: 'agents.agent.in_use' } },
  ]);
  expect((await bulk({ action: 'retire', agents: [two.id] }))?.items[0]?.error?.code).toBe(
    'agents.agent.status_not_allowed',
  );
});

test('tools: what a grant means here, and its replacement as a version', async () => {
  const agent = await create('Handy', { tools: [{ tool: 'read_file', level: 'read_only' }] });
  const tools = async () =>
    (await room.call<{ items: AgentTool[] }>('listAgentTools', byId(agent.id))).body?.items ?? [];
  expect((await tools()).map((one) => agentToolSchema.parse(one))).toMatchObject([
    {
      tool: 'read_file',
      level: 'read_only',
      capabilities: ['read'],
      read_only: true,
      available: true,
    },
  ]);
  const { body } = await room.call<Agent>('setAgentTools', {
    ...byId(agent.id),
    body: { items: [{ tool: 'write_file' }] },
    headers: { 'if-match': '1' },
  });
  expect(body).toMatchObject({ version: 2, tools: [{ tool: 'write_file', level: 'full' }] });
  expect((await tools())[0]).toMatchObject({ read_only: false });
});

test('presets can be sent as they are', async () => {
  const { body } = await room.call<{ items: AgentPreset[] }>('listAgentPresets');
  const presets = body?.items.map((one) => agentPresetSchema.parse(one)) ?? [];
  expect(presets.map(({ family }) => family)).toEqual([
    'strategy',
    'execution',
    'security',
    'analysis',
  ]);
  for (const { definition, family, specialists } of presets) {
    const { body: made } = await room.call<Agent>('createAgent', { body: definition });
    expect(made).toMatchObject({ family, status: 'draft' });
    expect(definition.capabilities.length > 0).toBe(specialists.length > 0);
  }
});

test('an active agent is busy while a turn is under way, and the roster counts it', async () => {
  const agent = await create('Worker');
  await room.call('setAgentStatus', { ...byId(agent.id), body: { status: 'active' } });
  const run = await insertRun(room.test, { dryRun: true });
  await tell(room.test, [{ type: 'step.started', step: 'work', run, data: { agent: agent.slug } }]);
  const status = async () => (await room.call<Agent>('getAgent', byId(agent.id))).body?.status;
  expect(await status()).toBe('busy');
  const names = async (wanted: string) =>
    (await list({ status: wanted, search: 'Worker' })).items.map(({ slug }) => slug);
  expect([await names('busy'), await names('active')]).toEqual([[agent.slug], []]);
  const stats = agentStatsSchema.parse((await room.call<AgentStats>('getAgentStats')).body);
  expect(stats).toMatchObject({ working: 1, by_status: { busy: 1 } });
  expect(Object.values(stats.by_status).reduce((sum, count) => sum + count, 0)).toBe(stats.total);
  // An ETag read before the work began, or while it goes on, still holds.
  await room.call('patchAgent', {
    ...byId(agent.id),
    body: { description: 'x' },
    headers: { 'if-match': '"1-busy"' },
  });
  await tell(room.test, [{ type: 'run.cancelled', run, data: {} }]);
  expect(await status()).toBe('active');
});
