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
export { builtInTools } from './built-in-tools.ts';
export { createToolRegistry } from './registry.ts';
export type { ToolDescription, ToolRegistry } from './registry.ts';
export { createToolExecutor } from './executor/tool-executor.ts';
export type { ToolExecutorDeps } from './executor/tool-executor.ts';
export { withEffectLedger } from './executor/with-effect-ledger.ts';
export { DEFAULT_LIMITS } from './executor/limits.ts';
export type { ExecutorLimits } from './executor/limits.ts';
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
export { createCodeRunner } from './sandbox/code/code-runner.ts';
export type { CodeJob, CodeLanguage, CodeResult, CodeRunner } from './sandbox/code/code-types.ts';
export { TOOLS_ERROR_CODES } from './error-codes.ts';
export type { ToolsErrorCode } from './error-codes.ts';
