import { TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { EventType, RunStatus } from '@automatos/contracts';

/** What the events of a run have made of it so far; the row of the run holds exactly this. */
export interface RunState {
  status: RunStatus;
  /** Approvals that wait for a decision. */
  openApprovals: number;
  /** Whether its body has begun once. */
  started: boolean;
}

export const CREATED: RunState = { status: 'queued', openApprovals: 0, started: false };

export function isTerminal(status: RunStatus): boolean {
  return TERMINAL_RUN_STATUSES.includes(status);
}

/** State after `type`; an event that does not fit changes nothing, so a terminal status is never left. */
export function nextState(state: RunState, type: EventType): RunState {
  if (isTerminal(state.status)) return state;
  switch (type) {
    case 'run.started':
      return atWork({ ...state, started: true });
    case 'run.paused':
      return { ...state, status: 'paused' };
    case 'run.resumed':
      // A run that was held back in the queue goes back to it.
      return state.status === 'paused' ? atWork({ ...state, status: 'queued' }) : state;
    case 'step.waiting_approval':
      return atWork({ ...state, openApprovals: state.openApprovals + 1 });
    case 'approval.decided':
      return atWork({ ...state, openApprovals: Math.max(0, state.openApprovals - 1) });
    case 'run.completed':
      return state.started ? ended(state, 'completed') : state;
    case 'run.failed':
      return ended(state, 'failed');
    case 'run.cancelled':
      return ended(state, 'cancelled');
    default:
      return state;
  }
}

/** A pause wins over everything; otherwise a run that has begun works, or waits for a person. */
function atWork(state: RunState): RunState {
  if (state.status === 'paused' || !state.started) return state;
  return { ...state, status: state.openApprovals > 0 ? 'waiting_approval' : 'running' };
}

/** The end closes what was still open. */
function ended(state: RunState, status: RunStatus): RunState {
  return { ...state, status, openApprovals: 0 };
}

/** The state that a run's journal says, from its events in order of `seq`. */
export function deriveState(types: readonly EventType[]): RunState {
  return types.reduce<RunState>(nextState, CREATED);
}

/** The status that a run's journal says, from its events in order of `seq`. */
export function deriveStatus(types: readonly EventType[]): RunStatus {
  return deriveState(types).status;
}
