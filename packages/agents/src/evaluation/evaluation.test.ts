import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SPECIALISTS } from '../seeds/specialists.ts';
import { scoreFindings } from './agent-fixture.fixture.ts';
import { AGENT_FIXTURES } from './all-fixtures.fixture.ts';
import { createEvaluator } from './evaluate-agent.fixture.ts';
import type { Evaluator } from './evaluate-agent.fixture.ts';

describe('specialists on planted truth, without a model', () => {
  let evaluator: Evaluator;
  beforeAll(async () => {
    evaluator = await createEvaluator();
  });
  afterAll(() => evaluator.close());

  it('each has one fixture', () => {
    expect(AGENT_FIXTURES.map(({ agent }) => agent).toSorted()).toEqual(
      SPECIALISTS.map(({ slug }) => slug).toSorted(),
    );
  });

  it.each(AGENT_FIXTURES.map((fixture) => ({ agent: fixture.agent, fixture })))(
    '$agent',
    async ({ fixture }) => {
      const row = await evaluator.evaluate(fixture);
      expect(Object.entries(row.checks).filter(([, status]) => status !== 'success')).toEqual([]);
      expect(row.problems).toEqual([]);
      expect({ missed: row.missed, false: row.falseFindings }).toEqual({
        missed: row.recall > 0.9 ? row.missed : [],
        false: row.precision > 0.9 ? row.falseFindings : [],
      });
      expect(row.resolved).toBe(row.placed);
    },
  );
});

describe('scores', () => {
  const finding = {
    rule: 'a',
    severity: 'low' as const,
    message: 'says Much',
    evidence: 'e',
    tool: 't',
    location: { path: 'x', line: 2 },
  };

  it.each([
    [{ rule: 'a' }, 1],
    [{ rule: 'a', path: 'x', line: 2, contains: 'much' }, 1],
    [{ rule: 'b' }, 0],
    [{ rule: 'a', path: 'y' }, 0],
    [{ rule: 'a', line: 3 }, 0],
    [{ rule: 'a', contains: 'little' }, 0],
  ])('%j', (planted, share) => {
    expect(scoreFindings([finding], { planted: [planted] })).toMatchObject({
      recall: share,
      precision: share,
    });
  });

  it('what is true without having been planted is not false, and is not found either', () => {
    const score = scoreFindings([finding], {
      planted: [{ rule: 'b' }],
      also_true: [{ rule: 'a' }],
    });
    expect(score).toMatchObject({ recall: 0, precision: 1 });
  });
});
