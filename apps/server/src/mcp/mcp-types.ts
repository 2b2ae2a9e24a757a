import type { Call } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { ApiAsk } from '../own-api/api-ask.ts';
import type { FollowRun } from '../own-api/follow-run.ts';

/** One request of an MCP client, as the parts of the server see it. */
export interface McpSite {
  call: Call;
  ask: ApiAsk;
  follow: FollowRun;
  /** A file of the folders that tools may read; throws a PlatformError for others. */
  readFile: (path: string) => Promise<string>;
}

/** What a tool of ours gets beside its arguments. */
export interface ToolSite extends McpSite {
  /** Aborts when the client cancels or leaves. */
  signal: AbortSignal;
  progress: (message: string) => Promise<void>;
}

export interface McpTool {
  /** Letters, digits, `_` and `-`, at most 64: what every client takes. */
  name: string;
  title: string;
  description: string;
  inputSchema: JsonObject;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean };
  run(input: JsonObject, site: ToolSite): Promise<JsonObject>;
}
