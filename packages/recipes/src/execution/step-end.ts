import type { Finding, Usage } from '@automatos/contracts';
import type { StepResult } from '../references/render.ts';

/** How the work of a step ended, other than by a failure. */
export type StepEnd =
  | (StepResult & {
      kind: 'done';
      /** Calls that are counted at this very step; those of steps inside it are counted there. */
      usage: Usage;
      /** Of the steps inside, in their order; for others they are read from the result. */
      findings?: readonly Finding[];
      subRunId?: string;
    })
  | { kind: 'skipped'; reason: string };

/** What a step has done so far, for the events of its end. */
export interface Progress {
  attempts: number;
  errors: { code: string; retryable: boolean }[];
  /** Limit of one attempt; null without one. */
  timeoutMs: number | null;
  /** Last run that a recipe step started. */
  subRunId?: string;
}
