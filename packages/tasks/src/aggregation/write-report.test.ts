import { NO_USAGE } from '@automatos/contracts';
import { describe, expect, test } from 'vitest';
import { finding } from '../pipeline/task-harness.fixture.ts';
import type { UnitResult } from '../pipeline/task-run.ts';
import { mergeFindings } from './merge-findings.ts';
import { writeReport } from './write-report.ts';

const result = (parts: Partial<UnitResult> = {}): UnitResult => ({
  unitId: 'scan',
  title: 'Scan',
  need: 'security_scan',
  agent: 'guard',
  status: 'completed',
  text: '# Report\n\nAll is well.',
  findings: [],
  findingsTotal: 0,
  confidence: 1,
  usage: { ...NO_USAGE },
  error: null,
  attempt: 1,
  durationMs: 1,
  tools: {},
  offline: true,
  ...parts,
});
const report = (...results: UnitResult[]) =>
  writeReport({
    goal: 'Scan | it',
    results,
    ...mergeFindings(results.map(({ agent, findings }) => ({ agent: agent ?? '', findings }))),
    findingsTotal: 0,
    summary: null,
  });

describe('the report', () => {
  test('puts headings of a part below its own, and leaves code alone', () => {
    const text = report(result({ text: '# A\n\n## B\n\n```sh\n# not a heading\n```' }));
    expect(text).toContain('\n## Scan\n');
    expect(text).toContain('\n### A\n');
    expect(text).toContain('\n#### B\n');
    expect(text).toContain('\n# not a heading\n');
  });

  test('takes only the summary of a report without a model: its findings stand above already', () => {
    const text = 'Composed.\n\n## Summary\n\n3 findings.\n\n## secret_scan\n\n- a\n';
    const shown = report(result({ text }));
    expect(shown).toContain('3 findings.');
    expect(shown).not.toContain('secret_scan');
    expect(report(result({ text, offline: false }))).toContain('secret_scan');
  });

  test('cuts a long part between blocks and says so', () => {
    const block = `| a | b |\n| --- | --- |\n${'| 1 | 2 |\n'.repeat(200)}`;
    const text = report(result({ text: Array.from({ length: 20 }, () => block).join('\n\n') }));
    expect(text).toContain('The rest of this part stands in its own step.');
    expect(text.split('\n').filter((line) => line.startsWith('|') && !line.endsWith('|'))).toEqual(
      [],
    );
  });

  test('names parts that were not done, with what they found, and checks that failed', () => {
    const text = report(
      result(),
      result({
        title: 'Test',
        status: 'failed',
        findings: [finding()],
        findingsTotal: 1,
        error: { code: 'a.b.c', kind: 'timeout', message: 'It took too long.' },
        tools: { mutation_sample: { status: 'timeout', summary: 'stopped', output: null } },
      }),
    );
    expect(text).toContain('1 of 2 parts was done by guard');
    expect(text).toMatch(
      /## Not done\n\n- \*\*Test\*\* \(guard\): It took too long\. Its 1 finding/,
    );
    expect(text).toMatch(
      /## Checks that failed\n\n- `mutation_sample` of guard failed \(timeout\)/,
    );
    expect(text).toContain('| medium | area.name | a.ts:1 | something is wrong | guard |');
  });

  test('keeps apart what one agent tells apart at one place', () => {
    const findings = [finding({ message: 'one' }), finding({ message: 'two' })];
    const merged = mergeFindings([
      { agent: 'a', findings },
      { agent: 'b', findings },
    ]);
    expect(merged.findings.map(({ message, agents }) => [message, agents])).toEqual([
      ['one', ['a', 'b']],
      ['two', ['a', 'b']],
    ]);
    expect(merged.conflicts).toEqual([]);
  });
});
