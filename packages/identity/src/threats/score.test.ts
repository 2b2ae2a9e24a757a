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
  [[], 0, 'low', 'allow', 'allow'],
  [[{ points: 39 }], 39, 'low', 'allow', 'allow'],
  [[{ points: 40 }], 40, 'medium', 'challenge', 'throttle'],
  [[{ points: 40 }, { points: 42 }], 65, 'high', 'throttle', 'throttle'],
  [[{ points: 90 }], 90, 'critical', 'block', 'block'],
] as const)('%j makes %i, %s: a person %s, a key %s', (reasons, score, level, person, key) => {
  expect(combine(reasons)).toBe(score);
  expect(levelOf(score, DEFAULT_THRESHOLDS)).toBe(level);
  expect(actionOf(level, { isPerson: true })).toBe(person);
  expect(actionOf(level, { isPerson: false })).toBe(key);
});
