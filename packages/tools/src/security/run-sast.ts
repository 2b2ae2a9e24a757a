import type { Finding, Severity } from '@automatos/contracts';
import type { NapiConfig } from '@ast-grep/napi';
import { isTest } from '../code/source-language.ts';
import { extensionOf, type TextFile } from '../workspace/scan-files.ts';
import { parseSource } from './parse-source.ts';
import type { SastLanguage, SastRule } from './sast-rule.ts';
import { SAST_RULES } from './sast-rules.ts';

const BY_EXTENSION: Readonly<Record<string, SastLanguage>> = {
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.jsx': 'javascript',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.tsx': 'tsx',
  '.py': 'python',
  '.sh': 'bash',
  '.bash': 'bash',
};
/** Language of a file by extension or first line, or undefined when no rule is for it. */
export function sastLanguageOf(path: string, text?: string): SastLanguage | undefined {
  const known = BY_EXTENSION[extensionOf(path)];
  if (known !== undefined || text === undefined) return known;
  const first = text.slice(0, 100);
  if (/^#!.*\b(?:ba|da|z)?sh\b/.test(first)) return 'bash';
  if (/^#!.*\bpython/.test(first)) return 'python';
  return /^#!.*\bnode\b/.test(first) ? 'javascript' : undefined;
}

/** Tests are not reached by strangers: still shown, but below the same fault in the product. */
function inTest(severity: Severity): Severity {
  return severity === 'info' ? 'info' : 'low';
}

function toFinding(
  rule: SastRule,
  file: TextFile,
  node: {
    text(): string;
    range(): { start: { line: number; column: number }; end: { line: number } };
  },
): Finding {
  const range = node.range();
  const text = node.text();
  const firstLine = text.split('\n', 1)[0] ?? '';
  return {
    rule: rule.id,
    severity: isTest(file.path) ? inTest(rule.severity) : rule.severity,
    message: `${rule.message} (CWE-${rule.cwe}${isTest(file.path) ? ', in a test' : ''})`,
    location: {
      path: file.path,
      line: range.start.line + 1,
      end_line: range.end.line + 1,
      column: range.start.column + 1,
    },
    evidence: firstLine.length < text.length ? `${firstLine} …` : firstLine,
    fix: rule.fix,
    tool: 'sast_scan',
  };
}

/** Runs all rules that fit the file's language and returns what they found, without two findings of a rule on one line. */
export function runSast(file: TextFile, rules: readonly SastRule[] = SAST_RULES): Finding[] {
  const language = sastLanguageOf(file.path, file.text);
  if (language === undefined) return [];
  const relevant = rules.filter(
    (rule) => rule.languages.includes(language) && rule.hint.test(file.text),
  );
  if (relevant.length === 0) return [];
  const root = parseSource(language, file.text);
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const rule of relevant) {
    const config = {
      rule: rule.rule,
      ...(rule.constraints === undefined ? {} : { constraints: rule.constraints }),
    } as unknown as NapiConfig;
    for (const node of root.findAll(config)) {
      const finding = toFinding(rule, file, node);
      const key = `${rule.id}:${finding.location?.line}`;
      if (seen.has(key)) continue;
      seen.add(key);
      findings.push(finding);
    }
  }
  return findings;
}
