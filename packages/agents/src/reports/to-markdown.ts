import { SEVERITIES } from '@automatos/contracts';
import type { ReportSource, RunFinding } from './exported-finding.ts';

/** Findings as a document for people, worst first. Texts of foreign files stand in fences that they cannot close. */
export function toMarkdown({ run, findings, findingsTotal }: ReportSource): string {
  const worstFirst = SEVERITIES.toReversed();
  const counts = worstFirst
    .map(
      (severity) => [severity, findings.filter((one) => one.severity === severity).length] as const,
    )
    .filter(([, count]) => count > 0);
  const lines = [
    `# Findings: ${inline(run.title)}`,
    '',
    `Run \`${run.id}\` (${run.kind}), ${run.status}, ${run.created_at}.`,
    '',
    ...summary(counts, { shown: findings.length, total: findingsTotal }),
    ...counts.flatMap(([severity]) => [
      `## ${severity.charAt(0).toUpperCase()}${severity.slice(1)}`,
      '',
      ...findings.filter((one) => one.severity === severity).flatMap(section),
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function summary(
  counts: readonly (readonly [string, number])[],
  { shown, total }: { shown: number; total: number },
): string[] {
  if (counts.length === 0) return ['Nothing was found.', ''];
  const more = total > shown ? [`${shown} of ${total} findings are listed.`, ''] : [];
  return [
    '| Severity | Findings |',
    '| --- | ---: |',
    ...counts.map(([severity, count]) => `| ${severity} | ${count} |`),
    '',
    ...more,
  ];
}

function section(finding: RunFinding): string[] {
  const { rule, message, location, evidence, fix, tool, agent } = finding;
  const { path, line } = location ?? {};
  const place =
    path === undefined ? '' : ` — ${code(line === undefined ? path : `${path}:${line}`)}`;
  const by = agent === null ? tool : `${tool}, ${agent}`;
  return [
    `### ${code(rule)}${place}`,
    '',
    inline(message),
    '',
    ...(evidence === '' ? [] : [...fenced(evidence), '']),
    ...(fix === undefined ? [] : [`**Fix:** ${inline(fix)}`, '']),
    `Found by ${inline(by)}.`,
    '',
  ];
}

/** One line, with what Markdown or HTML would act on made harmless. */
function inline(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
}

function code(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  const mark = '`'.repeat(longestRun(flat) + 1);
  const space = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${mark}${space}${flat}${space}${mark}`;
}

function fenced(text: string): string[] {
  const mark = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [mark, text, mark];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
