import type { Finding } from '@automatos/contracts';
import { expect, test } from 'vitest';
import { reportQuality } from './report-quality.ts';
import type { QualityInput } from './report-quality.ts';

const finding = (evidence: string): Finding => ({
  rule: 'r',
  severity: 'low',
  message: 'm',
  location: { path: 'a.ts', line: 1 },
  evidence,
  tool: 't',
});
const input = (more: Partial<QualityInput>): QualityInput => ({
  checks: [],
  findings: [],
  resolves: () => true,
  schemaFits: null,
  ...more,
});
const ok = { status: 'success' };
const bad = { status: 'error' };

test.each<[string, Partial<QualityInput>, number | null]>([
  ['nothing that could be measured gives no score', {}, null],
  ['checks that all ran', { checks: [ok, ok] }, 1],
  ['a check that failed', { checks: [ok, bad] }, 0.5],
  ['no check that ran', { checks: [bad] }, 0],
  ['findings without evidence', { checks: [ok], findings: [finding(' ')] }, 0.556],
  [
    'findings whose place is gone',
    { checks: [ok], findings: [finding('x')], resolves: () => false },
    0.556,
  ],
  [
    'places that nobody can look at do not count against it',
    { checks: [ok], findings: [finding('x')], resolves: () => null },
    1,
  ],
  ['half of the evidence', { checks: [ok], findings: [finding('x'), finding('')] }, 0.778],
  ['an answer that misses its form', { checks: [ok], schemaFits: false }, 0.833],
  ['an answer alone that has its form', { schemaFits: true }, 1],
])('%s', (_name, more, quality) => {
  expect(reportQuality(input(more)).quality).toBe(quality);
});

test('each part says what was measured', () => {
  const { parts } = reportQuality(input({ checks: [ok, bad] }));
  expect(parts.map(({ name, score, detail }) => [name, score, detail])).toEqual([
    ['checks', 0.5, '1 of 2 checks ran to the end'],
    ['evidence', null, 'there are no findings to prove'],
    ['schema', null, 'no form of the answer was asked for'],
  ]);
});
