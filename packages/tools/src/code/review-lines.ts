import type { Finding, Severity } from '@automatos/contracts';
import type { DiffLine } from '../git/read-diff.ts';
import type { ChangedFile } from './review-types.ts';
import { isProgram, isTest } from './source-language.ts';

interface LineRule {
  rule: string;
  severity: Severity;
  pattern: RegExp;
  /** Files that the rule is for. */
  applies: (path: string) => boolean;
  message: string;
  fix: string;
}

/** Programs for a terminal talk on purpose. */
const talks = (path: string) =>
  /(?:^|\/)(?:bin|cli|scripts?|tools?|examples?)\/|(?:^|\/)cli\./.test(path);
const isScript = (path: string) => /\.[cm]?[jt]sx?$/.test(path);

const RULES: readonly LineRule[] = [
  {
    rule: 'debug_statement',
    severity: 'low',
    pattern: /^\s*console\.(?:log|debug|trace|dir|table)\(/,
    applies: (path) => isScript(path) && !talks(path) && !isTest(path),
    message: 'A statement for debugging was left behind.',
    fix: 'Remove it, or write to the log of the program.',
  },
  {
    rule: 'debug_statement',
    severity: 'medium',
    pattern:
      /^\s*(?:debugger\b|(?:import\s+pdb|pdb\.set_trace\(|breakpoint\(\))|binding\.pry\b|var_dump\(|dd\()/,
    applies: isProgram,
    message: 'A stop for debugging was left behind.',
    fix: 'Remove it.',
  },
  {
    rule: 'focused_test',
    severity: 'high',
    pattern: /^\s*(?:describe|it|test|suite|context)\.only\(|^\s*f(?:describe|it)\(/,
    applies: (path) => isScript(path) && isTest(path),
    message: 'Only this test runs: all others are silent.',
    fix: 'Remove ".only".',
  },
  {
    rule: 'skipped_test',
    severity: 'low',
    pattern:
      /^\s*(?:describe|it|test|suite)\.(?:skip|todo)\(|^\s*x(?:describe|it)\(|^\s*@(?:unittest|pytest\.mark)\.skip\b/,
    applies: isTest,
    message: 'The change switches a test off.',
    fix: 'Mend it, or say why it is off and until when.',
  },
  {
    rule: 'todo_added',
    severity: 'info',
    pattern: /(?:\/\/|\/\*|^\s*\*|#|<!--)[^\n]*?\b(?:TODO|FIXME|HACK|XXX)\b/,
    applies: isProgram,
    message: 'The change leaves something open.',
    fix: 'Do it now, or name the issue that it stands in.',
  },
  {
    rule: 'conflict_mark',
    severity: 'critical',
    pattern: /^(?:<{7}|>{7}) \S/,
    applies: () => true,
    message: 'A conflict of a merge was not resolved.',
    fix: 'Choose what shall stand there.',
  },
  {
    rule: 'check_switched_off',
    severity: 'medium',
    pattern:
      /(?:@ts-(?:ignore|nocheck)|eslint-disable(?!-next-line\s+\S)|#\s*type:\s*ignore\s*$|#\s*noqa\s*$)/,
    applies: isProgram,
    message: 'A check is switched off as a whole.',
    fix: 'Mend what it says, or switch off one rule on one line and say why.',
  },
];

function finding(
  { rule, severity, message, fix }: Omit<LineRule, 'pattern' | 'applies'>,
  path: string,
  { line, text }: Pick<DiffLine, 'line' | 'text'>,
): Finding {
  return {
    rule: `review.${rule}`,
    severity,
    message,
    location: { path, line },
    evidence: text.trim().slice(0, 200),
    fix,
    tool: 'diff_review',
  };
}

/** What handles errors; compared by how often it stands in removed and in written lines. */
const HANDLING: readonly RegExp[] = [
  /\bcatch\s*(?:\(|\{)/,
  /\.catch\(/,
  /^\s*except\b/,
  /\bif\s*\(?\s*(?:!\s*)?err(?:or)?\b/,
  /\bfinally\b/,
  /\b(?:throw\s+new|raise\s+\w)/,
  /\.raise_for_status\(|\bensureSuccess\w*\(/,
];

function count(lines: readonly DiffLine[], kind: DiffLine['kind'], pattern: RegExp): number {
  return lines.filter((one) => one.kind === kind && pattern.test(one.text)).length;
}

/** Error handling that a place lost, and that the change put nowhere else in the file. */
function removedHandling({ path, hunks }: ChangedFile): Finding[] {
  const all = hunks.flat();
  return hunks.flatMap((hunk) => {
    const lost = HANDLING.filter(
      (pattern) =>
        count(hunk, 'removed', pattern) > count(hunk, 'added', pattern) &&
        count(all, 'removed', pattern) > count(all, 'added', pattern),
    );
    const removed = hunk.find(
      ({ kind, text }) => kind === 'removed' && lost.some((pattern) => pattern.test(text)),
    );
    if (removed === undefined) return [];
    return [
      finding(
        {
          rule: 'error_handling_removed',
          severity: 'high',
          message: `The change removes the handling of an error: "${removed.text.trim().slice(0, 100)}".`,
          fix: 'Keep it, or say who handles the error now.',
        },
        path,
        removed,
      ),
    ];
  });
}

/** What the written and the removed lines of a file show by themselves. */
export function reviewLines(file: ChangedFile): Finding[] {
  const written = file.hunks.flat().filter(({ kind }) => kind === 'added');
  const rules = RULES.filter(({ applies }) => applies(file.path));
  const found = written.flatMap((line) =>
    rules
      .filter(({ pattern }) => pattern.test(line.text))
      .map((rule) => finding(rule, file.path, line)),
  );
  return isProgram(file.path) && !isTest(file.path) ? [...found, ...removedHandling(file)] : found;
}
