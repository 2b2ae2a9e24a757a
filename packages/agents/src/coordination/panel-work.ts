import type { CollaborativeSettings } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import type { Match } from './assigning/match.ts';
import type { Panel } from './assigning/plan-panels.ts';
import type { Share } from './assigning/shares.ts';
import type { Teammate, UnitOutcome, WorkUnit } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import type { TurnOutcome } from './work/unit-turn.ts';

/** A unit with the panel that is to do it. */
export interface Together {
  unit: WorkUnit;
  earlier: UnitOutcome[];
  panel: Panel;
  settings: CollaborativeSettings;
  share: Share;
  place: readonly number[];
}

/** An agent of the panel with its newest result. */
export interface Member {
  match: Match;
  mate: Teammate;
  outcome: TurnOutcome;
}

export interface Doing extends Together {
  site: Coordination;
  context: RunContext;
  left: Share;
  /** Every turn that was made, for what they took. */
  turns: UnitOutcome[];
  decided: number;
}

/** Tells the next decision of the unit. */
export function decide(doing: Doing, decision: Parameters<Coordination['log']['decide']>[1]): void {
  doing.site.log.decide([...doing.place, doing.decided], decision);
  doing.decided += 1;
}

/** Part of the names of its calls. */
export const keyOf = ({ site: { request }, unit }: Doing): string =>
  `${request.stepId}/${request.attempt}/${unit.id}`;
