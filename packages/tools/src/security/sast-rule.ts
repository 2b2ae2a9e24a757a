import type { Severity } from '@automatos/contracts';

export const SAST_LANGUAGES = ['javascript', 'typescript', 'tsx', 'python', 'bash'] as const;
export type SastLanguage = (typeof SAST_LANGUAGES)[number];

/** The part of ast-grep's rule language that the rules use; see its rule reference for the meaning of each key. */
export interface AstRule {
  pattern?: string | { context: string; selector: string };
  kind?: string;
  regex?: string;
  any?: AstRule[];
  all?: AstRule[];
  not?: AstRule;
  has?: AstRule & { stopBy?: 'end' | 'neighbor'; field?: string };
  inside?: AstRule & { stopBy?: 'end' | 'neighbor'; field?: string };
}

/** One security rule as data. */
export interface SastRule {
  id: string;
  severity: Severity;
  languages: readonly SastLanguage[];
  message: string;
  fix: string;
  /** Weakness in the CWE list. */
  cwe: number;
  /** Cheap test on the whole text; the syntax tree is searched only when it matches. */
  hint: RegExp;
  rule: AstRule;
  /** Conditions on the pattern's variables. */
  constraints?: Record<string, AstRule>;
}

export const JS_LIKE: readonly SastLanguage[] = ['javascript', 'typescript', 'tsx'];

/** A call that starts like `start`, with or without further arguments: a pattern's comma stands for a real one. */
export function anyTail(start: string): AstRule {
  return { any: [{ pattern: `${start})` }, { pattern: `${start}, $$$REST)` }] };
}
