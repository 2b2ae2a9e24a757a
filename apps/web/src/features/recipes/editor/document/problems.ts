import type { FieldProblem } from '@automatos/sdk';
import { pointerParts } from './json-edit.ts';
import { locate, type SyntaxProblem } from './yaml-edit.ts';

/** What is wrong with a recipe, where, and what may repair it. Pure. */

export type Problem = FieldProblem;

export function syntaxProblem({ message, line, column }: SyntaxProblem): Problem {
  return { pointer: '', message: `This is not YAML: ${message}`, line, column };
}

/** 1-based place of a problem in the text; its own, else that of what it is about. */
export function placeOf(text: string, problem: Problem): { line: number; column: number } {
  if (problem.line !== undefined) return { line: problem.line, column: problem.column ?? 1 };
  return locate(text, pointerParts(problem.pointer)) ?? { line: 1, column: 1 };
}

/** 0-based place in the text of a 1-based line and column; never beyond its line. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const at = Math.min(Math.max(1, line), lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  return before + Math.min(Math.max(1, column) - 1, lines[at]?.length ?? 0);
}

/** What a problem is about in the text from its place on: what it quotes, the braces there, or the word. */
function wrongAt(rest: string, problem: Problem): { at: number; length: number } | null {
  const line = rest.split('\n')[0] ?? '';
  const braces = /^\{+[^}]*\}+/.exec(line)?.[0];
  for (const [, word = ''] of problem.message.matchAll(/"([^"]+)"/g)) {
    if (word === problem.suggestion) continue;
    const own = word.replace(/[^\p{L}\p{N}_-]/gu, '\\$&');
    const found = new RegExp(`(?<![\\p{L}\\p{N}_-])${own}(?![\\p{L}\\p{N}_-])`, 'u').exec(
      braces ?? line,
    );
    // Outside of a reference only a quote or a dot may stand before it: further on it is another place.
    if (found !== null && (braces !== undefined || found.index <= 1)) {
      return { at: found.index, length: word.length };
    }
  }
  if (problem.suggestion?.startsWith('{') === true) {
    return braces === undefined ? null : { at: 0, length: braces.length };
  }
  const at = /^['".]/.test(line) ? 1 : 0;
  const word = /^[\p{L}\p{N}_.-]+/u.exec(line.slice(at))?.[0];
  return word === undefined ? null : { at, length: word.length };
}

/** The text with a problem's suggestion in place of what is wrong; null when there is none or its place is unclear. */
export function withSuggestion(text: string, problem: Problem): string | null {
  if (problem.suggestion === undefined) return null;
  const { line, column } = placeOf(text, problem);
  const start = offsetOf(text, line, column);
  const wrong = wrongAt(text.slice(start), problem);
  if (wrong === null) return null;
  const from = start + wrong.at;
  const next = text.slice(0, from) + problem.suggestion + text.slice(from + wrong.length);
  return next === text ? null : next;
}

/** Problems of what stands at a pointer, and of what lies in it. */
export function problemsAt(problems: readonly Problem[], pointer: string): Problem[] {
  return problems.filter(
    (each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`),
  );
}
