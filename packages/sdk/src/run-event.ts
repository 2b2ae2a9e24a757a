import type * as Api from './generated/types.gen.ts';

/** Payload per event type. */
export interface RunEventPayloads {
  'run.created': Api.RunCreatedData;
  'run.started': Api.RunStartedData;
  'run.paused': Api.RunPausedData;
  'run.resumed': Api.RunResumedData;
  'run.completed': Api.RunCompletedData;
  'run.failed': Api.RunFailedData;
  'run.cancelled': Api.RunCancelledData;
  'step.started': Api.StepStartedData;
  'step.progress': Api.StepProgressData;
  'step.retrying': Api.StepRetryingData;
  'step.completed': Api.StepCompletedData;
  'step.failed': Api.StepFailedData;
  'step.skipped': Api.StepSkippedData;
  'llm.started': Api.LlmStartedData;
  'llm.delta': Api.LlmDeltaData;
  'llm.completed': Api.LlmCompletedData;
  'llm.fallback': Api.LlmFallbackData;
  'tool.started': Api.ToolStartedData;
  'tool.completed': Api.ToolCompletedData;
  'tool.failed': Api.ToolFailedData;
  'agent.created': Api.AgentCreatedData;
  'agent.updated': Api.AgentUpdatedData;
  'agent.deleted': Api.AgentDeletedData;
  'agent.status_changed': Api.AgentStatusChangedData;
  'step.waiting_approval': Api.StepWaitingApprovalData;
  'approval.decided': Api.ApprovalDecidedData;
  'step.waiting': Api.StepWaitingData;
  'signal.received': Api.SignalReceivedData;
  'quality.scored': Api.QualityScoredData;
  'learning.updated': Api.LearningUpdatedData;
  'decision.made': Api.DecisionMadeData;
  'recipe.created': Api.RecipeCreatedData;
  'recipe.updated': Api.RecipeUpdatedData;
  'recipe.deleted': Api.RecipeDeletedData;
  'schedule.fired': Api.ScheduleFiredData;
  'trigger.fired': Api.TriggerFiredData;
  'webhook.dead': Api.WebhookDeadData;
  'metrics.sample': Api.MetricsSampleData;
}

export type RunEventType = Api.EventEnvelope['type'];
/** Does not compile when the contract has an event type that is missing above. */
export type RunEventData<Type extends RunEventType> = RunEventPayloads[Type];

/** An event with the payload its type promises. */
export type RunEvent = {
  [Type in RunEventType]: Omit<Api.EventEnvelope, 'type' | 'data'> & {
    type: Type;
    data: RunEventData<Type>;
  };
}[RunEventType];

const TERMINAL_EVENTS: readonly string[] = ['run.completed', 'run.failed', 'run.cancelled'];

/** True for the event after which a run has no more. */
export function isTerminalEvent(type: string): boolean {
  return TERMINAL_EVENTS.includes(type);
}
