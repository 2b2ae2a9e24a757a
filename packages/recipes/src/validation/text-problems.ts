import type { Path } from '../definition/pointer.ts';
import type { LoadedSource, TextSpot } from '../definition/source.ts';
import type { Span } from '../references/template.ts';
import type { ProblemList, ProblemOptions } from './problem-list.ts';

/** A text of the recipe in which problems have a place of their own. */
export interface TextPlace {
  list: ProblemList;
  source: LoadedSource;
  path: Path;
  text: string;
}

/** Adds a problem at a place inside a text; sources without lines get the place in the message. */
export function addTextProblem(
  at: TextPlace,
  span: Span,
  { message, ...options }: ProblemOptions & { message: string },
): void {
  const located = at.source.locate(at.path) !== null;
  at.list.add(at.path, located ? message : `${message} (${placeIn(at.text, span.start)})`, {
    ...options,
    spot: spotOf(at.text, span),
  });
}

/** What stands at a place on its line; at the end of a line, what stands before it. */
function spotOf(text: string, span: Span): TextSpot {
  const after = text.slice(span.start, Math.max(span.end, span.start + 1)).split('\n')[0] ?? '';
  if (after !== '') return { text: after, offset: span.start };
  const before = text.slice(0, span.start).split('\n').at(-1) ?? '';
  return { text: before, offset: span.start - before.length, shift: before.length };
}

/** Place inside a text for sources without lines of their own. */
function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1} of the text`;
}
