import fc from 'fast-check';
import { emergentSettingsSchema } from '@automatos/contracts';
import type { EmergentSettings } from '@automatos/contracts';
import { describe, expect, test } from 'vitest';
import { mate, unit } from '../../testing/team-fixture.ts';
import type { Teammate, WorkUnit } from '../coordination-types.ts';
import { bidsFor } from './bids.ts';
import {
  awardRound,
  closeRound,
  openMarket,
  ownAttractions,
  readyNeeds,
  skipLost,
  stopReason,
} from './market.ts';
import type { Award, MarketState } from './market.ts';

const settings = (parts: Partial<EmergentSettings> = {}) => emergentSettingsSchema.parse(parts);
const FREE = { mayRoam: false, without: new Set<string>() };

describe('bids', () => {
  const team = [
    mate('dear', ['scan'], { runs: 9, successes: 9, meanCostMicros: 1_000 }),
    mate('cheap', ['scan'], { runs: 9, successes: 9, meanCostMicros: 10 }),
    mate('other', ['write']),
  ];

  const quality = { quality: 1, cost: 0, load: 0 };
  test.each([
    { rule: 'cost decides between equals', expected: ['cheap', 'dear'] },
    {
      rule: 'load decides when it counts most',
      weights: { quality: 0, cost: 0, load: 1 },
      load: { cheap: 1 },
      expected: ['dear', 'cheap'],
    },
    {
      rule: 'without weights quality counts',
      weights: { quality: 0, cost: 0, load: 0 },
      expected: ['cheap', 'dear'],
    },
    { rule: 'who is full does not bid', weights: quality, load: { cheap: 2 }, expected: ['dear'] },
  ])('$rule', ({ weights, load, expected }) => {
    const parts = weights === undefined ? {} : { weights };
    const bidding = {
      team,
      settings: settings(parts),
      load: new Map(Object.entries(load ?? {})),
    };
    expect(bidsFor(unit('u', ['scan']), bidding, FREE).map(({ slug }) => slug)).toEqual(expected);
  });

  test('outside of their field agents bid only when they may, and with little', () => {
    const bidding = { team, settings: settings(), load: new Map<string, number>() };
    const bids = bidsFor(unit('u', ['scan']), bidding, { ...FREE, mayRoam: true });
    expect(bids.at(-1)).toMatchObject({ slug: 'other', isSwitch: true });
    expect(bids.at(-1)?.quality).toBeLessThan(bids[0]?.quality ?? 0);
  });
});

interface Played {
  state: MarketState;
  rounds: Award[][];
  reason: string;
}

/** Plays a market to its end; `succeeds` says how each award ends. */
function play(
  units: readonly WorkUnit[],
  team: readonly Teammate[],
  rules: { settings: EmergentSettings; succeeds: (unitId: string, round: number) => boolean },
): Played {
  let state = openMarket(units);
  const rounds: Award[][] = [];
  for (;;) {
    state = skipLost(state).state;
    const needs = readyNeeds(state, team);
    const attractions = ownAttractions(needs, rules.settings);
    const attracted = needs.map((need, index) => ({
      ...need,
      attraction: attractions[index] ?? 0,
    }));
    const reason = stopReason(state, attracted, rules.settings);
    if (reason !== null) return { state, rounds, reason };
    // A market that went on would hang the test instead of failing it.
    if (rounds.length > rules.settings.rounds_max) throw new Error('the market does not end');
    const awards = awardRound(state, attracted, { team, settings: rules.settings });
    rounds.push(awards);
    const results = awards.map(
      ({ unit: { id }, parts }) =>
        [
          id,
          {
            end: rules.succeeds(id, state.round) ? ('completed' as const) : ('failed' as const),
            by: parts.map(({ slug }) => slug),
          },
        ] as const,
    );
    state = closeRound(state, new Map(results), rules.settings);
  }
}

describe('a market', () => {
  const always = { settings: settings(), succeeds: () => true };

  test('meets every need that somebody covers, grounds first, and then stops', () => {
    const team = [mate('ann', ['scan']), mate('bob', ['write'])];
    const units = [unit('a', ['scan']), unit('b', ['write'], { dependsOn: ['a'] })];
    const { state, rounds, reason } = play(units, team, always);
    expect(state.units.map(({ end }) => end)).toEqual(['completed', 'completed']);
    expect(rounds.map((awards) => awards.map(({ unit: { id } }) => id))).toEqual([['a'], ['b']]);
    expect(reason).toContain('Every need');
  });

  test('forms a group for a need that no one covers alone', () => {
    const team = [mate('ann', ['scan']), mate('bob', ['write'])];
    const { rounds } = play([unit('wide', ['scan', 'write'])], team, always);
    expect(rounds[0]?.[0]).toMatchObject({
      parts: [
        { slug: 'ann', needs: ['scan'] },
        { slug: 'bob', needs: ['write'] },
      ],
      decision: { decision: 'form_group' },
    });
  });

  test('a need that stays open is taken by somebody who leaves the own field', () => {
    const team = [mate('ann', ['scan'])];
    const units = [unit('a', ['scan']), unit('b', ['scan']), unit('odd', ['sing'])];
    const { state, rounds } = play(units, team, {
      ...always,
      settings: settings({ load_max: 1, attraction_per_round: 0.25 }),
    });
    const kinds = rounds.flat().map(({ decision }) => `${decision.subject} ${decision.decision}`);
    expect(kinds).toEqual(['a award', 'b award', 'odd switch_role']);
    expect(state.units.every(({ end }) => end === 'completed')).toBe(true);
  });

  test('who failed on a need does not get it again, and too many failures decide it', () => {
    const team = [mate('ann', ['scan']), mate('bob', ['scan'])];
    const { state, rounds } = play([unit('a', ['scan'])], team, {
      settings: settings({ attempts_max: 5 }),
      succeeds: () => false,
    });
    expect(rounds.flat().map(({ parts }) => parts[0]?.slug)).toEqual(['ann', 'bob']);
    expect(state.units[0]).toMatchObject({ end: null, failures: 2 });
  });

  test('what builds on a failure is skipped', () => {
    const units = [unit('a', ['scan']), unit('b', ['scan'], { dependsOn: ['a'] })];
    const { state } = play(units, [mate('ann', ['scan'])], {
      settings: settings({ attempts_max: 1 }),
      succeeds: () => false,
    });
    expect(state.units.map(({ end }) => end)).toEqual(['failed', 'skipped']);
  });
});

const CAPABILITIES = ['scan', 'write', 'test', 'deploy'];
const someTeam = fc
  .uniqueArray(fc.constantFrom('ann', 'bob', 'cyd', 'dan', 'eve'), { maxLength: 5 })
  .chain((slugs) =>
    fc.tuple(
      ...slugs.map((slug) =>
        fc
          .record({
            capabilities: fc.subarray(CAPABILITIES),
            runs: fc.nat(20),
            successes: fc.nat(20),
            meanCostMicros: fc.option(fc.nat(5_000)),
            status: fc.constantFrom('active' as const, 'paused' as const),
          })
          .map(({ capabilities, status, ...record }) =>
            mate(slug, capabilities, { ...record, status }),
          ),
      ),
    ),
  );
const someUnits = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_, index) =>
      fc
        .record({
          needs: fc.subarray([...CAPABILITIES, 'sing']),
          // Only on earlier ones: a circle is refused before a market opens.
          grounds: fc.subarray(Array.from({ length: index }, (_empty, earlier) => `u${earlier}`)),
        })
        .map(({ needs, grounds }) => unit(`u${index}`, needs, { dependsOn: grounds })),
    ),
  ),
);
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const someSettings = fc.record({
  rounds_max: fc.integer({ min: 1, max: 50 }),
  attraction_threshold: ratio,
  attraction_per_round: ratio,
  load_max: fc.integer({ min: 1, max: 10 }),
  group_size_max: fc.integer({ min: 1, max: 5 }),
  role_switch_after: fc.nat(50),
  attempts_max: fc.integer({ min: 1, max: 10 }),
  weights: fc.record({ quality: ratio, cost: ratio, load: ratio }),
});

describe('any team, any needs, any settings, however the work goes', () => {
  const game = fc.tuple(someUnits, someTeam, someSettings, fc.func(fc.boolean()));
  const playGame = ([units, team, parts, outcome]: [
    WorkUnit[],
    Teammate[],
    Partial<EmergentSettings>,
    (unitId: string, round: number) => boolean,
  ]) => play(units, team, { settings: settings(parts), succeeds: outcome });

  test('the market ends within its rounds', () => {
    fc.assert(
      fc.property(game, ([units, team, parts, outcome]) => {
        const { state, rounds, reason } = playGame([[...units], [...team], parts, outcome]);
        expect(rounds.length).toBeLessThanOrEqual(parts.rounds_max);
        expect(state.round).toBe(rounds.length);
        expect(reason).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });

  test('no need is decided twice, given away after its end, or given to one who failed on it or cannot work', () => {
    fc.assert(
      fc.property(game, ([units, team, parts, outcome]) => {
        const { state, rounds } = playGame([[...units], [...team], parts, outcome]);
        for (const { unit: of, failures, end } of state.units) {
          const awards = rounds.flatMap((round, number) =>
            round.filter((award) => award.unit.id === of.id).map((award) => ({ award, number })),
          );
          const done = awards.filter(({ number }) => outcome(of.id, number)).length;
          expect(done).toBe(end === 'completed' ? 1 : 0);
          expect(awards).toHaveLength(failures + done);
          expect(failures).toBeLessThanOrEqual(parts.attempts_max);
          // Nothing is given away after its end: what was done is the last award.
          expect(done === 1 && !outcome(of.id, awards.at(-1)?.number ?? -1)).toBe(false);
          const agents = awards.flatMap(({ award }) => award.parts.map(({ slug }) => slug));
          expect(new Set(agents).size).toBe(agents.length);
          for (const slug of agents)
            expect(team.find(({ agent }) => agent.slug === slug)?.agent.status).toBe('active');
        }
        for (const round of rounds) {
          const places = Map.groupBy(
            round.flatMap((award) => award.parts.map(({ slug }) => slug)),
            (slug) => slug,
          );
          for (const taken of places.values())
            expect(taken.length).toBeLessThanOrEqual(parts.load_max);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('equal input gives an equal market, in whatever order the team stands', () => {
    fc.assert(
      fc.property(game, ([units, team, parts, outcome]) => {
        const once = playGame([[...units], [...team], parts, outcome]);
        expect(playGame([[...units], team.toReversed(), parts, outcome])).toEqual(once);
      }),
    );
  });
});
