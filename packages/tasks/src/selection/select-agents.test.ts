import type { TrackRecord, WorkUnit } from '@automatos/agents';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentNamed } from '../pipeline/task-harness.fixture.ts';
import { addRecords, NO_RECORD } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { cautiousRate } from './cautious-rate.ts';
import { selectAgents } from './select-agents.ts';

const unit = (parts: Partial<WorkUnit> = {}): WorkUnit => ({
  id: 'scan',
  title: 'Scan',
  prompt: 'Scan for secrets.',
  needs: ['security_scan'],
  inputs: {},
  dependsOn: [],
  complexity: 0.3,
  ...parts,
});
const record = (parts: Partial<TrackRecord>): TrackRecord => ({ ...NO_RECORD, ...parts });

function candidate(
  slug: string,
  capabilities: string[],
  history: Partial<Candidate['history']> = {},
): Candidate {
  return {
    agent: agentNamed(slug, capabilities),
    history: { byNeed: {}, all: NO_RECORD, ...history },
  };
}

function chosen(
  candidates: Candidate[],
  {
    of = unit(),
    ...extra
  }: { of?: WorkUnit; named?: boolean; avoid?: Record<string, string[]> } = {},
) {
  const [assignment] = selectAgents({ units: [of], candidates, named: false, avoid: {}, ...extra });
  return assignment;
}

const did = (parts: Partial<TrackRecord>) => ({ byNeed: { security_scan: record(parts) } });

describe('who gets a unit', () => {
  test.each<[name: string, candidates: Candidate[], slug: string]>([
    [
      'who has the capability',
      [candidate('a', ['testing']), candidate('b', ['security_scan'])],
      'b',
    ],
    [
      'who has one near to it, before strangers',
      [candidate('a', ['testing']), candidate('b', ['security_audit'])],
      'b',
    ],
    [
      'the exact capability, before a near one',
      [candidate('a', ['security_audit']), candidate('b', ['security_scan'])],
      'b',
    ],
    [
      'of equals the one that succeeded more',
      [
        candidate('a', ['security_scan'], did({ runs: 10, successes: 5 })),
        candidate('b', ['security_scan'], did({ runs: 10, successes: 9 })),
      ],
      'b',
    ],
    [
      'an untried one before one that failed',
      [
        candidate('a', ['security_scan'], did({ runs: 3, successes: 0 })),
        candidate('b', ['security_scan']),
      ],
      'b',
    ],
    [
      'one that succeeded often before an untried one',
      [
        candidate('a', ['security_scan']),
        candidate('b', ['security_scan'], did({ runs: 20, successes: 20 })),
      ],
      'b',
    ],
    [
      'of equally successful ones the one of better quality',
      [
        candidate('a', ['security_scan'], did({ runs: 5, successes: 5, meanQuality: 0.5 })),
        candidate('b', ['security_scan'], did({ runs: 5, successes: 5, meanQuality: 0.9 })),
      ],
      'b',
    ],
    [
      'of equally good ones the faster and cheaper',
      [
        candidate(
          'a',
          ['security_scan'],
          did({ runs: 5, successes: 5, meanDurationMs: 9_000, meanCostMicros: 900 }),
        ),
        candidate(
          'b',
          ['security_scan'],
          did({ runs: 5, successes: 5, meanDurationMs: 1_000, meanCostMicros: 100 }),
        ),
      ],
      'b',
    ],
    [
      'of equals the first name',
      [candidate('b', ['security_scan']), candidate('a', ['security_scan'])],
      'a',
    ],
    [
      'by all work when there is none of the kind',
      [
        candidate('a', ['security_scan'], { all: record({ runs: 9, successes: 1 }) }),
        candidate('b', ['security_scan'], { all: record({ runs: 9, successes: 9 }) }),
      ],
      'b',
    ],
  ])('is %s', (_name, candidates, slug) => {
    expect(chosen(candidates)?.agent).toBe(slug);
  });

  test('is nobody when nothing speaks for anybody; the nearest are shown', () => {
    const assignment = chosen([candidate('a', ['testing'])]);
    expect(assignment).toMatchObject({ agent: null, candidates: [{ name: 'a' }] });
    expect(assignment?.reason).toContain('security_scan');
  });

  test('is somebody by the words of their description when no capability is called for', () => {
    const poet = candidate('poet', []);
    poet.agent = { ...poet.agent, description: 'Writes poems and rhymes about nature' };
    const of = unit({ needs: [], prompt: 'Write a poem about the sea' });
    expect(chosen([poet, candidate('guard', ['security_scan'])], { of })?.agent).toBe('poet');
  });

  test('is a named agent even when nothing else speaks for it', () => {
    expect(chosen([candidate('a', ['testing'])], { named: true })?.agent).toBe('a');
  });

  test('is another one where somebody did it before and not well enough, unless there is nobody else', () => {
    const avoid = { scan: ['a'] };
    const [a, b] = [candidate('a', ['security_scan']), candidate('b', ['security_audit'])];
    expect(chosen([a, b], { avoid })?.agent).toBe('b');
    expect(chosen([a], { avoid })?.agent).toBe('a');
  });

  test('never depends on the order in which candidates come', () => {
    const candidates = ['a', 'b', 'c', 'd'].map((slug, index) =>
      candidate(
        slug,
        [index % 2 === 0 ? 'security_scan' : 'security_audit'],
        did({ runs: index, successes: 1 }),
      ),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(candidates, { minLength: 4 }), (shuffled) => {
        expect(chosen(shuffled)).toEqual(chosen(candidates));
      }),
    );
  });
});

describe('the rate that can be counted on', () => {
  const history = fc
    .nat({ max: 1_000 })
    .chain((runs) => fc.nat({ max: runs }).map((successes) => ({ runs, successes })));

  test('lies between 0 and 1, rises with every success and falls with every failure', () => {
    fc.assert(
      fc.property(history, ({ runs, successes }) => {
        const rate = cautiousRate({ runs, successes });
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThan(1);
        expect(cautiousRate({ runs: runs + 1, successes: successes + 1 })).toBeGreaterThan(rate);
        expect(cautiousRate({ runs: runs + 1, successes })).toBeLessThan(rate);
      }),
    );
  });

  test('trusts many runs more than few of the same share', () => {
    expect(cautiousRate({ runs: 100, successes: 90 })).toBeGreaterThan(
      cautiousRate({ runs: 10, successes: 9 }),
    );
  });
});

test('two records together weigh their means by their runs', () => {
  const sum = addRecords(
    record({ runs: 1, successes: 1, meanQuality: 1, meanDurationMs: 100 }),
    record({ runs: 3, successes: 2, meanQuality: 0.6, meanCostMicros: 5 }),
  );
  expect(sum).toMatchObject({ runs: 4, successes: 3, meanDurationMs: 100, meanCostMicros: 5 });
  expect(sum.meanQuality).toBeCloseTo(0.7);
});
