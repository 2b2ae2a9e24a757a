import { databaseKind } from '@automatos/database/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMatrix } from './testing/crash-matrix/matrix.ts';
import type { Matrix } from './testing/crash-matrix/matrix.ts';
import { EXPECTED } from './testing/crash-matrix/scenario.ts';

// Some of the writes; `npm run crash-matrix` kills at each one. The embedded database lives and dies with its one process,
// which the other crash suites kill.
const WRITES = [1, 3, 6, 11, 18, 26, 40];

describe.skipIf(databaseKind() !== 'server')('a worker killed at a write to the database', () => {
  let matrix: Matrix;
  beforeAll(async () => {
    matrix = await createMatrix();
  }, 120_000);
  afterAll(() => matrix?.close());

  test.each(
    WRITES.flatMap((write, index) => [
      { workers: 1, write, when: index % 2 === 0 ? ('before' as const) : ('after' as const) },
      { workers: 3, write, when: index % 2 === 0 ? ('after' as const) : ('before' as const) },
    ]).toSorted((a, b) => a.workers - b.workers),
  )(
    '$workers workers, $when write $write: nothing lost, doubled or stuck',
    async ({ workers, write, when }) => {
      const { verdict, killedAt } = await matrix.trial({ workers, point: { write, when } });
      expect(killedAt, 'the point lies inside the run').not.toBeNull();
      expect(verdict).toMatchObject({
        status: 'completed',
        lost: null,
        stuck: false,
        duplicatedEffects: 0,
      });
      expect(verdict.repeatedModelCalls).toBeLessThanOrEqual(EXPECTED.widest);
    },
    90_000,
  );

  test('afterwards every invariant holds', async () => {
    expect(await matrix.invariants()).toEqual([]);
  });
});
