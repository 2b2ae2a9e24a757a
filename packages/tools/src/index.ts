export { CAPABILITIES, defineTool } from './definition.ts';
export type {
  Capability,
  ToolDefinition,
  ToolEnvironment,
  ToolExecutor,
  ToolGrant,
  ToolInvocation,
  ToolLevel,
  ToolOutcome,
  ToolRunResult,
} from './definition.ts';
export type {
  AgentBoard,
  Blackboard,
  BoardMessage,
  BoardNote,
  BoardScope,
  NoteWrite,
} from './blackboard/blackboard.ts';
export { versionConflict } from './blackboard/version-conflict.ts';
export { builtInTools } from './built-in-tools.ts';
export { createToolRegistry } from './registry.ts';
export type { ToolDescription, ToolRegistry } from './registry.ts';
export { FIND_TOOLS } from './hints/find-tools.ts';
export { createToolHints } from './hints/tool-hints.ts';
export type { ToolHints } from './hints/tool-hints.ts';
export { createToolRanking } from './hints/tool-ranking.ts';
export type { ToolRanking, ToolRecordOfCalls, ToolSuggestion } from './hints/tool-ranking.ts';
export { askConsent, needsConsent, refusedOutcome } from './runs/consent.ts';
export { keepArtifacts } from './runs/keep-artifacts.ts';
export type { KeptArtifact, KeptOutcome } from './runs/keep-artifacts.ts';
export { createToolGate } from './settings/tool-gate.ts';
export { createToolNotes } from './settings/tool-notes.ts';
export type { ToolNotes } from './settings/tool-notes.ts';
export { createToolRecords } from './settings/tool-records.ts';
export type { ToolRecords } from './settings/tool-records.ts';
export { createToolSettings } from './settings/tool-settings.ts';
export type { ToolSettingsRoom } from './settings/tool-settings.ts';
export { createToolsPersonalData } from './settings/tools-personal-data.ts';
export type { Scratchpad, ToolServices, WorkspaceFolder } from './tool-services.ts';
export { createToolExecutor } from './executor/tool-executor.ts';
export type { ToolExecutorDeps } from './executor/tool-executor.ts';
export { withEffectLedger } from './executor/with-effect-ledger.ts';
export { DEFAULT_LIMITS } from './executor/limits.ts';
export type { ExecutorLimits } from './executor/limits.ts';
export { maskText } from './mask-secrets.ts';
export { createWorkspaceRoots } from './workspace/roots.ts';
export type { WorkspaceRoots } from './workspace/roots.ts';
export { requireText } from './workspace/read-text.ts';
export { createGuardedFetch } from './outbound/guarded-fetch.ts';
export type {
  ClosableFetch,
  GuardedFetch,
  GuardedRequest,
  GuardedResponse,
} from './outbound/guarded-fetch.ts';
export { createSandbox } from './sandbox/create-sandbox.ts';
export type { Sandbox, SandboxCommand, SandboxResult } from './sandbox/sandbox.ts';
export { RUN_COMMAND } from './sandbox/commands/run-command.ts';
export { createWorkspaceFolders } from './sandbox/commands/workspace-folders.ts';
export { createCodeRunner } from './sandbox/code/code-runner.ts';
export type { CodeJob, CodeLanguage, CodeResult, CodeRunner } from './sandbox/code/code-types.ts';
export { TOOLS_ERROR_CODES } from './error-codes.ts';
export type { ToolsErrorCode } from './error-codes.ts';
