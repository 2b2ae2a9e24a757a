import type { JsonValue, WorkspaceId } from '@automatos/kernel';

/** The run whose agents share a board; boards of different runs know nothing of each other. */
export interface BoardScope {
  workspaceId: WorkspaceId;
  runId: string;
}

/** The newest version of a note that all agents of the run may read and change. */
export interface BoardNote {
  /** Path-like, e.g. `units/scan/security`. */
  key: string;
  value: JsonValue;
  /** 1 for the first; each change is one more. */
  version: number;
  author: string;
  at: string;
}

export interface BoardMessage {
  /** Grows with time within a board; opaque otherwise. */
  id: string;
  from: string;
  /** Whom it is for: everybody who subscribed to a topic, or one agent. */
  to: { topic: string } | { agent: string };
  text: string;
  at: string;
}

export interface NoteWrite {
  key: string;
  value: JsonValue;
  author: string;
  /** Version that the author has read; 0 for a note that is not there yet. */
  expectedVersion: number;
  /** The same write under the same key again is done once and returns what the first did. */
  writeKey: string;
}

/**
 * What agents of a run share: notes with versions, topics and messages. Durable; what one write changed, the next read of anybody
 * shows.
 */
export interface Blackboard {
  /** Notes whose key begins with `prefix`, by key, at most `limit`. */
  notes(scope: BoardScope, filter: { prefix: string; limit: number }): Promise<BoardNote[]>;
  note(scope: BoardScope, key: string): Promise<BoardNote | null>;
  /** Throws `tools.blackboard.version_conflict` with `details.version` when somebody wrote it meanwhile. */
  write(scope: BoardScope, write: NoteWrite): Promise<BoardNote>;
  /** Subscribing twice changes nothing. Messages sent before are not received. */
  subscribe(scope: BoardScope, agent: string, topic: string): Promise<void>;
  send(
    scope: BoardScope,
    message: Pick<BoardMessage, 'from' | 'to' | 'text'> & { writeKey: string },
  ): Promise<BoardMessage>;
  /** Sent to the agent or to topics that it had subscribed to by then, oldest first, after the message `after`. */
  messages(
    scope: BoardScope,
    filter: { agent: string; after?: string; limit: number },
  ): Promise<BoardMessage[]>;
}

/** The board as one agent of one run has it. */
export type AgentBoard = { scope: BoardScope; agent: string; board: Blackboard };
