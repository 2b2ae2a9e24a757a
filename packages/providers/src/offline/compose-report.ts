import { SEVERITIES } from '@automatos/contracts';
import type { Finding, Severity } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { codeSpan, plainText } from './markdown.ts';
import { describeOutput } from './describe-output.ts';
import type { ToolEvidence } from './parse-request.ts';

/** First line of every text that the offline provider writes. */
export const OFFLINE_NOTICE = 'Composed without a language model (offline provider).';

export interface ReportParts {
  results: readonly ToolEvidence[];
  notCalled: readonly { tool: string; missing: string[] }[];
  /** Further sections, e.g. quoted sentences. */
  extra?: string;
  /** Bound on the report in estimated tokens; findings of lower severity are left out first, and their number is stated. */
  maxTokens: number | null;
}

/** Composes a Markdown report from evidence only: each statement is a count, a tool's own words or a finding. */
export function composeReport(parts: ReportParts): string {
  const most = Math.max(0, ...parts.results.map((result) => result.findings.length));
  for (let limit = most; ; limit = Math.floor(limit * 0.7)) {
    const text = write(parts, limit);
    if (limit === 0 || parts.maxTokens === null || estimateTokens(text) <= parts.maxTokens)
      return text;
  }
}

function write(parts: ReportParts, limit: number): string {
  const good = parts.results.filter((result) => result.ok);
  const sections = [OFFLINE_NOTICE, `## Summary\n\n${summarise(parts)}`];
  if (parts.extra !== undefined && parts.extra !== '') sections.push(parts.extra);
  for (const result of good) sections.push(toolSection(result, limit));
  const gaps = listGaps(parts, limit);
  if (gaps.length > 0)
    sections.push(`## Not covered\n\n${gaps.map((gap) => `- ${gap}`).join('\n')}`);
  return `${sections.join('\n\n')}\n`;
}

/** Counts of findings per severity, highest first; severities without any are left out. */
export function countBySeverity(findings: readonly Finding[]): [Severity, number][] {
  return SEVERITIES.toReversed()
    .map((severity): [Severity, number] => [
      severity,
      findings.filter((finding) => finding.severity === severity).length,
    ])
    .filter(([, count]) => count > 0);
}

/** One paragraph: how many findings of which severity from how many sources, then each tool's own summary. */
export function summarise({
  results,
  notCalled,
}: Pick<ReportParts, 'results' | 'notCalled'>): string {
  const good = results.filter((result) => result.ok);
  const failed = results.length - good.length;
  const findings = good.flatMap((result) => result.findings);
  const total = good.reduce(
    (sum, result) => sum + Math.max(result.findingsTotal, result.findings.length),
    0,
  );
  const sources = new Set(good.map((result) => result.tool)).size;
  const lines: string[] = [];
  if (good.length > 0) {
    const counts = countBySeverity(findings)
      .map(([severity, count]) => `${count} ${severity}`)
      .join(', ');
    lines.push(
      total === 0
        ? `No findings from ${plural(sources, 'source')}.`
        : `${plural(total, 'finding')} from ${plural(sources, 'source')}${counts === '' ? '' : `: ${counts}${total > findings.length ? ` (of the ${findings.length} listed by the tools)` : ''}`}.`,
    );
  }
  for (const result of good)
    if (result.summary !== '') lines.push(`${plainText(result.tool)}: ${sentence(result.summary)}`);
  if (failed > 0) lines.push(`${plural(failed, 'tool call')} failed.`);
  if (notCalled.length > 0) lines.push(`${plural(notCalled.length, 'tool')} could not be called.`);
  return lines.join(' ');
}

function toolSection(result: ToolEvidence, limit: number): string {
  const lines = [`## ${plainText(result.tool)}${place(result)}`];
  if (result.summary !== '') lines.push(sentence(result.summary));
  const shown = bySeverity(result.findings).slice(0, limit);
  if (shown.length > 0) lines.push(shown.map(findingLine).join('\n'));
  const figures = describeOutput(result.output);
  if (figures !== '') lines.push(figures);
  if (lines.length === 1)
    lines.push(
      result.findingsTotal > 0 ? `${plural(result.findingsTotal, 'finding')}.` : 'No findings.',
    );
  return lines.join('\n\n');
}

function place(result: ToolEvidence): string {
  const value = Object.values(result.input).find((each) => typeof each === 'string');
  return value === undefined ? '' : ` (${codeSpan(String(value))})`;
}

/** Highest severity first, then by path and line. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  const rank = (finding: Finding) => SEVERITIES.indexOf(finding.severity);
  return findings.toSorted(
    (a, b) =>
      rank(b) - rank(a) ||
      (a.location?.path ?? '').localeCompare(b.location?.path ?? '') ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0),
  );
}

function findingLine(finding: Finding): string {
  const where =
    finding.location === undefined
      ? ''
      : ` ${codeSpan(`${finding.location.path}${finding.location.line === undefined ? '' : `:${finding.location.line}`}`)}`;
  const evidence =
    finding.evidence.trim() === ''
      ? ''
      : `\n  Evidence: ${codeSpan(cutText(finding.evidence, 300))}`;
  const fix = finding.fix === undefined ? '' : `\n  Fix: ${sentence(finding.fix)}`;
  return `- **${finding.severity}**${where} ${codeSpan(finding.rule)}: ${sentence(finding.message)}${evidence}${fix}`;
}

function listGaps({ results, notCalled }: ReportParts, limit: number): string[] {
  const failed = results
    .filter((result) => !result.ok)
    .map(
      (result) =>
        `${plainText(result.tool)}${place(result)} failed: ${sentence(cutText(result.summary, 300))}`,
    );
  const missing = notCalled.map(
    ({ tool, missing: names }) =>
      `${plainText(tool)} was not called: the request gives no value for ${names.map((name) => codeSpan(name)).join(', ')}.`,
  );
  const shortened = results.flatMap((result) => {
    const shown = Math.min(limit, result.findings.length);
    const left = Math.max(result.findingsTotal, result.findings.length) - shown;
    if (!result.ok || left <= 0) return [];
    return [
      `${plainText(result.tool)}: ${plural(left, 'more finding')} not listed here${shown < result.findings.length ? ' because of the bound on the answer' : ''}.`,
    ];
  });
  return [...failed, ...missing, ...shortened];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sentence(text: string): string {
  const line = plainText(text);
  return /[.!?:…)]$/.test(line) ? line : `${line}.`;
}
