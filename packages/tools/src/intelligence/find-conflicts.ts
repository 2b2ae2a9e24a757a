import { sentencesOf } from './sentences.ts';
import type { SourceDocument } from './source-document.ts';
import { agree, sameSubject, statementsOf, type Statement } from './statements.ts';
import { jaccard, wordsOf } from './terms.ts';

/** Statements about one subject of which at least two of different sources disagree. */
export interface Conflict {
  kind: Statement['kind'];
  /** Words that the statements share. */
  subject: string;
  /** Groups of statements with equal values, that of most sources first. */
  sides: { value: string; statements: Statement[] }[];
}

const STATEMENTS_MAX = 6000;
const SHINGLE = 4;
const DUPLICATE_SHARE = 0.6;
const DUPLICATE_WORDS_MIN = 25;

function shingles(source: SourceDocument): Set<string> {
  const words = wordsOf(source.lines.join(' ').slice(0, 100_000));
  const found = new Set<string>();
  for (let at = 0; at + SHINGLE <= words.length; at += 1)
    found.add(words.slice(at, at + SHINGLE).join(' '));
  return found;
}

/** For each source that mostly repeats an earlier one, which. Copies count as one voice. */
export function findCopies(documents: readonly SourceDocument[]): Map<string, SourceDocument> {
  const copies = new Map<string, SourceDocument>();
  const seen: { source: SourceDocument; shingles: Set<string> }[] = [];
  for (const source of documents) {
    const own = shingles(source);
    const original = seen.find(
      (other) =>
        (own.size >= DUPLICATE_WORDS_MIN && jaccard(own, other.shingles) >= DUPLICATE_SHARE) ||
        (source.canonical !== null &&
          source.canonical !== source.url &&
          source.canonical === other.source.url),
    );
    if (original === undefined) seen.push({ source, shingles: own });
    else copies.set(source.id, original.source);
  }
  return copies;
}

function sidesOf(group: readonly Statement[]): Conflict['sides'] {
  const sides: Conflict['sides'] = [];
  for (const statement of group) {
    const side = sides.find(({ statements }) =>
      statements.some((other) => agree(other, statement)),
    );
    if (side === undefined) sides.push({ value: statement.shown, statements: [statement] });
    else side.statements.push(statement);
  }
  const voices = ({ statements }: Conflict['sides'][number]) =>
    new Set(statements.map(({ sentence }) => sentence.source.id)).size;
  return sides.toSorted((a, b) => voices(b) - voices(a));
}

function subjectOf(group: readonly Statement[]): string {
  const [first, ...rest] = group;
  if (first === undefined) return '';
  const shared = [...first.context].filter((term) => rest.some(({ context }) => context.has(term)));
  const words = wordsOf(first.sentence.text).filter((word) =>
    shared.some((term) => word.startsWith(term.slice(0, Math.max(3, term.length - 1)))),
  );
  return [...new Set(words)].slice(0, 8).join(' ');
}

/** Statements that share a rare-enough word, so that not every pair has to be compared. */
function candidates(statements: readonly Statement[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [at, { context, names, kind, unit }] of statements.entries())
    for (const term of new Set([...context, ...names])) {
      const key = `${kind} ${unit} ${term}`;
      const list = index.get(key);
      if (list === undefined) index.set(key, [at]);
      else list.push(at);
    }
  return index;
}

const COMMON_MAX = 200;

function groupStatements(statements: readonly Statement[]): Statement[][] {
  const parent = statements.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parent[root] !== root && parent[root] !== undefined) root = parent[root] as number;
    return root;
  };
  for (const list of candidates(statements).values()) {
    if (list.length > COMMON_MAX) continue;
    for (const [order, left] of list.entries())
      for (const right of list.slice(order + 1)) {
        const a = statements[left];
        const b = statements[right];
        if (a === undefined || b === undefined || rootOf(left) === rootOf(right)) continue;
        if (a.sentence.source === b.sentence.source || !sameSubject(a, b)) continue;
        parent[Math.max(rootOf(left), rootOf(right))] = Math.min(rootOf(left), rootOf(right));
      }
  }
  const groups = new Map<number, Statement[]>();
  for (const [at, statement] of statements.entries())
    groups.set(rootOf(at), [...(groups.get(rootOf(at)) ?? []), statement]);
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Conflicts between sources that are not copies of each other, in order of the first statement, and how many statements were compared. */
export function findConflicts(documents: readonly SourceDocument[]): {
  conflicts: Conflict[];
  statements: number;
  left: number;
} {
  const copies = findCopies(documents);
  const voices = documents.filter(({ id, kind }) => !copies.has(id) && kind !== 'history');
  const all = voices.flatMap((source) => sentencesOf(source).flatMap(statementsOf));
  const statements = all.slice(0, STATEMENTS_MAX);
  const conflicts = groupStatements(statements).flatMap((group): Conflict[] => {
    const sides = sidesOf(group);
    const first = group[0];
    return sides.length < 2 || first === undefined
      ? []
      : [{ kind: first.kind, subject: subjectOf(group), sides }];
  });
  return { conflicts, statements: statements.length, left: all.length - statements.length };
}
