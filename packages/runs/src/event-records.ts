import type { EventEnvelope, RunStatus } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { EmitEvent, EventAttachment } from './types.ts';

/** An event on its way into the log. */
export interface PendingEvent extends EmitEvent {
  id: string;
  at: string;
  workspaceId: WorkspaceId;
  runId: string;
}

/** An event that was stored just now, with the status its run had before the batch. */
export interface FreshEvent {
  event: EventEnvelope;
  statusBefore: RunStatus;
  attachment?: EventAttachment;
}
