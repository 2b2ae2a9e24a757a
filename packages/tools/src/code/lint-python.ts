import type { Finding } from '@automatos/contracts';
import { parseSource } from '../security/parse-source.ts';
import { lintFinding, type LintRule } from './lint-rule.ts';

interface PythonRule extends LintRule {
  kind: string;
  regex: string;
}

const RULES: readonly PythonRule[] = [
  {
    id: 'py_bare_except',
    severity: 'medium',
    kind: 'except_clause',
    regex: '^except\\s*:',
    message: 'Every error is caught, also those that stop the program.',
    fix: 'Name the errors that are expected.',
  },
  {
    id: 'py_swallowed_error',
    severity: 'medium',
    kind: 'except_clause',
    regex: '^except\\s+[^:]+:\\s*pass\\s*$',
    message: 'An error is swallowed: nobody will know that it happened.',
    fix: 'Handle it, log it, or use contextlib.suppress and say why.',
  },
  {
    id: 'py_mutable_default',
    severity: 'high',
    kind: 'default_parameter',
    regex: '=\\s*(?:\\[|\\{|list\\(|dict\\(|set\\()',
    message: 'The default value is made once and shared by all calls.',
    fix: 'Use None, and make the value inside.',
  },
  {
    id: 'py_none_comparison',
    severity: 'low',
    kind: 'comparison_operator',
    regex: '[=!]=\\s*None$',
    message: 'Comparison with None by value may be answered by the other side.',
    fix: 'Use "is None" or "is not None".',
  },
  {
    id: 'py_assert_tuple',
    severity: 'high',
    kind: 'assert_statement',
    regex: '^assert\\s*\\([^)]*,[^)]*\\)\\s*$',
    message: 'A pair is never false, so this is always true.',
    fix: 'Leave the brackets out.',
  },
];
export const PYTHON_RULES = RULES.map(({ id }) => `lint.${id}`);

/** Likely mistakes in a Python file. */
export function lintPython(path: string, text: string): Finding[] {
  const root = parseSource('python', text);
  const lines = text.split('\n');
  return RULES.flatMap((rule) =>
    root.findAll({ rule: { kind: rule.kind, regex: rule.regex } }).map((node) => {
      const line = node.range().start.line + 1;
      return lintFinding(rule, path, { line, evidence: lines[line - 1] ?? '' });
    }),
  );
}
