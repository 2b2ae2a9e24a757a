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
export type { AgentService, AgentServiceDeps } from './agents/agent-service.ts';
export type { AgentUse, WritingDeps } from './agents/agent-writing.ts';
export { scopeOf, SHARED, viewerOf } from './agents/agent-viewer.ts';
export type { Scope, Viewer } from './agents/agent-viewer.ts';
export { createAgentHistory } from './history/agent-history.ts';
export type { AgentHistory } from './history/agent-history.ts';
export { createAgentWork } from './work/agent-work.ts';
export type { AgentWork, AgentWorkDeps, WorkScope } from './work/agent-work.ts';
export { createTurnProjection } from './turns/turn-projection.ts';
export { agentFeedback, agentTurns } from './turns/turn-tables.ts';
export { createAgentKind } from './execution/agent-kind.ts';
export type { AgentKindDeps } from './execution/agent-kind.ts';
export { AGENT_RUN, agentStart } from './execution/agent-plan.ts';
export type { AgentPlan } from './execution/agent-plan.ts';
export { reportQuality } from './execution/report-quality.ts';
export type { QualityInput, QualityPart } from './execution/report-quality.ts';
export { createAgentRoutes } from './agents/agent-routes.ts';
export { lookUpAgents, resolveAgent } from './agents/agent-lookup.ts';
export type { ResolvedAgent } from './agents/agent-lookup.ts';
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
export { failureOf } from './coordination/coordination-error.ts';
export { placedBudget } from './coordination/work/placed-budget.ts';
export { runUnits } from './coordination/work/run-units.ts';
export { createSlots } from './coordination/work/slots.ts';
export { confidenceOf } from './coordination/work/confidence.ts';
export type { ToolSelection } from './runtime/tool-selection.ts';
export { createPatternService, resolvePattern } from './patterns/pattern-service.ts';
export type {
  PatternScope,
  PatternService,
  PatternServiceDeps,
} from './patterns/pattern-service.ts';
export type { ResolvedPattern } from './patterns/resolved-pattern.ts';
export type { PatternPreview, PreviewUnit, RecordsOf } from './patterns/preview-work.ts';
export { createPatternRoutes } from './patterns/pattern-routes.ts';
export { createCoordinationPersonalData } from './patterns/pattern-personal-data.ts';
export { PATTERN_SEEDS, seedPatterns } from './patterns/seed-patterns.ts';
export { exportFindings } from './reports/export-findings.ts';
export type { FindingsFile } from './reports/export-findings.ts';
export type { ReportSource } from './reports/exported-finding.ts';
