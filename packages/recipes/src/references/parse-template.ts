import type {
  FilterCall,
  PathSegment,
  Reference,
  Template,
  TemplateProblem,
  TextPart,
} from './template.ts';

/** Longest reference, from brace to brace. */
const REFERENCE_CHARACTERS_MAX = 2000;
/** Problems of one text that are reported; what follows is left as text. */
const PROBLEMS_MAX = 50;
/** Name, optionally with a path, alone in single braces: `{input.path}`, `{step_2_output}`, `{summary}`. */
const SINGLE = /^\{([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,9}\])*)\}/;

/**
 * Splits a text into plain parts and references; never throws.
 *
 * Openers are `{{` and, for the forms in single braces, `{name}`. A backslash before an opener makes it plain text, two
 * stand for one backslash. Of three or more braces in a row the last two open, so that a reference may stand inside
 * JSON braces. Other braces are text.
 */
export function parseTemplate(source: string): Template {
  const parts: (TextPart | Reference)[] = [];
  const problems: TemplateProblem[] = [];
  let text = '';
  let at = 0;
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  while (at < source.length && problems.length < PROBLEMS_MAX) {
    const next = nextOpener(source, at);
    if (next === null) break;
    const { slashes, brace, braces } = next;
    text += source.slice(at, brace - slashes) + '\\'.repeat(Math.floor(slashes / 2));
    if (slashes % 2 === 1) {
      text += '{'.repeat(braces);
      at = brace + braces;
      continue;
    }
    if (braces > 2) text += '{'.repeat(braces - 2);
    const start = braces > 2 ? brace + braces - 2 : brace;
    const read = braces === 1 ? readSingle(source, start) : readDouble(source, start);
    if ('message' in read) {
      problems.push(read);
      text += source.slice(start, read.end);
      at = Math.max(read.end, start + 2);
      continue;
    }
    flush();
    parts.push(read);
    at = read.end;
  }
  text += source.slice(at);
  flush();
  return { source, parts, problems };
}

interface Opener {
  brace: number;
  braces: number;
  slashes: number;
}

function nextOpener(source: string, from: number): Opener | null {
  let at = source.indexOf('{', from);
  while (at !== -1) {
    let braces = 1;
    while (source[at + braces] === '{') braces += 1;
    if (braces > 1 || SINGLE.test(source.slice(at, at + 400))) {
      let slashes = 0;
      while (at - slashes > from && source[at - slashes - 1] === '\\') slashes += 1;
      return { brace: at, braces, slashes };
    }
    at = source.indexOf('{', at + braces);
  }
  return null;
}

function readSingle(source: string, start: number): Reference {
  const match = SINGLE.exec(source.slice(start, start + 400));
  const raw = match?.[0] ?? '';
  const root = match?.[1] ?? '';
  const path: PathSegment[] = [];
  let at = start + 1 + root.length;
  for (const piece of (match?.[2] ?? '').match(/\.[^.[]+|\[\d+\]/g) ?? []) {
    const span = { start: at, end: at + piece.length };
    path.push(
      piece.startsWith('.')
        ? { kind: 'field', name: piece.slice(1), ...span }
        : { kind: 'index', index: Number(piece.slice(1, -1)), ...span },
    );
    at = span.end;
  }
  return { kind: 'reference', form: 'single', root, path, filters: [], raw, start, end: at + 1 };
}

/** Reads the reference whose opening brace stands at `start`; null when none does. */
export function readReference(source: string, start: number): Reference | TemplateProblem | null {
  if (source.startsWith('{{', start)) return readDouble(source, start);
  return SINGLE.test(source.slice(start, start + 400)) ? readSingle(source, start) : null;
}

/** Reads `{{ … }}` at `start` by recursive descent. */
function readDouble(source: string, start: number): Reference | TemplateProblem {
  const cursor = new Cursor(source, start + 2);
  try {
    const root = cursor.identifier('a name such as inputs, steps, previous or run');
    const path = cursor.path();
    const filters: FilterCall[] = [];
    while (cursor.take('|')) filters.push(cursor.filter());
    if (!cursor.take('}}')) cursor.fail('expected "}}", "." or "|"');
    const end = cursor.at;
    const raw = source.slice(start, end);
    return { kind: 'reference', form: 'double', root, path, filters, raw, start, end };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const near = source.slice(start, start + REFERENCE_CHARACTERS_MAX);
    const close = near.indexOf('}}');
    const end = start + (close === -1 ? 2 : close + 2);
    const message = `${error.message}; write \\{{ for plain braces`;
    return { start: Math.min(error.at, source.length), end, message };
  }
}

class Unreadable extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reading position inside one reference; each method skips blanks first. */
class Cursor {
  at: number;
  readonly #source: string;
  readonly #bound: number;

  constructor(source: string, at: number) {
    this.#source = source;
    this.at = at;
    this.#bound = Math.min(source.length, at + REFERENCE_CHARACTERS_MAX);
  }

  fail(message: string): never {
    const found = this.#source.slice(this.at, this.at + 12).split('\n')[0] ?? '';
    const shown = this.at >= this.#bound || found === '' ? 'the end' : `"${found}"`;
    throw new Unreadable(`${message}, found ${shown}`, this.#shownAt());
  }

  /** Where people should look: the end of the line that breaks off, not the start of the next one. */
  #shownAt(): number {
    const before = this.#source.slice(Math.max(0, this.at - 200), this.at);
    const blanks = before.slice(before.trimEnd().length);
    return blanks.includes('\n') ? this.at - blanks.length : this.at;
  }

  take(token: string): boolean {
    this.#blanks();
    if (this.at >= this.#bound || !this.#source.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  identifier(wanted: string): string {
    this.#blanks();
    return this.#match(/[A-Za-z_][A-Za-z0-9_-]*/y) ?? this.fail(`expected ${wanted}`);
  }

  path(): PathSegment[] {
    const path: PathSegment[] = [];
    for (;;) {
      const start = this.at;
      if (this.take('.')) {
        const name = this.identifier('a field name');
        path.push({ kind: 'field', name, start, end: this.at });
      } else if (this.take('[')) {
        path.push({ ...this.#bracket(), start, end: this.at });
      } else return path;
    }
  }

  filter(): FilterCall {
    this.#blanks();
    const start = this.at;
    const name = this.identifier('the name of a filter');
    const args: FilterCall['args'] = [];
    if (this.take(':')) {
      do args.push(this.#literal());
      while (this.take(','));
    }
    return { name, args, start, end: this.at };
  }

  #bracket(): { kind: 'field'; name: string } | { kind: 'index'; index: number } {
    const value = this.#literal();
    if (!this.take(']')) this.fail('expected "]"');
    if (typeof value === 'string') return { kind: 'field', name: value };
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      return { kind: 'index', index: value };
    }
    return this.fail('brackets hold a whole number from 0 or a quoted name');
  }

  #literal(): string | number | boolean | null {
    this.#blanks();
    const word = this.#match(/true\b|false\b|null\b/y);
    if (word !== null) return word === 'null' ? null : word === 'true';
    const number = this.#match(/-?\d{1,15}(?:\.\d{1,15})?(?![\w.])/y);
    if (number !== null) return Number(number);
    const quoted = this.#match(/'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y);
    if (quoted === null) return this.fail('expected a quoted text, a number, true, false or null');
    return unescape(quoted.slice(1, -1));
  }

  #blanks(): void {
    this.#match(/\s+/y);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#source)?.[0] ?? null;
    if (found === null || this.at + found.length > this.#bound) return null;
    this.at += found.length;
    return found;
  }
}

/** Quoted text with escapes, as filters and conditions write it. */
export const QUOTED = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y;

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The text inside of quotes with its escapes replaced. */
export function unescape(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|[^])/g, (_whole, code: string) =>
    code.length === 5
      ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
      : (ESCAPES[code] ?? code),
  );
}
