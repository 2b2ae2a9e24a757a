import fc from 'fast-check';
import { RESOLUTIONS } from '@automatos/contracts';
import { describe, expect, test } from 'vitest';
import { finding } from '../../testing/turn-fixture.ts';
import {
  NOT_FOUND,
  REPORTED,
  agreementOf,
  answerBallot,
  ballotOf,
  findingBallots,
  meanAgreement,
  normalised,
  resolveBallot,
} from './votes.ts';
import type { Voter } from './votes.ts';

function voter(slug: string, parts: Partial<Voter> = {}): Voter {
  return {
    slug,
    weight: 0.5,
    rank: slug.charCodeAt(0),
    text: 'yes',
    findings: [],
    looked: new Set(),
    ...parts,
  };
}
const looked = new Set(['look']);

describe('findings', () => {
  test('who ran the same tool and found nothing is against; who did not look has no vote', () => {
    const [ballot] = findingBallots([
      voter('a', { findings: [finding(7)], looked }),
      voter('b', { looked }),
      voter('c'),
    ]);
    expect(ballot).toMatchObject({
      subject: 'planted at src/a.ts:7',
      positions: [
        { agents: ['a'], says: REPORTED },
        { agents: ['b'], says: NOT_FOUND },
      ],
    });
    expect(agreementOf(ballot ?? { positions: [] })).toBe(0.5);
  });

  test('the same place told in other words is the same finding', () => {
    const ballots = findingBallots([
      voter('a', { findings: [finding(7)] }),
      voter('b', { findings: [{ ...finding(7), message: 'in other words' }] }),
    ]);
    expect(ballots).toHaveLength(1);
    expect(agreementOf(ballots[0] ?? { positions: [] })).toBe(1);
  });

  test('one witness alone agrees with nobody', () => {
    const [ballot] = findingBallots([voter('a', { findings: [finding(7)] }), voter('b')]);
    expect(agreementOf(ballot ?? { positions: [] })).toBeNull();
    expect(meanAgreement([null, null])).toBeNull();
  });
});

describe('answers', () => {
  test.each([
    ['case, spaces and emphasis', 'The answer is **42**.', 'the  answer is 42'],
    ['headings and lists', '# Result\n- one\n- two', 'Result: one; two'],
  ])('%s do not make a difference', (_name, a, b) => {
    expect(normalised(a)).toBe(normalised(b));
  });

  test.each([
    ['numbers', 'It is 4.2', 'It is 42'],
    ['signs', 'grew by -5%', 'grew by 5%'],
  ])('%s do', (_name, a, b) => {
    expect(normalised(a)).not.toBe(normalised(b));
  });
});

describe('resolution', () => {
  const voters = [
    voter('a', { weight: 0.3, rank: 2, text: 'left' }),
    voter('b', { weight: 0.3, rank: 1, text: 'left' }),
    voter('c', { weight: 0.9, rank: 3, text: 'right' }),
    voter('d', { weight: 0.1, rank: 0, text: 'straight on' }),
  ];
  const ballot = answerBallot('where', voters);

  test.each([
    ['majority', ['b', 'a']],
    ['weighted', ['c']],
    ['iterative_refinement', ['c']],
    ['expert', ['d']],
  ] as const)('by %s', (resolution, agents) => {
    expect(resolveBallot(ballot, resolution, voters).agents).toEqual(agents);
  });

  test('ties of number go by weight, ties of both by the strongest', () => {
    const two = [voter('a', { text: 'x', weight: 0.4 }), voter('b', { text: 'y', weight: 0.6 })];
    expect(resolveBallot(answerBallot('q', two), 'majority', two).agents).toEqual(['b']);
    const equal = [voter('b', { text: 'y', rank: 1 }), voter('a', { text: 'x', rank: 0 })];
    expect(resolveBallot(answerBallot('q', equal), 'weighted', equal).agents).toEqual(['a']);
  });
});

const someVoters = fc
  .array(
    fc.record({
      weight: fc.double({ min: 0.001, max: 1, noNaN: true }),
      choice: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((all) => ({
    voters: all.map(({ weight }, index) => voter(`v${index}`, { weight, rank: index })),
    choices: new Map(all.map(({ choice }, index) => [`v${index}`, `choice ${choice}`])),
  }));

describe('for any votes', () => {
  test('agreement lies between 0 and 1, and is exactly 1 when all agree and only then', () => {
    fc.assert(
      fc.property(someVoters, ({ voters, choices }) => {
        const agreement = agreementOf(ballotOf('q', voters, choices)) ?? -1;
        expect(agreement).toBeGreaterThan(0);
        expect(agreement).toBeLessThanOrEqual(1);
        expect(agreement === 1).toBe(new Set(choices.values()).size === 1);
      }),
    );
  });

  test('each resolution chooses one of the positions, the same for any order of the voters', () => {
    fc.assert(
      fc.property(
        someVoters,
        fc.constantFrom(...RESOLUTIONS),
        ({ voters, choices }, resolution) => {
          const winner = resolveBallot(ballotOf('q', voters, choices), resolution, voters);
          const turned = voters.toReversed();
          expect(resolveBallot(ballotOf('q', turned, choices), resolution, turned).agents).toEqual(
            winner.agents,
          );
          expect(winner.agents.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
