import { describe, expect, test } from 'vitest';
import { NO_RECORD, mate, unit } from '../../testing/team-fixture.ts';
import { coverTogether } from './cover.ts';
import { capabilityKey, matchTeammate, matchesOf, trustOf } from './match.ts';
import { inOrder } from './order.ts';
import { planAssignments } from './plan-assignments.ts';
import { planPanels } from './plan-panels.ts';
import { afterUse, sharesOf, splitShare, withinShare } from './shares.ts';

const SETTINGS = { candidates_max: 3, parts_max: 3 };

describe('trust', () => {
  test.each([
    ['nothing done yet', {}, 0.5],
    ['one success', { runs: 1, successes: 1 }, 2 / 3],
    ['eight of ten', { runs: 10, successes: 8 }, 9 / 12],
    ['all failed', { runs: 8, successes: 0 }, 0.1],
    ['quality halves at worst', { runs: 8, successes: 8, meanQuality: 0 }, 0.45],
    ['best quality changes nothing', { runs: 8, successes: 8, meanQuality: 1 }, 0.9],
  ])('%s', (_name, record, expected) => {
    expect(trustOf({ ...NO_RECORD, ...record })).toBeCloseTo(expected, 10);
  });
});

describe('match', () => {
  test('coverage counts each need once, whatever its case and separators', () => {
    expect(capabilityKey('Security-Scan')).toBe(capabilityKey('security_scan'));
    const match = matchTeammate(
      unit('a', ['security_scan', 'Security-Scan', 'code_review']),
      mate('x', ['security scan']),
    );
    expect(match).toMatchObject({ coverage: 0.5, missing: ['code_review'] });
  });

  test('those who cover nothing or are not active are out; ties go by slug', () => {
    const team = [
      mate('zoe', ['scan']),
      mate('ann', ['scan']),
      mate('bob', ['write']),
      mate('ill', ['scan'], { status: 'paused' }),
    ];
    expect(matchesOf(unit('a', ['scan']), team).map(({ slug }) => slug)).toEqual(['ann', 'zoe']);
    expect(matchesOf(unit('a', []), team).map(({ slug }) => slug)).toEqual(['ann', 'bob', 'zoe']);
  });
});

describe('assignments', () => {
  test('go to whom it suits best, by capability, then record, then load; each says why', () => {
    const team = [
      mate('new', ['scan']),
      mate('proven', ['scan'], { runs: 10, successes: 10 }),
      mate('writer', ['write']),
    ];
    const [first, second, third] = planAssignments(
      [unit('one', ['scan']), unit('two', ['scan']), unit('three', ['write'])],
      team,
      SETTINGS,
    );
    expect(first?.decision).toMatchObject({
      decision: 'assign',
      subject: 'one',
      chosen: ['proven'],
      reason: expect.stringContaining('succeeded in 10 of 10 like runs') as string,
      candidates: [
        { name: 'proven', reasons: expect.arrayContaining(['has nothing else to do']) as string[] },
        { name: 'new' },
      ],
    });
    expect(second?.decision.candidates.find(({ name }) => name === 'proven')?.reasons).toContain(
      'has 1 other unit',
    );
    expect(third?.decision.chosen).toEqual(['writer']);
  });

  test('load spreads units among equals', () => {
    const team = [mate('ann', ['scan']), mate('bob', ['scan'])];
    const units = ['a', 'b', 'c', 'd'].map((id) => unit(id, ['scan']));
    expect(planAssignments(units, team, SETTINGS).flatMap(({ parts }) => parts[0]?.slug)).toEqual([
      'ann',
      'bob',
      'ann',
      'bob',
    ]);
  });

  test('a unit that nobody covers alone is split; one that nobody covers at all says so', () => {
    const team = [mate('ann', ['scan', 'review']), mate('bob', ['deploy'])];
    const [split, nobody] = planAssignments(
      [unit('wide', ['scan', 'review', 'deploy']), unit('odd', ['sing'])],
      team,
      SETTINGS,
    );
    expect(split).toMatchObject({
      parts: [
        { slug: 'ann', needs: ['scan', 'review'] },
        { slug: 'bob', needs: ['deploy'] },
      ],
      next: [],
      decision: { decision: 'split', chosen: ['ann', 'bob'] },
    });
    expect(nobody).toMatchObject({ parts: [], decision: { chosen: [] } });
    expect(nobody?.decision.reason).toContain('sing');
    expect(nobody?.decision.candidates).toHaveLength(2);
  });

  test('nothing depends on the order of the team', () => {
    const team = ['c', 'a', 'b'].map((slug) => mate(slug, ['scan']));
    const units = [unit('one', ['scan']), unit('two', ['scan', 'sing'])];
    expect(planAssignments(units, team.toReversed(), SETTINGS)).toEqual(
      planAssignments(units, team, SETTINGS),
    );
    expect(planPanels(units, team.toReversed(), { agents_per_unit: 2 })).toEqual(
      planPanels(units, team, { agents_per_unit: 2 }),
    );
  });

  test('a group takes nobody who adds nothing, and no more than it may', () => {
    const team = [mate('a', ['x']), mate('b', ['x']), mate('c', ['y']), mate('d', ['z'])];
    const [first, ...others] = matchesOf(unit('u', ['x', 'y', 'z']), team);
    expect(first).toBeDefined();
    if (first === undefined) return;
    expect(coverTogether(first, others, { max: 2 })).toEqual([
      { slug: 'a', needs: ['x'] },
      { slug: 'c', needs: ['y'] },
    ]);
    expect(coverTogether(first, others, { max: 5 }).map(({ slug }) => slug)).toEqual([
      'a',
      'c',
      'd',
    ]);
  });
});

describe('order of units', () => {
  const shape = (id: string, ...dependsOn: string[]) => ({ id, dependsOn });

  test('each comes after its grounds', () => {
    expect(inOrder([shape('c', 'b'), shape('b', 'a'), shape('a')]).map(({ id }) => id)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test.each([
    ['no units', [], 'no unit'],
    ['two of one id', [shape('a'), shape('a')], 'same id'],
    ['unknown grounds', [shape('a', 'b')], '"b"'],
    ['a circle', [shape('a', 'b'), shape('b', 'a'), shape('c')], '"a", "b"'],
  ])('%s are refused', (_name, units, message) => {
    expect(() => inOrder(units)).toThrow(
      expect.objectContaining({
        code: 'agents.coordination.units_invalid',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});

describe('budget', () => {
  test('is split by complexity, and never more than there is', () => {
    const units = [unit('easy', [], { complexity: 0 }), unit('hard', [], { complexity: 1 })];
    const shares = sharesOf(units, { tokens: 1_000, cost_micros: null });
    expect(shares.get('easy')).toEqual({ tokens: 166, costMicros: null });
    expect(shares.get('hard')).toEqual({ tokens: 833, costMicros: null });
  });

  test('narrows the limits of an agent and never widens them', () => {
    const { agent } = mate('a', [], { limits: { max_total_tokens: 500, max_cost_micros: null } });
    expect(withinShare(agent, { tokens: 900, costMicros: 7 }).limits).toMatchObject({
      max_total_tokens: 500,
      max_cost_micros: 7,
    });
    expect(withinShare(agent, { tokens: 100, costMicros: null }).limits).toMatchObject({
      max_total_tokens: 100,
      max_cost_micros: null,
    });
  });

  test('what was used is gone', () => {
    const used = { input_tokens: 30, output_tokens: 20, cost_micros: null };
    expect(afterUse({ tokens: 40, costMicros: 5 }, used)).toEqual({ tokens: 0, costMicros: 5 });
    expect(splitShare({ tokens: 10, costMicros: null }, 3)).toEqual({
      tokens: 3,
      costMicros: null,
    });
  });
});
