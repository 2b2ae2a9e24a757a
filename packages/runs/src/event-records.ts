import type { EventEnvelope } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { RunState } from './run-state.ts';
import type { EmitEvent, EventAttachment } from './types.ts';

/** The execution of a run that an event comes from. */
export interface EventSource {
  epoch: number;
  /** Called when a newer execution of the run has begun: this one may write no more. */
  onStale: () => void;
}

/** An event on its way into the log. */
export interface PendingEvent extends EmitEvent {
  id: string;
  at: string;
  workspaceId: WorkspaceId;
  runId: string;
  /** Missing for decisions, which no execution outdates. */
  source?: EventSource;
}

/** An event that was stored just now, with the state its run had before the batch. */
export interface FreshEvent {
  event: EventEnvelope;
  stateBefore: RunState;
  attachment?: EventAttachment;
}
