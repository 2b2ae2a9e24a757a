import type { JsonObject, JsonValue } from '@automatos/kernel';

export const CODE_LANGUAGES = ['javascript', 'python'] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

export interface CodeJob {
  /** Defines a function `main(input)`, which returns JSON; in JavaScript it may be async. */
  source: string;
  input: JsonObject;
  /** Wall time in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface CodeResult {
  value: JsonValue;
  /** What the code printed, the first 64 KiB. */
  log: string;
}

/** Code of one language, isolated. */
export interface LanguageRunner {
  check(): Promise<{ available: true } | { available: false; reason: string }>;
  /**
   * Throws `tools.code.failed` for code that throws or returns no JSON, `tools.code.stopped` at a limit,
   * `tools.sandbox.unavailable` where it cannot be isolated; rejects with the signal's reason when it aborts.
   */
  run(job: CodeJob): Promise<CodeResult>;
}

export type CodeRunner = Readonly<Record<CodeLanguage, LanguageRunner>>;
