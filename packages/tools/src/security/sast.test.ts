import { describe, expect, it } from 'vitest';
import { runSast } from './run-sast.ts';
import { SAST_EXAMPLES } from './sast-examples.fixture.ts';
import { SAST_RULES } from './sast-rules.ts';
import type { SastRule } from './sast-rule.ts';

const EXTENSION = {
  javascript: 'js',
  typescript: 'ts',
  tsx: 'tsx',
  python: 'py',
  bash: 'sh',
} as const;

function idsOf(rule: SastRule, language: keyof typeof EXTENSION, text: string): string[] {
  const path = `a.${EXTENSION[language]}`;
  return runSast({ path, absolute: path, size: text.length, modifiedMs: 0, text }, [rule]).map(
    (finding) => finding.rule,
  );
}

describe('each rule reports its bad example and leaves its good one alone', () => {
  it.each(SAST_RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
    const example = SAST_EXAMPLES[id];
    expect(example).toBeDefined();
    if (example === undefined) return;
    for (const language of rule.languages) {
      expect(idsOf(rule, language, example.bad)).toContain(id);
      expect(idsOf(rule, language, example.good)).toEqual([]);
    }
  });
});

it('has at least 25 rules with unique ids, and no example without a rule', () => {
  const ids = SAST_RULES.map((rule) => rule.id);
  expect(ids.length).toBeGreaterThanOrEqual(25);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(SAST_EXAMPLES).filter((id) => !ids.includes(id))).toEqual([]);
});

it('gives line, column and evidence of the code itself', () => {
  const text = 'const a = 1;\n\n  const b = eval(a +\n a);\n';
  expect(
    runSast({ path: 'src/x.js', absolute: '', size: 0, modifiedMs: 0, text })[0],
  ).toMatchObject({
    rule: 'js.eval',
    location: { path: 'src/x.js', line: 3, end_line: 4, column: 13 },
    evidence: 'eval(a + …',
    tool: 'sast_scan',
  });
});
