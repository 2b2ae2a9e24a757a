import { agentSchema, personaSchema } from '@automatos/contracts';
import type { Agent, Page, Persona } from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import { createToolRegistry } from '@automatos/tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoomFixture } from '../testing/room-fixture.ts';
import type { RoomFixture } from '../testing/room-fixture.ts';
import { PERSONA_SEEDS } from '../seeds/persona-data.ts';
import { SPECIALISTS } from '../seeds/specialists.ts';
import { seedAgents } from '../seeds/seed-agents.ts';
import { personas } from '../personas/persona-tables.ts';
import { lookUpAgents, resolveAgent } from './agent-lookup.ts';
import { definitionOf, listVersions } from './agent-store.ts';
import { agentVersions, agents } from './agent-tables.ts';
import { agentFeedback, agentTurns } from '../turns/turn-tables.ts';

let room: RoomFixture;
beforeAll(async () => {
  room = await createRoomFixture();
  await room.test.database.workspace(room.test.workspaceId, (tx) =>
    seedAgents(tx, room.test.workspaceId, Date.parse('2026-11-21T11:00:00Z')),
  );
});
afterAll(() => room.close());

const input = (name: string, more: object = {}) => ({ name, category: 'custom', ...more });
const byId = (agent_id: string) => ({ params: { agent_id } });

async function createAgent(name: string, more: object = {}): Promise<Agent> {
  return (await room.call<Agent>('createAgent', { body: input(name, more) })).body as Agent;
}

test('the table objects are those of the database', async () => {
  await expect(
    assertTablesMatch(room.test.database, [
      agents,
      agentVersions,
      agentTurns,
      agentFeedback,
      personas,
    ]),
  ).resolves.toBeUndefined();
});

describe('seeds', () => {
  test('add ten personas and the specialists, active, whose tools all exist and are offered', async () => {
    const agentsPage = (await room.call<Page<Agent>>('listAgents', { query: { limit: 100 } })).body;
    const seeded = agentsPage?.items.filter((agent) => agent.seeded) ?? [];
    expect(seeded.map((agent) => agent.slug).toSorted()).toEqual(
      SPECIALISTS.map(({ slug }) => slug).toSorted(),
    );
    const registry = createToolRegistry();
    for (const agent of seeded) {
      expect(agentSchema.parse(agent).status).toBe('active');
      const granted = agent.tools.map((grant) => grant.tool).toSorted();
      expect(registry.forGrants(agent.tools).map((tool) => tool.name)).toEqual(granted);
    }
    const personasPage = (await room.call<Page<Persona>>('listPersonas', { query: { limit: 100 } }))
      .body;
    expect(personasPage?.items.filter((persona) => persona.predefined)).toHaveLength(10);
    for (const persona of PERSONA_SEEDS)
      expect(persona.prompt.split('\n').length).toBeGreaterThanOrEqual(8);
  });

  test('a second time add nothing and leave changes alone; what is missing comes back', async () => {
    const { database, otherWorkspaceId: workspaceId } = room.test;
    const seed = () => database.workspace(workspaceId, (tx) => seedAgents(tx, workspaceId, 0));
    expect(await seed()).toEqual({ personas: PERSONA_SEEDS.length, agents: SPECIALISTS.length });
    const { body } = await room.call<Agent>('getAgent', { ...byId('code'), workspaceId });
    const fields = { ...definitionOf(body as Agent), name: 'My reviewer' };
    await room.call('updateAgent', {
      ...byId('code'),
      workspaceId,
      body: fields,
      headers: { 'if-match': '"1-active"' },
    });
    await room.call('deleteAgent', { ...byId('data'), workspaceId });
    expect(await seed()).toEqual({ personas: 0, agents: 1 });
    expect((await room.call<Agent>('getAgent', { ...byId('code'), workspaceId })).body?.name).toBe(
      'My reviewer',
    );
  });
});

describe('create', () => {
  test('makes a draft with defaults and a slug from the name, unique each time', async () => {
    const first = await createAgent('Größere Prüfung!');
    const second = await createAgent('Größere Prüfung!');
    expect(agentSchema.parse(first)).toMatchObject({
      slug: 'grossere-prufung',
      status: 'draft',
      version: 1,
      seeded: false,
      persona: null,
      limits: { max_iterations: 25 },
    });
    expect(second.slug).toBe(`${first.slug}-2`);
    expect((await createAgent('東京')).slug).toBe('agent');
    expect(room.events).toContainEqual({
      type: 'agent.created',
      subject: first.id,
      data: { slug: first.slug, name: first.name },
    });
  });

  test('refuses a slug that is taken', async () => {
    await createAgent('One', { slug: 'taken' });
    await expect(createAgent('Two', { slug: 'taken' })).rejects.toMatchObject({
      code: 'agents.agent.slug_taken',
      kind: 'conflict',
    });
  });

  test('names every unknown persona, tool, action and model with its place and what was probably meant', async () => {
    const wrong = {
      persona: 'senior-enginer',
      model: { provider: 'openai', model: 'gpt-5.4-mimi' },
      tools: [
        { tool: 'secret_scam' },
        { tool: 'read_file', level: { actions: ['x'] } },
        { tool: 'read_file' },
      ],
    };
    await expect(createAgent('Wrong', wrong)).rejects.toMatchObject({
      code: 'agents.agent.invalid',
      errors: [
        { pointer: '/persona', suggestion: 'senior-engineer' },
        { pointer: '/model/model', suggestion: 'gpt-5.4-mini' },
        { pointer: '/tools/0/tool', suggestion: 'secret_scan' },
        { pointer: '/tools/1/level/actions/0' },
        { pointer: '/tools/2/tool' },
      ],
    });
    await expect(createAgent('Wrong', { model: { provider: 'opnai' } })).rejects.toMatchObject({
      errors: [{ pointer: '/model/provider', suggestion: 'openai' }],
    });
    await expect(createAgent('Wrong', { model: { model: 'gpt-5.4' } })).rejects.toMatchObject({
      errors: [{ pointer: '/model/provider' }],
    });
    await expect(
      createAgent('Wrong', { model: { provider: 'openai-compatible' } }),
    ).rejects.toMatchObject({ errors: [{ pointer: '/model/model' }] });
  });
});

describe('update', () => {
  const { name, category } = input('Changed');

  test('makes a new version under a new ETag and keeps the old one', async () => {
    const agent = await createAgent('Versioned', { instructions: 'first' });
    const read = await room.call<Agent>('getAgent', byId(agent.slug));
    expect(read.etag).toBe('1-draft');
    const changed = await room.call<Agent>('updateAgent', {
      ...byId(agent.id),
      body: { name, category, instructions: 'second', persona: 'sdr' },
      headers: { 'if-match': '"1-draft"' },
    });
    expect(changed).toMatchObject({
      etag: '2-draft',
      body: { version: 2, instructions: 'second', persona: 'sdr', slug: agent.slug },
    });
    const versions = await room.test.database.workspace(room.test.workspaceId, (tx) =>
      listVersions(tx, agent.id),
    );
    expect(
      versions.map((version) => [
        version.version,
        version.definition.instructions,
        version.createdBy,
      ]),
    ).toEqual([
      [2, 'second', 'Ada'],
      [1, 'first', 'Ada'],
    ]);
    expect(room.events.at(-1)).toEqual({
      type: 'agent.updated',
      subject: agent.id,
      data: { slug: agent.slug, version: 2 },
    });
  });

  test('refuses an old version, and one that raced', async () => {
    const agent = await createAgent('Raced');
    const update = (tag: string) =>
      room.call<Agent>('updateAgent', {
        ...byId(agent.id),
        body: { name, category },
        headers: { 'if-match': tag },
      });
    const outcomes = await Promise.allSettled([
      update('"1-draft"'),
      update('W/"1-draft"'),
      update('1'),
    ]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map((outcome) => (outcome.reason as { code: string }).code)).toEqual([
      'agents.agent.version_mismatch',
      'agents.agent.version_mismatch',
    ]);
  });
});

describe('status', () => {
  test('follows draft → active ⇄ paused → retired and says which moves there are', async () => {
    const agent = await createAgent('Lifecycle');
    const move = async (status: string) =>
      (await room.call<Agent>('setAgentStatus', { ...byId(agent.slug), body: { status } })).body
        ?.status;
    await expect(move('retired')).rejects.toMatchObject({
      code: 'agents.agent.status_not_allowed',
      kind: 'conflict',
      details: { status: 'draft', allowed: ['active'] },
    });
    expect([
      await move('active'),
      await move('paused'),
      await move('active'),
      await move('active'),
    ]).toEqual(['active', 'paused', 'active', 'active']);
    await expect(move('retired')).rejects.toThrow(/can become paused/);
    expect([await move('paused'), await move('retired')]).toEqual(['paused', 'retired']);
    await expect(move('active')).rejects.toThrow(/clone it/);
    const changes = room.events.filter(
      (event) => event.type === 'agent.status_changed' && event.subject === agent.id,
    );
    expect(changes.map((event) => (event.data as { to: string }).to)).toEqual([
      'active',
      'paused',
      'active',
      'paused',
      'retired',
    ]);
  });

  test('only active agents resolve for work, with their persona’s prompt', async () => {
    const { database, workspaceId } = room.test;
    const resolved = await database.workspace(workspaceId, (tx) => resolveAgent(tx, 'security'));
    expect(resolved.agent.slug).toBe('security');
    expect(resolved.personaPrompt).toBe(
      PERSONA_SEEDS.find((persona) => persona.slug === 'code-reviewer')?.prompt,
    );
    const draft = await createAgent('Not yet');
    await expect(
      database.workspace(workspaceId, (tx) => resolveAgent(tx, draft.slug)),
    ).rejects.toMatchObject({ code: 'agents.agent.not_active' });
    const found = await database.workspace(workspaceId, (tx) =>
      lookUpAgents(tx, ['security', draft.id, 'nobody']),
    );
    expect([...found.keys()]).toEqual(['security', draft.id]);
  });
});

test('clone makes a draft of its own', async () => {
  const { body } = await room.call<Agent>('cloneAgent', { ...byId('security'), body: {} });
  expect(body).toMatchObject({
    name: 'Security Specialist copy',
    slug: 'security-specialist-copy',
    status: 'draft',
    seeded: false,
    version: 1,
    persona: 'code-reviewer',
  });
});

describe('delete', () => {
  test('is refused while recipes use the agent, and names them', async () => {
    const agent = await createAgent('Used');
    room.usage.set(agent.slug, ['nightly', 'weekly']);
    await expect(room.call('deleteAgent', byId(agent.id))).rejects.toMatchObject({
      code: 'agents.agent.in_use',
      details: { recipes: ['nightly', 'weekly'] },
      message: expect.stringContaining('"nightly", "weekly"') as string,
    });
    room.usage.clear();
    await room.call('deleteAgent', byId(agent.id));
    await expect(room.call('getAgent', byId(agent.id))).rejects.toMatchObject({
      code: 'agent.item.not_found',
    });
    expect(room.events.at(-1)).toEqual({
      type: 'agent.deleted',
      subject: agent.id,
      data: { slug: agent.slug },
    });
  });
});

describe('list', () => {
  test('pages newest first without gaps, filters and counts', async () => {
    const made = [];
    for (const name of ['Paged 1', 'Paged 2', 'Paged 3'])
      made.push(await createAgent(name, { category: 'paging' }));
    const first = (
      await room.call<Page<Agent>>('listAgents', { query: { category: 'paging', limit: '2' } })
    ).body;
    expect(first?.items.map((agent) => agent.name)).toEqual(['Paged 3', 'Paged 2']);
    const second = (
      await room.call<Page<Agent>>('listAgents', {
        query: { category: 'paging', limit: '2', cursor: first?.next_cursor },
      })
    ).body;
    expect(second).toMatchObject({ items: [{ name: 'Paged 1' }], next_cursor: null, total: 3 });
    const found = (await room.call<Page<Agent>>('listAgents', { query: { search: 'paged 2' } }))
      .body;
    expect(found?.items.map((agent) => agent.id)).toEqual([made[1]?.id]);
    expect(
      (await room.call<Page<Agent>>('listAgents', { query: { search: '%' } })).body?.total,
    ).toBe(0);
    const types = (
      await room.call<{ items: { category: string; count: number }[] }>('listAgentTypes')
    ).body;
    expect(types?.items).toContainEqual({ category: 'paging', count: 3 });
    await expect(room.call('listAgents', { query: { cursor: 'nonsense' } })).rejects.toMatchObject({
      code: 'agents.list.cursor_invalid',
    });
  });
});

describe('personas', () => {
  const own = { name: 'Own way', category: 'Mine', prompt: 'Work.' };

  test('predefined ones are read-only, a clone is not', async () => {
    const change = { params: { persona_id: 'sdr' }, body: { ...own, name: 'x' } };
    await expect(room.call('updatePersona', change)).rejects.toMatchObject({
      code: 'agents.persona.read_only',
    });
    await expect(
      room.call('deletePersona', { params: { persona_id: 'sdr' } }),
    ).rejects.toMatchObject({ code: 'agents.persona.read_only' });
    const clone = (
      await room.call<Persona>('clonePersona', {
        params: { persona_id: 'sdr' },
        body: { name: 'My SDR' },
      })
    ).body as Persona;
    expect(personaSchema.parse(clone)).toMatchObject({ slug: 'my-sdr', predefined: false });
    const updated = await room.call<Persona>('updatePersona', {
      params: { persona_id: clone.id },
      body: { ...own, prompt: 'Other.' },
    });
    expect(updated.body).toMatchObject({ slug: 'my-sdr', name: 'Own way', prompt: 'Other.' });
  });

  test('one in use cannot be deleted, also not by going round the service', async () => {
    const persona = (await room.call<Persona>('createPersona', { body: own })).body as Persona;
    const agent = await createAgent('With persona', { persona: persona.id });
    expect(agent.persona).toBe(persona.slug);
    await expect(
      room.call('deletePersona', { params: { persona_id: persona.slug } }),
    ).rejects.toMatchObject({ code: 'agents.persona.in_use', details: { agents: [agent.slug] } });
    await expect(
      room.test.database.pool.query('DELETE FROM personas WHERE id = $1', [persona.id]),
    ).rejects.toThrow(/agents_persona_exists/);
    await room.call('deleteAgent', byId(agent.id));
    await room.call('deletePersona', { params: { persona_id: persona.slug } });
    await expect(
      room.call('getPersona', { params: { persona_id: persona.slug } }),
    ).rejects.toMatchObject({ code: 'persona.item.not_found' });
  });
});

describe('another workspace', () => {
  test('sees and changes nothing of this one', async () => {
    const agent = await createAgent('Private');
    const foreign = { workspaceId: room.test.otherWorkspaceId };
    for (const operation of ['getAgent', 'deleteAgent', 'cloneAgent']) {
      await expect(room.call(operation, { ...byId(agent.id), ...foreign })).rejects.toMatchObject({
        code: 'agent.item.not_found',
      });
    }
    expect(
      (await room.call<Page<Agent>>('listAgents', { query: { search: 'Private' }, ...foreign }))
        .body?.total,
    ).toBe(0);
    const versions = await room.test.database.workspace(room.test.otherWorkspaceId, (tx) =>
      listVersions(tx, agent.id),
    );
    expect(versions).toEqual([]);
  });
});
