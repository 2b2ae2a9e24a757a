import type { JsonObject } from '@automatos/kernel';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type { CountedUsage } from '../usage/cost.ts';

/** Body of a chat request in OpenAI's wire, as the caller sent it; what is not named here is the vendor's matter. */
export type ChatBody = JsonObject & { model: string };

/** Where the answer's bytes go, as they come. */
export interface PassTarget {
  /** Called once, when there is something of the answer itself; before it a failure is silent and another candidate may answer. */
  begin(): void;
  /** False: wait for `drained` before more. */
  write(bytes: Uint8Array | string): boolean;
  /** Resolves when more can be taken, or nobody takes anything any more. */
  drained(): Promise<void>;
  /** Called once after the whole answer; of a stream all but its end mark (`[DONE]`) was written. */
  end(answer: PassedAnswer): void;
}

/** An answer that was passed on whole. */
export interface PassedAnswer {
  ref: ModelRef;
  usage: CountedUsage;
  costMicros: number | null;
  costIsUpperBound: boolean;
  /** Body of an answer that was not streamed. */
  body: Buffer | null;
  durationMs: number;
  firstTokenMs: number | null;
}
