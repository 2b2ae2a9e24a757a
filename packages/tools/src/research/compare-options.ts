import { sentencesOf, type Sentence } from '../intelligence/sentences.ts';
import type { SourceDocument } from '../intelligence/source-document.ts';
import { agree, statementsOf, type Statement } from '../intelligence/statements.ts';
import { termsOf } from '../intelligence/terms.ts';
import { criterionTerms } from './plan-question.ts';

export interface CellStatement {
  sentence: Sentence;
  /** Values that it gives for the criterion. */
  values: Statement[];
}
export interface Cell {
  option: string;
  criterion: string;
  statements: CellStatement[];
  agreement: 'none' | 'single' | 'agree' | 'differ';
  /** Two statements that contradict each other, with `differ`. */
  against: [Statement, Statement] | null;
}

/** Sentences that speak of an option, and of no other one in the same sentence: by name, or below a heading that names it. */
function aboutOption(sentence: Sentence, option: string, others: readonly string[]): boolean {
  const names = (text: string, name: string): boolean =>
    new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'i').test(
      text,
    );
  if (names(sentence.text, option)) return true;
  const mentionsOther = others.some((other) => names(sentence.text, other));
  return !mentionsOther && sentence.heading !== null && names(sentence.heading, option);
}

/** The part of a sentence that speaks of one option, where it names several. */
function partFor(text: string, option: string, others: readonly string[]): string {
  if (!others.some((other) => text.toLowerCase().includes(other.toLowerCase()))) return text;
  const parts = text.split(/[;,]\s+(?:while|whereas|but|and)?\s*|\s+(?:while|whereas|but)\s+/i);
  return (
    parts.filter((part) => part.toLowerCase().includes(option.toLowerCase())).join('; ') || text
  );
}

function tableRows(source: SourceDocument): { head: string[]; cells: string[]; line: number }[] {
  const rows: { head: string[]; cells: string[]; line: number }[] = [];
  let head: string[] | undefined;
  const split = (text: string): string[] =>
    text
      .replaceAll(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  for (const [index, raw] of source.lines.entries()) {
    const text = raw.trim();
    if (!/^\|.*\|$/.test(text)) head = undefined;
    else if (/^[|:\s-]+$/.test(text)) continue;
    else if (head === undefined) head = split(text);
    else rows.push({ head, cells: split(text), line: index + 1 });
  }
  return rows;
}

/** Rows that name the option, as sentences of the columns that are about the criterion. */
function fromTables(
  source: SourceDocument,
  option: string,
  wanted: ReadonlySet<string>,
): Sentence[] {
  return tableRows(source).flatMap(({ head, cells, line }) => {
    const isRow = (cells[0] ?? '').toLowerCase() === option.toLowerCase();
    return isRow
      ? head.flatMap((name, column) =>
          column > 0 &&
          termsOf(name).some((term) => wanted.has(term)) &&
          (cells[column] ?? '') !== ''
            ? [
                {
                  text: `${option} ${name}: ${cells[column] ?? ''}`,
                  line,
                  endLine: line,
                  heading: null,
                  source,
                },
              ]
            : [],
        )
      : [];
  });
}

function statementsFor(
  sentence: Sentence,
  option: string,
  others: readonly string[],
): CellStatement {
  const text = partFor(sentence.text, option, others);
  return {
    sentence,
    values: statementsOf({ ...sentence, text }).filter(({ kind }) => kind !== 'claim'),
  };
}

/** Two values of one kind and unit from different sources that disagree. */
function contradiction(statements: readonly CellStatement[]): [Statement, Statement] | null {
  const values = statements.flatMap((statement) => statement.values);
  for (const [index, a] of values.entries())
    for (const b of values.slice(index + 1)) {
      const comparable =
        a.kind === b.kind &&
        a.unit === b.unit &&
        a.sentence.source !== b.sentence.source &&
        !([...a.times].some((time) => !b.times.has(time)) && b.times.size > 0);
      if (comparable && !agree(a, b)) return [a, b];
    }
  return null;
}

const STATEMENTS_MAX = 8;

/** What the sources say of each option by each criterion. */
export function compareOptions(
  documents: readonly SourceDocument[],
  options: readonly string[],
  criteria: readonly string[],
): Cell[] {
  const sentences = documents.flatMap(sentencesOf).filter(({ text }) => !text.startsWith('|'));
  return options.flatMap((option) => {
    const others = options.filter((other) => other !== option);
    const own = sentences.filter((sentence) => aboutOption(sentence, option, others));
    return criteria.map((criterion): Cell => {
      const wanted = criterionTerms(criterion);
      const matching = own.filter((sentence) =>
        termsOf(partFor(sentence.text, option, others)).some((term) => wanted.has(term)),
      );
      const tabled = documents.flatMap((source) => fromTables(source, option, wanted));
      const statements = [...matching, ...tabled]
        .slice(0, STATEMENTS_MAX)
        .map((sentence) => statementsFor(sentence, option, others));
      const voices = new Set(statements.map(({ sentence }) => sentence.source.id)).size;
      const against = contradiction(statements);
      const agreement =
        voices === 0 ? 'none' : against !== null ? 'differ' : voices === 1 ? 'single' : 'agree';
      return { option, criterion, statements, agreement, against };
    });
  });
}
