export { createAgentRuntime } from './runtime/agent-runtime.ts';
export { TURN_LIMITS } from './runtime/runtime-types.ts';
export type { AgentRuntime, AgentRuntimeDeps, ToolRecord, TurnLimit, TurnRequest, TurnResult } from './runtime/runtime-types.ts';
export { PERSONA_SEEDS } from './seeds/persona-data.ts';
export type { PersonaSeed } from './seeds/persona-data.ts';
export { SPECIALISTS } from './seeds/specialists.ts';
export type { Specialist } from './seeds/specialists.ts';
export { AGENTS_ERROR_CODES } from './error-codes.ts';
export type { AgentsErrorCode } from './error-codes.ts';
