import type { PatternKind } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';

/** A pattern as work is done by it. */
export interface ResolvedPattern {
  slug: string;
  kind: PatternKind;
  settings: JsonObject;
}
