import type { TrackRecord } from '@automatos/agents';
import type { Agent } from '@automatos/contracts';

/** An agent that may be chosen, with what it has done so far. */
export interface Candidate {
  agent: Agent;
  history: AgentHistory;
}

export interface AgentHistory {
  /** On units of tasks that called for this capability. */
  byNeed: Readonly<Record<string, TrackRecord>>;
  /** On all work: units of tasks, and steps of other runs. */
  all: TrackRecord;
}

export const NO_RECORD: TrackRecord = {
  runs: 0,
  successes: 0,
  meanQuality: null,
  meanDurationMs: null,
  meanCostMicros: null,
};

/** Two records as one; means are weighted by the runs behind them. */
export function addRecords(a: TrackRecord, b: TrackRecord): TrackRecord {
  const mean = (key: 'meanQuality' | 'meanDurationMs' | 'meanCostMicros') => {
    const [x, y] = [a[key], b[key]];
    if (x === null || y === null) return x ?? y;
    return (x * a.runs + y * b.runs) / (a.runs + b.runs);
  };
  return {
    runs: a.runs + b.runs,
    successes: a.successes + b.successes,
    meanQuality: mean('meanQuality'),
    meanDurationMs: mean('meanDurationMs'),
    meanCostMicros: mean('meanCostMicros'),
  };
}
