export { countLivingWorkers } from './invariants.ts';
export { createRuns } from './runs-service.ts';
export type { RunsOptions, RunsRoom } from './runs-service.ts';
export type { FindingFilter, RunCounts, RunFinding, RunReads } from './run-reads.ts';
export { compareRuns } from './compare-runs.ts';
export type { ComparedRun } from './compare-runs.ts';
export type { ArtifactContent } from './artifact-store.ts';
export { createEffectLedger } from './effect-ledger.ts';
export type { Effect, EffectLedger } from './effect-ledger.ts';
export { deriveStatus, isTerminal } from './run-state.ts';
export { RUNS_ERROR_CODES } from './error-codes.ts';
export type {
  Actor,
  ApprovalOutcome,
  ApprovalRequest,
  Approver,
  DeclaredStep,
  EmitEvent,
  EventAttachment,
  EventProjection,
  Invariants,
  RunContext,
  RunFilter,
  RunKind,
  Runs,
  StartRun,
  StepAttempt,
  SubRunOutcome,
} from './types.ts';
export type { NewWorkspaceEvent } from './workspace-events.ts';
export { createRunsPersonalData, deleteOrphanedJournals } from './run-personal-data.ts';
