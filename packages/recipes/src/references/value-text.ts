import { SEVERITIES } from '@automatos/contracts';
import type { Finding, Severity } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';

/** How a value stands in a text: strings as they are, everything else as JSON. */
export function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Findings in a value: a list of them, a step's result, or a group's or several steps' results; in their order. */
export function collectFindings(value: JsonValue, depth = 0): Finding[] {
  if (Array.isArray(value)) return value.filter((item) => isFinding(item)) as unknown as Finding[];
  if (!isJsonObject(value) || depth > 2) return [];
  if (Array.isArray(value['findings'])) return collectFindings(value['findings']);
  return Object.values(value).flatMap((inner) =>
    Array.isArray(inner) ? [] : collectFindings(inner, depth + 1),
  );
}

function isFinding(value: JsonValue): boolean {
  return (
    isJsonObject(value) &&
    typeof value['rule'] === 'string' &&
    typeof value['message'] === 'string' &&
    (SEVERITIES as readonly unknown[]).includes(value['severity'])
  );
}

const WORST_FIRST: readonly Severity[] = SEVERITIES.toReversed();

/** E.g. `1 critical, 3 high`; `no findings` when there are none. */
export function severityCounts(findings: Finding[]): string {
  const counts = WORST_FIRST.map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0);
  if (counts.length === 0) return 'no findings';
  return counts.map(({ severity, count }) => `${count} ${severity}`).join(', ');
}

/** Where a finding is, e.g. `src/app.ts:12`; `–` without a place. */
export function findingPlace(finding: Finding): string {
  if (finding.location === undefined) return '–';
  const { path, line } = finding.location;
  return line === undefined ? path : `${path}:${line}`;
}

/** Markdown table of findings, worst first; at most `rows`, and the rest is counted below. */
export function findingsTable(findings: Finding[], rows: number): string {
  if (findings.length === 0) return 'No findings.';
  const rank = (finding: Finding) => WORST_FIRST.indexOf(finding.severity);
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b));
  const body = sorted
    .slice(0, rows)
    .map((finding) => [
      findingPlace(finding) === '–' ? '–' : code(findingPlace(finding)),
      finding.severity,
      code(finding.rule),
      cell(finding.message),
      code(finding.tool),
      cell(finding.fix ?? '–'),
    ]);
  const table = markdownTable(['Where', 'Severity', 'Rule', 'Finding', 'Tool', 'Fix'], body);
  const more = findings.length - rows;
  return more > 0 ? `${table}\n\n… and ${more} more findings.` : table;
}

/** Markdown list of any values: findings as one line each, texts as they are, objects as `name: value` pairs. */
export function bulletList(items: readonly JsonValue[]): string {
  return items.map((item) => `- ${bulletText(item)}`).join('\n');
}

function bulletText(item: JsonValue): string {
  if (isFinding(item)) {
    const finding = item as unknown as Finding;
    const place = finding.location === undefined ? '' : `${code(findingPlace(finding))} `;
    return `**${finding.severity}** ${place}${oneLine(finding.message)} (${code(finding.rule)}, ${finding.tool})`;
  }
  if (isJsonObject(item)) {
    return oneLine(flatText(item));
  }
  return oneLine(toText(item));
}

/**
 * Markdown table of a list of objects, or of an object of objects whose keys become the column `name`. `a.b` names
 * a field inside a field. Without `columns`, those of the first 20 rows that hold plain values.
 */
export function valueTable(value: JsonValue, columns: readonly string[]): string {
  const rows = tableRows(value);
  if (rows.length === 0) return 'None.';
  const names = columns.length > 0 ? columns : plainColumns(rows.slice(0, 20));
  const body = rows.map((row) =>
    names.map((name) => {
      const found = fieldOf(row, name);
      return found === undefined || found === null ? '–' : cell(flatText(found));
    }),
  );
  const heads = names.map((name) => cell(name.split('.').at(-1) ?? name));
  return markdownTable(heads, body);
}

/** A field of an object, or of one inside it: `numbers.min`. */
export function fieldOf(value: JsonValue, path: string): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const name of path.split('.')) {
    const own: boolean = isJsonObject(current) && Object.hasOwn(current, name);
    current = own ? (current as Row)[name] : undefined;
  }
  return current;
}

/** Objects and lists of plain values read better without braces. */
function flatText(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(toText).join(', ');
  if (!isJsonObject(value)) return toText(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${name}: ${toText(inner)}`);
  return pairs.length === 0 ? '–' : pairs.join(', ');
}

/** Inside an image nothing of an SVG can run or load; as plain HTML it could. */
export function svgImage(svg: string, description: string): string {
  const alt = oneLine(description).replaceAll(/[[\]\\]/g, '');
  return `![${alt}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}

type Row = { [key: string]: JsonValue };

function tableRows(value: JsonValue): Row[] {
  if (Array.isArray(value)) {
    return value.map((item) => (isJsonObject(item) ? item : { value: item }));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([name, item]) =>
    isJsonObject(item) ? { name, ...item } : { name, value: item },
  );
}

function plainColumns(rows: Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value !== 'object' || value === null) names.add(name);
    }
  }
  return [...names].slice(0, 12);
}

function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function oneLine(text: string): string {
  // Line by line: a pattern that looks for blanks before a line's end reads long blanks again and again.
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

function cell(text: string): string {
  return oneLine(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

/** Inline code that survives back-ticks and table bars. */
function code(text: string): string {
  const flat = oneLine(text).replaceAll('|', '\\|');
  return flat.includes('`') ? `\`\` ${flat} \`\`` : `\`${flat}\``;
}

/** Date in UTC after `pattern` (YYYY MM DD HH mm ss); null when the value is no date. */
export function dateText(value: JsonValue, pattern: string): string | null {
  const date = new Date(
    typeof value === 'number' || typeof value === 'string' ? value : Number.NaN,
  );
  if (Number.isNaN(date.getTime())) return null;
  const iso = date.toISOString();
  const parts: Record<string, string> = {
    YYYY: iso.slice(0, 4),
    MM: iso.slice(5, 7),
    DD: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
  };
  return pattern.replaceAll(/YYYY|MM|DD|HH|mm|ss/g, (token) => parts[token] ?? token);
}

const HEADING = /^(#{1,6})(?=\s)/;

/** Moves the headings of a Markdown text so that the highest have `level` (1–6); code in fences stays as it is. */
export function shiftHeadings(markdown: string, level: number): string {
  let fence: string | null = null;
  const lines = markdown.split('\n').map((text) => {
    const mark = /^\s{0,3}(```+|~~~+)/.exec(text)?.[1] ?? null;
    const inside = fence !== null;
    if (mark !== null && fence === null) fence = mark;
    else if (mark !== null && fence !== null && mark.startsWith(fence)) fence = null;
    return { text, marks: inside || mark !== null ? 0 : (HEADING.exec(text)?.[1]?.length ?? 0) };
  });
  const highest = Math.min(...lines.filter(({ marks }) => marks > 0).map(({ marks }) => marks));
  const shift = Math.max(1, Math.min(6, Math.trunc(level))) - highest;
  return lines
    .map(({ text, marks }) =>
      marks === 0
        ? text
        : text.replace(HEADING, '#'.repeat(Math.max(1, Math.min(6, marks + shift)))),
    )
    .join('\n');
}
