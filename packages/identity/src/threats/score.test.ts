import fc from 'fast-check';
import { expect, test } from 'vitest';
import { THREAT_ACTIONS, THREAT_LEVELS } from '@automatos/contracts';
import { actionOf, combine, levelOf } from './score.ts';
import { DEFAULT_THRESHOLDS } from './threat-types.ts';

const points = fc.integer({ min: 0, max: 100 }).map((each) => ({ points: each }));

test('more evidence never lowers the score, the level or the action', () => {
  fc.assert(
    fc.property(
      fc.array(points, { maxLength: 20 }),
      points,
      fc.boolean(),
      (reasons, more, isPerson) => {
        const [before, after] = [combine(reasons), combine([...reasons, more])];
        expect(after).toBeGreaterThanOrEqual(before);
        const [low, high] = [before, after].map((score) => levelOf(score, DEFAULT_THRESHOLDS));
        expect(THREAT_LEVELS.indexOf(high!)).toBeGreaterThanOrEqual(THREAT_LEVELS.indexOf(low!));
        expect(THREAT_ACTIONS.indexOf(actionOf(high!, { isPerson }))).toBeGreaterThanOrEqual(
          THREAT_ACTIONS.indexOf(actionOf(low!, { isPerson })),
        );
      },
    ),
  );
});

test('stronger evidence never lowers the score, and the order of reasons does not matter', () => {
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 12 }), fc.nat(50), (reasons, extra) => {
      const [first, ...rest] = reasons;
      const stronger = [{ points: Math.min(100, first!.points + extra) }, ...rest];
      expect(combine(stronger)).toBeGreaterThanOrEqual(combine(reasons));
      expect(combine(reasons.toReversed())).toBe(combine(reasons));
      expect(combine(reasons)).toBeLessThanOrEqual(100);
    }),
  );
});

test.each([
  { reasons: [], score: 0, level: 'low', person: 'allow', key: 'allow' },
  { reasons: [{ points: 39 }], score: 39, level: 'low', person: 'allow', key: 'allow' },
  { reasons: [{ points: 40 }], score: 40, level: 'medium', person: 'challenge', key: 'throttle' },
  {
    reasons: [{ points: 40 }, { points: 42 }],
    score: 65,
    level: 'high',
    person: 'throttle',
    key: 'throttle',
  },
  { reasons: [{ points: 90 }], score: 90, level: 'critical', person: 'block', key: 'block' },
] as const)('$score is $level: a person $person, a key $key', (row) => {
  expect(combine(row.reasons)).toBe(row.score);
  expect(levelOf(row.score, DEFAULT_THRESHOLDS)).toBe(row.level);
  expect(actionOf(row.level, { isPerson: true })).toBe(row.person);
  expect(actionOf(row.level, { isPerson: false })).toBe(row.key);
});
