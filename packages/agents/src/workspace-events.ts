import type { EventData, EventType } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';

export type AgentEventType = Extract<EventType, `agent.${string}`>;

/** An event of the workspace that belongs to no run. */
export interface WorkspaceEvent<Type extends AgentEventType = AgentEventType> {
  type: Type;
  /** Id of the agent. */
  subject: string;
  data: EventData<Type>;
}

/** Stores an event in the transaction of the change, so that neither exists without the other. Filled by the composition. */
export type EmitWorkspaceEvent = <Type extends AgentEventType>(
  tx: Tx,
  workspaceId: WorkspaceId,
  event: WorkspaceEvent<Type>,
) => Promise<void>;
