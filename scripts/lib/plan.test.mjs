import { expect, test } from 'vitest';
import { makePlan } from './plan.mjs';

const CASES = [
  [[], { checks: true, projects: ['unit', 'embedded', 'server'], services: true, browser: true }],
  [['unit'], { checks: false, projects: ['unit'], services: false, browser: false }],
  [['e2e', 'lint'], { checks: true, projects: [], services: false, browser: true }],
  [['int'], { checks: false, projects: ['embedded', 'server'], services: true, browser: false }],
];

test.each(CASES)('npm test -- %j', (args, plan) => {
  expect(makePlan(args)).toEqual(plan);
});

test('an unknown part is refused with the parts there are', () => {
  expect(() => makePlan(['units'])).toThrow(
    /"units" is no part of the tests.*lint\|unit\|int\|e2e/,
  );
});
