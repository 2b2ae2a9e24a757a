import { SEVERITIES } from '@automatos/contracts';
import type { DiffLine, Finding, Run, RunComparison, RunStep } from '@automatos/contracts';
import { canonicalJson, diffJson, diffLines, isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';

/** What a run came to, for holding it against another. */
export interface ComparedRun {
  run: Run;
  steps: RunStep[];
  findings: Finding[];
}

const DIFF_LINES_MAX = 2_000;
/** Equal lines shown around a change when not all have room. */
const CONTEXT_LINES = 3;
const FINDINGS_MAX = 500;

/**
 * Two runs side by side: inputs and outputs by value, steps by id with their outputs as text, findings by what they say
 * (the line may move). Steps come in the order of the left run, those that only the right one has after them.
 */
export function compareRuns(left: ComparedRun, right: ComparedRun): RunComparison {
  const rights = new Map(right.steps.map((step) => [step.step_id, step]));
  const lefts = new Set(left.steps.map((step) => step.step_id));
  return {
    left: left.run,
    right: right.run,
    inputs: diffJson(left.run.inputs, right.run.inputs),
    outputs: diffJson(left.run.outputs ?? {}, right.run.outputs ?? {}),
    steps: [
      ...left.steps.map((step) => compareStep(step, rights.get(step.step_id) ?? null)),
      ...right.steps
        .filter((step) => !lefts.has(step.step_id))
        .map((step) => compareStep(null, step)),
    ],
    findings: compareFindings(left.findings, right.findings),
  };
}

type StepComparison = RunComparison['steps'][number];

function compareStep(left: RunStep | null, right: RunStep | null): StepComparison {
  const named = (left ?? right) as RunStep;
  const same =
    left !== null && right !== null && canonicalJson(left.output) === canonicalJson(right.output);
  return {
    step_id: named.step_id,
    name: named.name,
    type: named.type,
    left: left && compared(left),
    right: right && compared(right),
    same_output: same,
    diff: same ? [] : shortened(diffLines(asText(left), asText(right))),
  };
}

function compared(step: RunStep): NonNullable<StepComparison['left']> {
  const { status, attempts, usage, output, error, reused_from, started_at, finished_at } = step;
  const durationMs =
    started_at === null || finished_at === null
      ? null
      : Math.max(0, Date.parse(finished_at) - Date.parse(started_at));
  return { status, attempts, duration_ms: durationMs, usage, output, error, reused_from };
}

function asText(step: RunStep | null): string {
  const output = step?.output ?? null;
  if (output === null) return '';
  return typeof output === 'string' ? output : linesOf(output, '').join('\n');
}

/** One line per value with its path; texts of several lines stand below theirs. */
function linesOf(value: JsonValue, path: string): string[] {
  const inner = Array.isArray(value)
    ? value.map((item, index) => [String(index), item] as const)
    : isJsonObject(value)
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : null;
  if (inner && inner.length > 0)
    return inner.flatMap(([key, item]) => linesOf(item, path === '' ? key : `${path}.${key}`));
  if (typeof value === 'string' && value.includes('\n'))
    return [`${path}:`, ...value.split('\n').map((line) => `  ${line}`)];
  return [`${path}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

/** Too long a comparison keeps its changes before the lines that are equal. */
function shortened(lines: DiffLine[]): DiffLine[] {
  if (lines.length <= DIFF_LINES_MAX) return lines;
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind === 'same') return;
    for (let at = index - CONTEXT_LINES; at <= index + CONTEXT_LINES; at++) near.add(at);
  });
  return lines.filter((_, index) => near.has(index)).slice(0, DIFF_LINES_MAX);
}

function compareFindings(left: Finding[], right: Finding[]): RunComparison['findings'] {
  const onlyLeft = without(left, right);
  const onlyRight = without(right, left);
  const items = [
    ...onlyLeft.map((finding) => ({ side: 'left' as const, finding })),
    ...onlyRight.map((finding) => ({ side: 'right' as const, finding })),
  ];
  const rank = (finding: Finding) => -SEVERITIES.indexOf(finding.severity);
  return {
    only_left: onlyLeft.length,
    only_right: onlyRight.length,
    both: left.length - onlyLeft.length,
    items: items
      .toSorted((a, b) => rank(a.finding) - rank(b.finding))
      .slice(0, FINDINGS_MAX)
      .map(({ side, finding }) => ({
        side,
        severity: finding.severity,
        rule: finding.rule,
        title: finding.message,
        path: finding.location?.path ?? null,
        line: finding.location?.line ?? null,
      })),
  };
}

/** Findings of `these` that `others` has not, or not as often. */
function without(these: Finding[], others: Finding[]): Finding[] {
  const left = new Map<string, number>();
  for (const finding of others) left.set(keyOf(finding), (left.get(keyOf(finding)) ?? 0) + 1);
  return these.filter((finding) => {
    const count = left.get(keyOf(finding)) ?? 0;
    if (count > 0) left.set(keyOf(finding), count - 1);
    return count === 0;
  });
}

function keyOf({ tool, rule, severity, message, evidence, location }: Finding): string {
  return JSON.stringify([tool, rule, severity, message, evidence, location?.path ?? null]);
}
