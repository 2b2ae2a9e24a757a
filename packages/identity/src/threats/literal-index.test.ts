import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLiteralIndex } from './literal-index.ts';

test('it finds what a search for each literal finds', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '指'), maxLength: 5 });
  const literal = letters.filter((text) => text !== '');
  const groups = fc.array(fc.array(literal, { maxLength: 4 }), { maxLength: 6 });
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', 'é', '指', 'x', '😀'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(groups, text, (all, searched) => {
      const present = [...createLiteralIndex(all)(searched)];
      expect(present).toEqual(
        all.map((own) => (own.some((each) => searched.includes(each)) ? 1 : 0)),
      );
    }),
    { numRuns: 500 },
  );
});
