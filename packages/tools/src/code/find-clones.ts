/** A token with the line it stands on. */
interface Token {
  id: number;
  line: number;
}

export interface CloneSide {
  path: string;
  line: number;
  end_line: number;
}

export interface Clone {
  first: CloneSide;
  second: CloneSide;
  tokens: number;
  lines: number;
}

const COMMON = String.raw`"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\x60(?:\\.|[^\x60\\])*\x60|[A-Za-z_$][\w$]*|\d[\w.]*|[^\s\w]`;
const SLASH_TOKEN = new RegExp(String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*|${COMMON}`, 'g');
const HASH_TOKEN = new RegExp(String.raw`#[^\n]*|${COMMON}`, 'g');

/** Interns tokens: comments go, texts and numbers count as equal, names and signs as themselves. */
export class TokenTable {
  readonly #ids = new Map<string, number>();

  tokenize(text: string, hashComments: boolean): Token[] {
    const tokens: Token[] = [];
    let line = 1;
    let at = 0;
    for (const match of text.matchAll(hashComments ? HASH_TOKEN : SLASH_TOKEN)) {
      const raw = match[0];
      for (let index = at; index < match.index; index++)
        if (text.charCodeAt(index) === 10) line += 1;
      at = match.index;
      const first = raw[0] ?? '';
      if (hashComments ? first === '#' : raw.startsWith('//') || raw.startsWith('/*')) continue;
      tokens.push({ id: this.#idOf(this.#normal(raw, first)), line });
    }
    return tokens;
  }

  #normal(raw: string, first: string): string {
    if (first === '"' || first === "'" || first === '`') return '"';
    if (first >= '0' && first <= '9') return '0';
    return raw;
  }

  #idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#ids.size + 1);
    return this.#ids.size;
  }
}

export interface CloneInput {
  path: string;
  text: string;
  hashComments: boolean;
}

export interface CloneResult {
  clones: Clone[];
  tokens: number;
  /** Files left out because the token limit was reached. */
  filesLeftOut: number;
  duplicatedLines: Map<string, Set<number>>;
}

const BASE = 1_000_003;
const POSITIONS_MAX = 8;

/**
 * All files as one row of tokens, with a separator (a negative id that equals nothing) between them.
 */
interface TokenRow {
  ids: Int32Array;
  lines: Int32Array;
  fileOf: Int32Array;
  length: number;
  paths: string[];
}

function buildRow(
  files: readonly CloneInput[],
  tokensMax: number,
): { row: TokenRow; leftOut: number } {
  const table = new TokenTable();
  const ids: number[] = [];
  const lines: number[] = [];
  const fileOf: number[] = [];
  const paths: string[] = [];
  let leftOut = 0;
  for (const file of files) {
    if (ids.length >= tokensMax) {
      leftOut += 1;
      continue;
    }
    const index = paths.push(file.path) - 1;
    for (const token of table.tokenize(file.text, file.hashComments)) {
      ids.push(token.id);
      lines.push(token.line);
      fileOf.push(index);
    }
    ids.push(-index - 1);
    lines.push(0);
    fileOf.push(index);
  }
  return {
    row: {
      ids: Int32Array.from(ids),
      lines: Int32Array.from(lines),
      fileOf: Int32Array.from(fileOf),
      length: ids.length,
      paths,
    },
    leftOut,
  };
}

/** How many tokens from `a` and `b` (a < b) on are equal, without running into each other. */
function matchLength(row: TokenRow, a: number, b: number): number {
  let length = 0;
  while (
    b + length < row.length &&
    a + length < b &&
    row.ids[a + length] === row.ids[b + length] &&
    (row.ids[a + length] ?? -1) > 0
  )
    length += 1;
  return length;
}

function sideOf(row: TokenRow, from: number, length: number): CloneSide {
  return {
    path: row.paths[row.fileOf[from] ?? 0] ?? '',
    line: row.lines[from] ?? 1,
    end_line: row.lines[from + length - 1] ?? 1,
  };
}

/** Finds repeated runs of at least `tokensMin` equal tokens with a rolling hash; each later copy is reported once. */
export function findClones(
  files: readonly CloneInput[],
  options: { tokensMin: number; linesMin: number; tokensMax: number },
): CloneResult {
  const { row, leftOut } = buildRow(files, options.tokensMax);
  const window = options.tokensMin;
  const seen = new Map<number, number[]>();
  const clones: Clone[] = [];
  const duplicatedLines = new Map<string, Set<number>>();
  let power = 1;
  for (let index = 1; index < window; index++) power = Math.imul(power, BASE);
  let hash = 0;
  let skipUntil = 0;
  for (let end = 0; end < row.length; end++) {
    const start = end - window + 1;
    if (start > 0) hash = (hash - Math.imul(row.ids[start - 1] ?? 0, power)) | 0;
    hash = (Math.imul(hash, BASE) + (row.ids[end] ?? 0)) | 0;
    if (start < 0) continue;
    const before = seen.get(hash);
    if (start >= skipUntil && before !== undefined) {
      const best = bestMatch(row, before, start);
      const clone = best.length >= window ? toClone(row, best, start) : undefined;
      if (clone !== undefined && clone.lines >= options.linesMin) {
        clones.push(clone);
        markLines(duplicatedLines, clone.second);
        skipUntil = start + best.length;
      }
    }
    if (before === undefined) seen.set(hash, [start]);
    else if (before.length < POSITIONS_MAX) before.push(start);
  }
  return { clones, tokens: row.length, filesLeftOut: leftOut, duplicatedLines };
}

function bestMatch(
  row: TokenRow,
  candidates: readonly number[],
  start: number,
): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  for (const at of candidates) {
    const length = matchLength(row, at, start);
    if (length > best.length) best = { at, length };
  }
  return best;
}

/** Tokens at the start that only close the line before, such as `);` */
function closingTokens(row: TokenRow, start: number, length: number): number {
  const isLineStart = (at: number) => row.lines[at] !== row.lines[at - 1];
  if (isLineStart(start)) return 0;
  for (let skip = 1; skip <= 3 && skip < length; skip++) if (isLineStart(start + skip)) return skip;
  return 0;
}

function toClone(row: TokenRow, match: { at: number; length: number }, start: number): Clone {
  const skip = Math.max(
    closingTokens(row, start, match.length),
    closingTokens(row, match.at, match.length),
  );
  const length = match.length - skip;
  const second = sideOf(row, start + skip, length);
  return {
    first: sideOf(row, match.at + skip, length),
    second,
    tokens: length,
    lines: second.end_line - second.line + 1,
  };
}

function markLines(marked: Map<string, Set<number>>, side: CloneSide): void {
  const lines = marked.get(side.path) ?? new Set<number>();
  for (let line = side.line; line <= side.end_line; line++) lines.add(line);
  marked.set(side.path, lines);
}
