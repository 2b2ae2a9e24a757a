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

/** How much of the text at `offset` a problem is about: what it quotes, braces, or one word. */
function wrongAt(rest: string, problem: Problem): string | null {
  const quoted = [...problem.message.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
  const named = quoted.find((word) => word !== problem.suggestion && rest.startsWith(word));
  if (named !== undefined) return named;
  const pattern =
    problem.suggestion?.startsWith('{') === true ? /^\{+[^}\n]*\}+/ : /^[\p{L}\p{N}_.-]+/u;
  return pattern.exec(rest)?.[0] ?? null;
}

/** The text with a problem's suggestion in place of what is wrong; null when there is none or its place is unclear. */
export function withSuggestion(text: string, problem: Problem): string | null {
  if (problem.suggestion === undefined) return null;
  const { line, column } = placeOf(text, problem);
  const start = offsetOf(text, line, column);
  const offset = /^['"]/.test(text.slice(start)) ? start + 1 : start;
  const wrong = wrongAt(text.slice(offset), problem);
  if (wrong === null || wrong === problem.suggestion) return null;
  return text.slice(0, offset) + problem.suggestion + text.slice(offset + wrong.length);
}

/** Problems of what stands at a pointer, and of what lies in it. */
export function problemsAt(problems: readonly Problem[], pointer: string): Problem[] {
  return problems.filter(
    (each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`),
  );
}
