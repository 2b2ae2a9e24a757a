export { createAgentRuntime } from './runtime/agent-runtime.ts';
export { TURN_LIMITS } from './runtime/runtime-types.ts';
export type {
  AgentRuntime,
  AgentRuntimeDeps,
  ModelEstimate,
  ToolRecord,
  TurnBudget,
  TurnLimit,
  TurnRequest,
  TurnResult,
} from './runtime/runtime-types.ts';
export { createAgentService } from './agents/agent-service.ts';
export type { AgentService, AgentServiceDeps, Scope } from './agents/agent-service.ts';
export { createAgentRoutes } from './agents/agent-routes.ts';
export { lookUpAgents, resolveAgent } from './agents/agent-lookup.ts';
export type { ResolvedAgent } from './agents/agent-lookup.ts';
export { listVersions } from './agents/agent-store.ts';
export { agentVersions, agents } from './agents/agent-tables.ts';
export type { AgentDefinition } from './agents/agent-tables.ts';
export { createPersonaService } from './personas/persona-service.ts';
export type {
  PersonaFields,
  PersonaService,
  PersonaServiceDeps,
} from './personas/persona-service.ts';
export { createPersonaRoutes } from './personas/persona-routes.ts';
export { personas } from './personas/persona-tables.ts';
export { seedAgents } from './seeds/seed-agents.ts';
export { PERSONA_SEEDS } from './seeds/persona-data.ts';
export type { PersonaSeed } from './seeds/persona-data.ts';
export { SPECIALISTS } from './seeds/specialists.ts';
export type { Playbook, Specialist } from './seeds/specialists/specialist.ts';
export { promptForTask, toolsForTask } from './execution/task-prompt.ts';
export type { AgentEventType, EmitWorkspaceEvent, WorkspaceEvent } from './workspace-events.ts';
export { AGENTS_ERROR_CODES } from './error-codes.ts';
export type { AgentsErrorCode } from './error-codes.ts';
export { createAgentsPersonalData } from './agents/agent-personal-data.ts';
export { checkSettings, createCoordinator } from './coordination/create-coordinator.ts';
export type { CoordinatorDeps } from './coordination/create-coordinator.ts';
export { createDatabaseBoard } from './coordination/board/database-board.ts';
export type { NeedField, OpenNeed } from './coordination/market/need-field.ts';
export type {
  CoordinationRequest,
  CoordinationResult,
  Coordinator,
  Decision,
  Disagreement,
  Teammate,
  TrackRecord,
  UnitOutcome,
  WorkUnit,
} from './coordination/coordination-types.ts';
