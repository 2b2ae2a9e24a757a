import type { CoordinationRequest } from './coordination-types.ts';
import type { Blackboard } from '@automatos/tools';
import type { DecisionLog } from './decision-log.ts';
import type { NeedField } from './market/need-field.ts';
import type { WorkSite } from './work/unit-turn.ts';

/** What the parts of one piece of coordinated work share. */
export interface Coordination extends WorkSite {
  request: CoordinationRequest;
  log: DecisionLog;
  board: Blackboard;
  field: NeedField | null;
}
