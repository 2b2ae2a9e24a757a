import type { Finding, Severity } from '@automatos/contracts';
import type { ts } from 'ts-morph';

/** What a rule of the linter says; its place is where it was found. */
export interface LintRule {
  id: string;
  severity: Severity;
  message: string;
  fix: string;
}

/** A rule that looks at each node of a syntax tree. */
export interface ScriptRule extends LintRule {
  /** The nodes at fault that `node` shows: itself, parts of it, or none. */
  find(node: ts.Node, source: ts.SourceFile): readonly ts.Node[];
}

/** Builds a finding of the linter, with the line as evidence. */
export function lintFinding(
  { id, severity, message, fix }: LintRule,
  path: string,
  place: { line: number; evidence: string },
): Finding {
  return {
    rule: `lint.${id}`,
    severity,
    message,
    location: { path, line: place.line },
    evidence: place.evidence.trim().slice(0, 200),
    fix,
    tool: 'lint_findings',
  };
}
