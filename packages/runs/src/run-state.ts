import { TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { EventType, RunStatus } from '@automatos/contracts';

/** What an event of a run makes of its status; events that are not listed leave it as it is. */
const TRANSITIONS: Partial<Record<EventType, { from: readonly RunStatus[]; to: RunStatus }>> = {
  'run.started': { from: ['queued'], to: 'running' },
  'run.paused': { from: ['queued', 'running'], to: 'paused' },
  'run.resumed': { from: ['paused'], to: 'running' },
  'run.completed': { from: ['running', 'paused'], to: 'completed' },
  'run.failed': { from: ['queued', 'running', 'paused', 'waiting_approval'], to: 'failed' },
  'run.cancelled': { from: ['queued', 'running', 'paused', 'waiting_approval'], to: 'cancelled' },
};

export function isTerminal(status: RunStatus): boolean {
  return TERMINAL_RUN_STATUSES.includes(status);
}

/** Status after `type`; an event that does not fit the status changes nothing, so a terminal status is never left. */
export function nextStatus(status: RunStatus, type: EventType): RunStatus {
  const transition = TRANSITIONS[type];
  return transition?.from.includes(status) ? transition.to : status;
}

/** The status that a run's journal says, from its events in order of `seq`. */
export function deriveStatus(types: readonly EventType[]): RunStatus {
  return types.reduce<RunStatus>(nextStatus, 'queued');
}
