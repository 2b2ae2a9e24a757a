import { SEVERITIES } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { UnitResult } from '../pipeline/task-run.ts';
import type { Conflict, MergedFinding } from './merge-findings.ts';

const FINDINGS_SHOWN = 30;
const CELL_CHARACTERS = 160;
const TEXT_CHARACTERS = 12_000;

export interface ReportParts {
  goal: string;
  results: readonly UnitResult[];
  findings: readonly MergedFinding[];
  findingsTotal: number;
  conflicts: readonly Conflict[];
  /** Written by a model; null to have it made from figures. */
  summary: string | null;
}

/** Two or three sentences from figures alone. */
export function summarise(parts: Omit<ReportParts, 'summary' | 'goal'>): string {
  const { results, findings, conflicts } = parts;
  const done = results.filter(({ status }) => status === 'completed');
  const agents = [...new Set(done.flatMap(({ agent }) => agent ?? []))];
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  const sentences = [
    done.length === results.length
      ? `${results.length === 1 ? 'The work was' : `All ${results.length} parts were`} done by ${agents.join(', ')}.`
      : `${done.length} of ${results.length} parts ${done.length === 1 ? 'was' : 'were'} done by ${agents.join(', ')}.`,
    findings.length === 0
      ? 'Nothing was found that would have to be mended.'
      : `${count(findings.length, 'different finding')} came out: ${counts.join(', ')}.`,
  ];
  const failed = results.filter(({ status }) => status !== 'completed');
  if (failed.length > 0) {
    sentences.push(`Not done: ${failed.map(({ title }) => `"${title}"`).join(', ')}.`);
  }
  if (conflicts.length > 0)
    sentences.push(`Agents disagree in ${count(conflicts.length, 'place')}.`);
  return sentences.join(' ');
}

/** What the agents found as one Markdown document. */
export function writeReport(parts: ReportParts): string {
  const summary = parts.summary ?? summarise(parts);
  return [
    `# ${cutText(oneLine(parts.goal), 120)}`,
    `## Summary\n\n${summary}`,
    ...findingsSection(parts),
    ...parts.results.filter(({ status }) => status === 'completed').map(unitSection),
    ...notDoneSection(parts.results),
    ...checksSection(parts.results),
    ...conflictSection(parts.conflicts),
  ].join('\n\n');
}

function findingsSection({ findings }: ReportParts): string[] {
  if (findings.length === 0) return [];
  const rows = findings
    .slice(0, FINDINGS_SHOWN)
    .map(({ severity, rule, message, location, agents }) =>
      row([severity, rule, placeOf(location), message, agents.join(', ')]),
    );
  const more =
    findings.length > FINDINGS_SHOWN
      ? `\n\n${findings.length - FINDINGS_SHOWN} more stand in the findings of the task.`
      : '';
  const head = `${row(['Severity', 'Rule', 'Place', 'Finding', 'Found by'])}\n${row(['---', '---', '---', '---', '---'])}`;
  return [`## Findings\n\n${head}\n${rows.join('\n')}${more}`];
}

function placeOf(location: MergedFinding['location']): string {
  if (location === undefined) return '–';
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

function unitSection({ title, agent, text, offline }: UnitResult): string {
  const said = offline ? summaryOfOffline(text) : text;
  return `## ${oneLine(title)}\n\nBy ${agent ?? 'nobody'}.\n\n${lowerHeadings(cutAtBlock(said))}`;
}

/** A report without a model lists what stands among the findings above already; only its summary says something new. */
function summaryOfOffline(text: string): string {
  const sections = text.split(/^(?=## )/m);
  const summary = sections.findIndex((section) => section.startsWith('## Summary'));
  if (summary === -1 || sections.length <= summary + 1) return text;
  return `${sections
    .slice(0, summary + 1)
    .join('')
    .trimEnd()}\n\nThe rest of its report stands in its own step.`;
}

/** Whole blocks up to the bound: a table that is cut in the middle is none. */
function cutAtBlock(text: string): string {
  if (text.length <= TEXT_CHARACTERS) return text;
  const end = text.lastIndexOf('\n\n', TEXT_CHARACTERS);
  const head = text.slice(0, end <= 0 ? TEXT_CHARACTERS : end);
  const fences = head.match(/^\s*(```|~~~)/gm)?.length ?? 0;
  return `${head}${fences % 2 === 1 ? '\n```' : ''}\n\nThe rest of this part stands in its own step.`;
}

function notDoneSection(results: readonly UnitResult[]): string[] {
  const failed = results.filter(({ status }) => status !== 'completed');
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ title, agent, error, findingsTotal }) =>
      `- **${oneLine(title)}**${agent === null ? '' : ` (${agent})`}: ${oneLine(error?.message ?? 'no reason given')}${findingsTotal === 0 ? '' : ` Its ${count(findingsTotal, 'finding')} until then count above.`}`,
  );
  return [`## Not done\n\n${lines.join('\n')}`];
}

/** Checks that ended without a result: what they would have found is not known. */
function checksSection(results: readonly UnitResult[]): string[] {
  const lines = results.flatMap(({ agent, tools }) =>
    Object.entries(tools)
      .filter(([, { status }]) => status !== 'success')
      .map(
        ([tool, { status, summary }]) =>
          `- \`${tool}\` of ${agent ?? 'nobody'} failed (${status}): ${cutText(oneLine(summary), CELL_CHARACTERS)}`,
      ),
  );
  return lines.length === 0 ? [] : [`## Checks that failed\n\n${lines.join('\n')}`];
}

function conflictSection(conflicts: readonly Conflict[]): string[] {
  if (conflicts.length === 0) return [];
  const lines = conflicts.map(({ subject, positions }) => {
    const said = positions.map(({ agents, says }) => `${agents.join(', ')}: ${oneLine(says)}`);
    return `- **${oneLine(subject)}**: ${said.join('; ')}`;
  });
  return [`## Where agents disagree\n\n${lines.join('\n')}`];
}

/** The highest heading inside of a part stands right below the part's own. Lines of code blocks stay as they are. */
function lowerHeadings(text: string): string {
  const lines = text.split('\n');
  let inCode = false;
  const levels = lines.map((line) => {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    return inCode ? 0 : (/^(#{1,6})\s/.exec(line)?.[1]?.length ?? 0);
  });
  const highest = Math.min(...levels.filter((level) => level > 0));
  return lines
    .map((line, index) => {
      const level = levels[index] ?? 0;
      if (level === 0) return line;
      return `${'#'.repeat(Math.min(6, level - highest + 3))}${line.slice(level)}`;
    })
    .join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cutText(oneLine(cell), CELL_CHARACTERS).replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
