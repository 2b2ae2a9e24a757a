import type { EventEnvelope } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';

/** Stored and live events of a run in their order, ended by its last one or the signal. */
export type FollowRun = (
  workspaceId: WorkspaceId,
  runId: string,
  options: { after: number; signal: AbortSignal },
) => AsyncIterable<EventEnvelope>;
