import type { FieldError } from '@automatos/kernel';
import { toPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import type { LoadedSource, TextSpot } from '../definition/source.ts';

/** Problems of one recipe that are reported. */
const PROBLEMS_MAX = 100;

export interface ProblemOptions {
  suggestion?: string | null;
  /** Point at the field's name instead of its value. */
  key?: boolean;
  /** Place inside the text of the field. */
  spot?: TextSpot;
}

/** Collects the problems of one recipe with their positions. */
export interface ProblemList {
  readonly problems: FieldError[];
  add(path: Path, message: string, options?: ProblemOptions): void;
}

export function createProblemList(source: LoadedSource, problems: FieldError[]): ProblemList {
  return {
    problems,
    add(path, message, options = {}) {
      if (problems.length >= PROBLEMS_MAX) return;
      const { suggestion, key, spot } = options;
      const position = source.locate(path, {
        ...(key === undefined ? {} : { key }),
        ...(spot === undefined ? {} : { spot }),
      });
      const near = suggestion ?? null;
      problems.push({
        pointer: toPointer(path),
        message:
          near === null || message.includes('did you mean')
            ? message
            : `${message}; did you mean "${near}"?`,
        ...position,
        ...(near === null ? {} : { suggestion: near }),
      });
    },
  };
}

/** Line by line order for texts, pointer order otherwise; equal problems once. */
export function sortProblems(problems: FieldError[]): FieldError[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
