import { expect, test } from 'vitest';
import { NO_USAGE, runComparisonSchema } from '@automatos/contracts';
import type { Finding, Run, RunStep } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { compareRuns } from './compare-runs.ts';

const AT = '2026-11-21T10:00:00.000Z';

function run(inputs: JsonObject, outputs: JsonObject): Run {
  return {
    id: newId(),
    kind: 'recipe',
    title: 'r',
    status: 'completed',
    recipe_id: null,
    recipe_slug: null,
    recipe_version: null,
    priority: 'normal',
    parent_run_id: null,
    forked_from: null,
    trigger: null,
    dry_run: false,
    open_approvals: 0,
    quality_score: null,
    quality_grade: null,
    inputs,
    outputs,
    error: null,
    usage: NO_USAGE,
    findings_total: 0,
    last_seq: 1,
    created_by: 'x',
    created_at: AT,
    started_at: AT,
    finished_at: AT,
  };
}

function step(stepId: string, output: JsonValue): RunStep {
  return {
    step_id: stepId,
    name: stepId,
    type: 'tool',
    agent: null,
    tool: null,
    parent: null,
    depends_on: [],
    status: 'completed',
    attempts: 1,
    reused_from: null,
    sub_run_id: null,
    quality_score: null,
    output,
    error: null,
    usage: NO_USAGE,
    started_at: AT,
    finished_at: '2026-11-21T10:00:01.500Z',
  };
}

const finding = (message: string, line: number, severity: Finding['severity']): Finding => ({
  rule: 'rule',
  severity,
  message,
  evidence: 'e',
  tool: 'tool',
  location: { path: 'a.ts', line },
});

test('shows what differs: inputs, outputs, texts of steps, findings; steps of one side only', () => {
  const compared = compareRuns(
    {
      run: run({ a: 1 }, { same: true }),
      steps: [step('one', { text: 'first\nsecond', n: 1 }), step('gone', 'x')],
      findings: [
        finding('moved', 3, 'low'),
        finding('twice', 1, 'low'),
        finding('twice', 2, 'low'),
      ],
    },
    {
      run: run({ a: 2 }, { same: true }),
      steps: [step('one', { n: 1, text: 'first\nthird' }), step('new', 'y')],
      findings: [
        finding('moved', 9, 'low'),
        finding('twice', 7, 'low'),
        finding('worse', 1, 'high'),
      ],
    },
  );
  expect(runComparisonSchema.parse(compared)).toEqual(compared);
  expect(compared.inputs).toEqual([{ pointer: '/a', kind: 'changed', before: 1, after: 2 }]);
  expect(compared.outputs).toEqual([]);
  expect(
    compared.steps.map(({ step_id, left, right, same_output }) => ({
      step_id,
      sides: [left?.duration_ms ?? null, right?.duration_ms ?? null],
      same_output,
    })),
  ).toEqual([
    { step_id: 'one', sides: [1500, 1500], same_output: false },
    { step_id: 'gone', sides: [1500, null], same_output: false },
    { step_id: 'new', sides: [null, 1500], same_output: false },
  ]);
  expect(compared.steps[0]?.diff.map((line) => [line.kind, line.text])).toEqual([
    ['same', 'n: 1'],
    ['same', 'text:'],
    ['same', '  first'],
    ['removed', '  second'],
    ['added', '  third'],
  ]);
  expect(compared.findings).toMatchObject({ only_left: 1, only_right: 1, both: 2 });
  expect(compared.findings.items.map((item) => [item.side, item.title])).toEqual([
    ['right', 'worse'],
    ['left', 'twice'],
  ]);
});

test('equal outputs have no difference, and a long text keeps its changes before what is equal', () => {
  const long = Array.from({ length: 5_000 }, (_, n) => `line ${n}`);
  const changed = long.with(4_900, 'changed');
  const compared = compareRuns(
    { run: run({}, {}), steps: [step('same', [1]), step('long', long.join('\n'))], findings: [] },
    {
      run: run({}, {}),
      steps: [step('same', [1]), step('long', changed.join('\n'))],
      findings: [],
    },
  );
  expect(compared.steps[0]).toMatchObject({ same_output: true, diff: [] });
  expect(compared.steps[1]?.diff).toHaveLength(8);
  expect(compared.steps[1]?.diff.find((line) => line.kind === 'added')).toMatchObject({
    text: 'changed',
    right_line: 4_901,
  });
});
