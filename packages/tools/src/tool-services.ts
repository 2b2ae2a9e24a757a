import type { AgentBoard } from './blackboard/blackboard.ts';
import type { ToolSuggestion } from './hints/tool-ranking.ts';

/** Where the commands of a workspace work. */
export interface WorkspaceFolder {
  /** Absolute, exists. */
  folder: string;
  /** All files in it together may take so much, in bytes. */
  quotaBytes: number;
  /** `host`, `*.host` or either with `:port`, that commands may reach; empty = no network. */
  networkHosts: readonly string[];
}

/** Notes of one run, shared by its agents and gone some time after its end. */
export interface Scratchpad {
  /** Null when there is no such note. */
  read(key: string): Promise<{ text: string; updatedAt: string } | null>;
  /** All notes by key. */
  list(): Promise<{ key: string; chars: number; updatedAt: string }[]>;
  /** An empty text deletes the note. Throws `tools.scratchpad.full`. */
  write(key: string, text: string): Promise<void>;
}

/** What the product lends to the inline tools of one call; each is there only where the composition gives it. */
export interface ToolServices {
  workspace?: () => Promise<WorkspaceFolder>;
  scratchpad?: Scratchpad;
  /** What the agents of the run share; absent outside of runs. */
  blackboard?: AgentBoard;
  /** Ranks the tools that the caller may use for a task. */
  findTools?: (task: string, limit: number) => Promise<ToolSuggestion[]>;
  /** Value of a variable that the workspace gives to commands; null when it gives no such one. */
  secret?: (name: string) => Promise<string | null>;
}
