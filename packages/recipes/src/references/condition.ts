import { QUOTED, readReference, unescape } from './parse-template.ts';
import type { Reference, Span, TemplateProblem } from './template.ts';

export const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>', 'in', 'contains'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Literal = string | number | boolean | null | Literal[];

/** A parsed condition. `span`s are UTF-16 units of its source. */
export type Condition = Span &
  (
    | { kind: 'and' | 'or'; left: Condition; right: Condition }
    | { kind: 'not'; inner: Condition }
    | { kind: 'compare'; operator: Comparison; left: Condition; right: Condition }
    | { kind: 'reference'; reference: Reference }
    | { kind: 'literal'; value: Literal }
  );

export interface ParsedCondition {
  source: string;
  /** Null when there is a problem. */
  condition: Condition | null;
  problem: TemplateProblem | null;
}

/** Deepest nesting of parentheses, lists and `not`. */
const DEPTH_MAX = 50;

/**
 * Parses a condition; never throws. From loose to tight: `or`, `and`, `not`, then one comparison
 * (`== != < <= > >= in contains`, and `not in`) between references `{{…}}`, quoted texts, numbers, `true`, `false`,
 * `null`, lists `[…]` and parentheses. Comparisons are not chained.
 */
export function parseCondition(source: string): ParsedCondition {
  const parser = new Parser(source);
  try {
    const condition = parser.whole();
    return { source, condition, problem: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { source, condition: null, problem: error.problem };
  }
}

/** Every reference of a condition, in the order of the text. */
export function referencesOf(condition: Condition): Reference[] {
  switch (condition.kind) {
    case 'reference':
      return [condition.reference];
    case 'literal':
      return [];
    case 'not':
      return referencesOf(condition.inner);
    default:
      return [...referencesOf(condition.left), ...referencesOf(condition.right)];
  }
}

class Unreadable extends Error {
  readonly problem: TemplateProblem;
  constructor(problem: TemplateProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Condition {
    const condition = this.#or();
    this.#blanks();
    if (this.#at < this.#source.length) {
      this.#fail('expected an operator (== != < <= > >= in contains and or)');
    }
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#word('or')) left = this.#joined('or', left, this.#and());
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#word('and')) left = this.#joined('and', left, this.#not());
    return left;
  }

  #joined(kind: 'and' | 'or', left: Condition, right: Condition): Condition {
    return { kind, left, right, start: left.start, end: right.end };
  }

  #not(): Condition {
    this.#blanks();
    const start = this.#at;
    if (!this.#word('not')) return this.#compare();
    return this.#deeper(() => {
      const inner = this.#not();
      return { kind: 'not', inner, start, end: inner.end };
    });
  }

  #compare(): Condition {
    const left = this.#operand();
    const operator = this.#operator();
    if (operator === null) return left;
    const right = this.#operand();
    const span = { start: left.start, end: right.end };
    const compare: Condition = { kind: 'compare', operator: operator.name, left, right, ...span };
    const at = this.#at;
    if (this.#operator() !== null) {
      this.#at = at;
      this.#blanks();
      this.#fail('comparisons are not chained; join two by "and"');
    }
    return operator.negated ? { kind: 'not', inner: compare, ...span } : compare;
  }

  #operator(): { name: Comparison; negated: boolean } | null {
    this.#blanks();
    for (const name of COMPARISONS) {
      const found = /[a-z]/.test(name) ? this.#word(name) : this.#token(name);
      if (found) return { name, negated: false };
    }
    const at = this.#at;
    if (this.#word('not') && this.#word('in')) return { name: 'in', negated: true };
    this.#at = at;
    if (/^(?:=(?!=)|&&|\|\||!(?!=))/.test(this.#source.slice(at))) {
      this.#fail('operators are == != < <= > >= in contains and or not');
    }
    return null;
  }

  #operand(): Condition {
    this.#blanks();
    const start = this.#at;
    if (this.#token('(')) {
      return this.#deeper(() => {
        const inner = this.#or();
        this.#expect(')');
        return { ...inner, start, end: this.#at };
      });
    }
    const reference = readReference(this.#source, start);
    if (reference !== null) {
      if ('message' in reference) {
        const message = reference.message.replace(/; write .*$/, '');
        throw new Unreadable({ ...reference, message });
      }
      this.#at = reference.end;
      return { kind: 'reference', reference, start, end: reference.end };
    }
    return { kind: 'literal', value: this.#literal(), start, end: this.#at };
  }

  #literal(): Literal {
    this.#blanks();
    const quoted = this.#match(QUOTED);
    if (quoted !== null) return unescape(quoted.slice(1, -1));
    const number = this.#match(/-?\d{1,15}(?:\.\d{1,15})?(?![\w.])/y);
    if (number !== null) return Number(number);
    const word = this.#match(/(?:true|false|null)(?![\w-])/y);
    if (word !== null) return word === 'null' ? null : word === 'true';
    if (this.#token('[')) return this.#deeper(() => this.#list());
    return this.#noOperand();
  }

  #list(): Literal[] {
    const items: Literal[] = [];
    if (this.#token(']')) return items;
    do items.push(this.#literal());
    while (this.#token(','));
    this.#expect(']');
    return items;
  }

  #noOperand(): never {
    const name = this.#match(/[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*/y);
    if (name === null) {
      return this.#fail('expected a reference {{…}}, a quoted text, a number, true, false or null');
    }
    const start = this.#at - name.length;
    const message = name.includes('.')
      ? `"${name}" needs braces: {{${name}}}`
      : `"${name}" is neither a reference {{${name}}} nor a quoted text '${name}'`;
    throw new Unreadable({ start, end: this.#at, message });
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#fail(`nests deeper than ${DEPTH_MAX} levels`);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #expect(token: string): void {
    if (!this.#token(token)) this.#fail(`expected "${token}"`);
  }

  #token(token: string): boolean {
    this.#blanks();
    if (!this.#source.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  /** A word as an operator, not as the start of a longer name. */
  #word(word: string): boolean {
    this.#blanks();
    const end = this.#at + word.length;
    if (this.#source.slice(this.#at, end) !== word) return false;
    if (/[\w-]/.test(this.#source.charAt(end))) return false;
    this.#at = end;
    return true;
  }

  #blanks(): void {
    this.#match(/\s+/y);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #fail(message: string): never {
    const found = this.#source.slice(this.#at, this.#at + 12).split('\n')[0] ?? '';
    const shown = found === '' ? 'the end' : `"${found}"`;
    const start = Math.min(this.#at, this.#source.length);
    throw new Unreadable({
      start,
      end: start + found.length,
      message: `${message}, found ${shown}`,
    });
  }
}
