import { patternSchema } from '@automatos/contracts';
import type { Agent, Page, Pattern } from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedAgents } from '../seeds/seed-agents.ts';
import { createRoomFixture } from '../testing/room-fixture.ts';
import type { RoomFixture } from '../testing/room-fixture.ts';
import { resolvePattern } from './pattern-service.ts';
import { patternVersions, patterns } from './pattern-tables.ts';
import type { PatternPreview } from './preview-work.ts';
import { PATTERN_SEEDS, seedPatterns } from './seed-patterns.ts';

let room: RoomFixture;
beforeAll(async () => {
  room = await createRoomFixture();
  const { database, workspaceId } = room.test;
  await database.workspace(workspaceId, async (tx) => {
    await seedPatterns(tx, workspaceId, Date.parse('2026-11-21T11:00:00Z'));
    await seedAgents(tx, workspaceId, Date.parse('2026-11-21T11:00:00Z'));
  });
});
afterAll(() => room.close());

const byId = (pattern_id: string) => ({ params: { pattern_id } });
const own = { name: 'Own way', kind: 'collaborative', settings: { debate_rounds: 3 } };
const create = async (body: object = own) =>
  (await room.call<Pattern>('createPattern', { body })).body as Pattern;

test('the table objects are those of the database', async () => {
  await expect(
    assertTablesMatch(room.test.database, [patterns, patternVersions]),
  ).resolves.toBeUndefined();
});

describe('seeds', () => {
  test('are there in every kind, with whole settings; a second time nothing is added or changed', async () => {
    const { database, workspaceId } = room.test;
    await room.call('updatePattern', {
      ...byId('review-panel'),
      body: { name: 'My panel', kind: 'collaborative', settings: { agents_per_unit: 4 } },
      headers: { 'if-match': '"1"' },
    });
    const again = await database.workspace(workspaceId, (tx) => seedPatterns(tx, workspaceId, 0));
    expect(again).toBe(0);
    const { body } = await room.call<Page<Pattern>>('listPatterns', { query: { limit: 100 } });
    expect(body?.total).toBe(PATTERN_SEEDS.length);
    expect(new Set(body?.items.map(({ kind }) => kind)).size).toBe(3);
    const panel = body?.items.find(({ slug }) => slug === 'review-panel');
    expect(patternSchema.parse(panel)).toMatchObject({
      name: 'My panel',
      version: 2,
      settings: { agents_per_unit: 4, resolution: 'weighted' },
    });
  });

  test('cannot be deleted', async () => {
    await expect(room.call('deletePattern', byId('swarm-triage'))).rejects.toMatchObject({
      code: 'agents.pattern.read_only',
    });
  });
});

describe('patterns', () => {
  test('are created, changed and deleted', async () => {
    const made = await create();
    expect(made).toMatchObject({ slug: 'own-way', version: 1, seeded: false });
    expect(made.settings).toMatchObject({ debate_rounds: 3, agents_per_unit: 3 });
    const changed = await room.call<Pattern>('updatePattern', {
      ...byId(made.id),
      body: { ...own, settings: {} },
      headers: { 'if-match': '"1"' },
    });
    expect(changed.body).toMatchObject({ version: 2, settings: { debate_rounds: 1 } });
    await expect(
      room.call('updatePattern', { ...byId(made.id), body: own, headers: { 'if-match': '"1"' } }),
    ).rejects.toMatchObject({ code: 'agents.pattern.version_mismatch' });
    const { rows } = await room.test.database.pool.query(
      'SELECT version FROM pattern_versions WHERE pattern_id = $1 ORDER BY 1',
      [made.id],
    );
    expect(rows).toEqual([{ version: 1 }, { version: 2 }]);
    await room.call('deletePattern', byId('own-way'));
    await expect(room.call('getPattern', byId(made.id))).rejects.toMatchObject({
      code: 'pattern.item.not_found',
    });
  });

  test.each([
    ['settings of another kind', { ...own, kind: 'emergent' }, 'agents.pattern.settings_invalid'],
    [
      'settings out of bounds',
      { ...own, settings: { debate_rounds: 6 } },
      'agents.pattern.settings_invalid',
    ],
    ['a slug that is taken', { ...own, slug: 'swarm-triage' }, 'agents.pattern.slug_taken'],
    ['a slug that names a kind', { ...own, slug: 'emergent' }, 'agents.pattern.slug_taken'],
  ])('%s are refused', async (_name, body, code) => {
    await expect(create(body)).rejects.toMatchObject({ code });
  });

  test('are found by slug and by kind, and nothing by another name', async () => {
    const found = (ref: string) =>
      room.test.database.workspace(room.test.workspaceId, (tx) => resolvePattern(tx, ref));
    expect(await found('swarm-triage')).toMatchObject({
      kind: 'emergent',
      settings: { load_max: 3 },
    });
    expect(await found('hierarchical')).toMatchObject({
      slug: 'hierarchical',
      kind: 'hierarchical',
    });
    expect(await found('nothing')).toBeNull();
  });

  test('another workspace sees and changes nothing of them', async () => {
    const made = await create({ ...own, name: 'Private' });
    const foreign = { ...byId(made.id), workspaceId: room.test.otherWorkspaceId };
    for (const operation of ['getPattern', 'deletePattern'])
      await expect(room.call(operation, foreign)).rejects.toMatchObject({
        code: 'pattern.item.not_found',
      });
  });
});

describe('a preview', () => {
  const preview = async (body: object) =>
    (await room.call<PatternPreview>('previewPattern', { body })).body as PatternPreview;
  const units = [
    { id: 'scan_it', title: 'Scan', needs: ['security_scan'] },
    { id: 'odd', title: 'Sing', needs: ['singing'], depends_on: ['scan_it'] },
  ];

  test.each(['hierarchical', 'collaborative', 'emergent'])(
    'of the %s kind shows who would get what and why',
    async (kind) => {
      const shown = await preview({ kind, units });
      expect(shown.kind).toBe(kind);
      expect(shown.units[0]).toMatchObject({ unit_id: 'scan_it', agents: ['security'] });
      expect(shown.units[0]?.reason).not.toBe('');
      expect(shown.units[1]).toMatchObject({ unit_id: 'odd', agents: [] });
      expect(shown.units[1]?.reason).not.toBe('');
    },
  );

  test('takes a stored pattern, changed settings and a named team', async () => {
    const { body: agent } = await room.call<Agent>('getAgent', { params: { agent_id: 'code' } });
    const shown = await preview({
      pattern: 'lead-and-specialists',
      settings: { candidates_max: 1 },
      units,
      team: [agent?.id ?? '', 'security'],
    });
    expect(shown.settings).toMatchObject({ candidates_max: 1 });
    expect(shown.decisions[0]?.candidates.map(({ name }) => name)).toEqual(['security']);
  });

  test.each([
    ['no pattern and no kind', { units }, 'agents.pattern.none_given'],
    ['an unknown pattern', { pattern: 'nothing', units }, 'pattern.item.not_found'],
    [
      'an unknown agent',
      { kind: 'emergent', units, team: ['nobody'] },
      'agents.pattern.team_unknown',
    ],
    [
      'units in a circle',
      { kind: 'emergent', units: [{ id: 'a', title: 'a', depends_on: ['a'] }] },
      'agents.coordination.units_invalid',
    ],
  ])('with %s is refused', async (_name, body, code) => {
    await expect(preview(body)).rejects.toMatchObject({ code });
  });
});
