import type { Agent, ScheduleSpec } from '@automatos/contracts';
import type { FieldError, JsonObject } from '@automatos/kernel';

export type AgentStatus = Agent['status'];

/** One version of another recipe, as a recipe step sees it. */
export interface RecipeFacts {
  slug: string;
  version: number;
  /** JSON schema of its inputs. */
  inputs: JsonObject;
  outputKeys: readonly string[];
  /** Slugs of all recipes that it starts, and that those start. */
  uses: readonly string[];
}

/** What validation must know of a workspace; gathered once per recipe for what {@link NamedRefs} lists. */
export interface WorkspaceFacts {
  /** An agent by slug or id. */
  agent(ref: string): { slug: string; status: AgentStatus; tools: readonly string[] } | null;
  agentNames: readonly string[];
  tool(name: string): { input_schema: JsonObject; output_schema: JsonObject } | null;
  toolNames: readonly string[];
  /** A recipe by slug or id in a version, default the current one; null when there is no such recipe or version. */
  recipe(ref: string, version?: number): RecipeFacts | null;
  /** Slugs of the workspace's recipes. */
  recipeNames: readonly string[];
  /** Problems of a schedule's time (cron, time zone); pointers start at the schedule. Without it every time is taken. */
  checkSchedule?(spec: ScheduleSpec): FieldError[];
}

/** Agents and recipes that a draft names, so that the facts can be gathered before the check. */
export interface NamedRefs {
  agents: string[];
  /** Of recipe steps and of triggers; `version` undefined = the current one. */
  recipes: { ref: string; version?: number }[];
}
