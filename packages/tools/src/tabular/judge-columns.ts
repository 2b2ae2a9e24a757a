import type { Finding } from '@automatos/contracts';
import { inKeyOrder } from '../workspace/count-by.ts';
import { dateFormatOf, kindOf } from './column-statistics.ts';
import { placeOf, type DataFile } from './open-data.ts';
import type { Cell } from './read-rows.ts';

/** What is remembered of a column while rows stream by. */
export interface ColumnFacts {
  missing: number;
  firstMissing: number;
  /** First line of each kind of value. */
  kinds: Map<string, { count: number; line: number }>;
  formats: Map<string, { count: number; line: number }>;
  firstValue: Cell;
  constant: boolean;
  padded: number;
  paddedLine: number;
  seen: number;
}

function countIn(
  map: Map<string, { count: number; line: number }>,
  key: string,
  line: number,
): void {
  const entry = map.get(key);
  if (entry === undefined) map.set(key, { count: 1, line });
  else entry.count += 1;
}

/** Facts of a column that was not seen yet. */
export function newFacts(): ColumnFacts {
  return {
    missing: 0,
    firstMissing: 0,
    kinds: new Map(),
    formats: new Map(),
    firstValue: null,
    constant: true,
    padded: 0,
    paddedLine: 0,
    seen: 0,
  };
}

/** Takes one cell into account. */
export function look(facts: ColumnFacts, cell: Cell, line: number): void {
  facts.seen += 1;
  const kind = kindOf(cell);
  if (kind === 'missing') {
    facts.missing += 1;
    facts.firstMissing ||= line;
    return;
  }
  countIn(facts.kinds, kind === 'integer' ? 'number' : kind, line);
  if (facts.firstValue === null) facts.firstValue = cell;
  else if (facts.firstValue !== cell) facts.constant = false;
  if (typeof cell !== 'string') return;
  const format = dateFormatOf(cell);
  if (format !== undefined) countIn(facts.formats, format, line);
  if (cell !== cell.trim()) {
    facts.padded += 1;
    facts.paddedLine ||= line;
  }
}

/** The file that a column belongs to, and the limits. */
export interface Judged {
  file: DataFile;
  rows: number;
  missingShareMax: number;
}

/** Builds a finding of the quality rules. */
export function qualityFinding(
  file: Pick<DataFile, 'path' | 'format'>,
  { rule, line, ...about }: Problem,
): Finding {
  return {
    rule: `data.${rule}`,
    ...about,
    location: placeOf(file, line),
    tool: 'data_quality_rules',
  };
}

/** The kind that is in the minority; its first line is where somebody should look. */
function rarest(counts: ReadonlyMap<string, { count: number; line: number }>): {
  name: string;
  count: number;
  line: number;
} {
  const [name, entry] = [...counts].toSorted(
    (a, b) => a[1].count - b[1].count || (a[0] < b[0] ? -1 : 1),
  )[0] ?? ['', { count: 0, line: 1 }];
  return { name, ...entry };
}

interface Problem {
  rule: string;
  severity: Finding['severity'];
  line: number;
  message: string;
  evidence: string;
  fix: string;
}

/** A column with its name and how much of it is there. */
interface Column {
  name: string;
  facts: ColumnFacts;
  rows: number;
  missing: number;
}

function countsOf(map: ReadonlyMap<string, { count: number }>): string {
  return Object.entries(inKeyOrder(map))
    .map(([kind, entry]) => `${kind} ${entry.count}`)
    .join(', ');
}

function missingValues({ name, facts, rows, missing }: Column, shareMax: number): Problem[] {
  if (missing / rows <= shareMax) return [];
  const line = Math.max(1, facts.firstMissing);
  return [
    {
      rule: 'missing_values',
      severity: missing / rows > 0.3 ? 'medium' : 'low',
      line,
      message: `Column "${name}" lacks ${missing} of ${rows} values.`,
      evidence: `${((missing / rows) * 100).toFixed(1)} % missing; first at line ${line}`,
      fix: 'Find out why they are missing before filling or dropping them.',
    },
  ];
}

function mixtures({ name, facts }: Column): Problem[] {
  const found: Problem[] = [];
  if (facts.kinds.size > 1) {
    const odd = rarest(facts.kinds);
    found.push({
      rule: 'mixed_types',
      severity: 'medium',
      line: odd.line,
      message: `Column "${name}" mixes kinds of values; ${odd.name} first stands at line ${odd.line}.`,
      evidence: countsOf(facts.kinds),
      fix: 'Bring all values to one kind.',
    });
  }
  if (facts.formats.size > 1) {
    const odd = rarest(facts.formats);
    found.push({
      rule: 'mixed_date_formats',
      severity: 'medium',
      line: odd.line,
      message: `Column "${name}" writes dates in several ways; "${odd.name}" first stands at line ${odd.line}.`,
      evidence: countsOf(facts.formats),
      fix: 'Write all dates as YYYY-MM-DD.',
    });
  }
  return found;
}

function oddities({ name, facts, rows, missing }: Column): Problem[] {
  const found: Problem[] = [];
  if (facts.constant && rows > 1 && missing === 0) {
    found.push({
      rule: 'constant_column',
      severity: 'info',
      line: 1,
      message: `Column "${name}" has the same value in every row.`,
      evidence: String(facts.firstValue).slice(0, 100),
      fix: 'Drop it, or note it once.',
    });
  }
  if (facts.padded > 0) {
    found.push({
      rule: 'padded_text',
      severity: 'low',
      line: facts.paddedLine,
      message: `Column "${name}" has ${facts.padded} values with spaces around them.`,
      evidence: `first at line ${facts.paddedLine}`,
      fix: 'Trim the values.',
    });
  }
  return found;
}

/** What is wrong with one column. */
export function judgeColumn(name: string, facts: ColumnFacts, judged: Judged): Finding[] {
  const { file, rows, missingShareMax } = judged;
  const missing = facts.missing + rows - facts.seen;
  const column = { name, facts, rows, missing };
  const empty: Problem = {
    rule: 'empty_column',
    severity: 'low',
    line: 1,
    message: `Column "${name}" has no value at all.`,
    evidence: `${rows} rows`,
    fix: 'Drop the column, or fill it at its source.',
  };
  const problems =
    missing === rows
      ? [empty]
      : [...missingValues(column, missingShareMax), ...mixtures(column), ...oddities(column)];
  return problems.map((problem) => qualityFinding(file, problem));
}
