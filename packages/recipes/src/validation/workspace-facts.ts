import type { Agent } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';

export type AgentStatus = Agent['status'];

/** What validation must know of a workspace; gathered once per recipe. */
export interface WorkspaceFacts {
  /** An agent by slug or id. */
  agent(ref: string): { slug: string; status: AgentStatus; tools: readonly string[] } | null;
  agentNames: readonly string[];
  tool(name: string): { input_schema: JsonObject; output_schema: JsonObject } | null;
  toolNames: readonly string[];
}
