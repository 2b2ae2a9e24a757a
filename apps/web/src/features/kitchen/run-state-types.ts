import type {
  ErrorInfo,
  Finding,
  RunEvent,
  RunEventData,
  RunStatus,
  StepStatus,
  Usage,
} from '@automatos/sdk';

export interface LlmCall {
  kind: 'llm';
  callId: string;
  stepId: string;
  provider: string;
  model: string;
  agent: string;
  turn: number;
  status: 'running' | 'completed';
  startedAt: string;
  finishedAt: string | null;
  /** What the model wrote so far; the whole text once completed. */
  text: string;
  offline: boolean;
  inputTokens: number;
  outputTokens: number;
  costMicros: number | null;
  durationMs: number | null;
  finishReason: string | null;
  /** Candidates that failed, oldest first, with what they had written: it counts no more. */
  fallbacks: { from: string; to: string; error: ErrorInfo; discarded: string }[];
  /** How a cache answered it; absent when none was asked. */
  cache: RunEventData<'llm.completed'>['cache'];
}

export interface ToolCall {
  kind: 'tool';
  callId: string;
  stepId: string;
  tool: string;
  agent: string | null;
  input: unknown;
  status: 'running' | 'completed' | 'error' | 'denied' | 'timeout';
  startedAt: string;
  finishedAt: string | null;
  summary: string;
  outputPreview: string;
  truncated: boolean;
  findingsTotal: number;
  findings: Finding[];
  error: ErrorInfo | null;
  durationMs: number | null;
}

export type Call = LlmCall | ToolCall;

/** A question to a person that has no answer yet. */
export interface OpenApproval {
  approvalId: string;
  stepId: string;
  title: string;
  dueAt: string;
}

/** How an approval of a step ended. */
export interface Decision {
  decision: RunEventData<'approval.decided'>['decision'];
  by: string;
  comment: string | null;
}

export interface Waiting {
  reason: RunEventData<'step.waiting'>['reason'];
  until: string | null;
  signal: string | null;
  runId: string | null;
}

export interface Score {
  score: number | null;
  grade: string | null;
  threshold: number | null;
  passed: boolean | null;
  dimensions: Record<string, number | null>;
}

export interface StepView {
  stepId: string;
  name: string;
  type: string;
  agent: string | null;
  tool: string | null;
  parent: string | null;
  dependsOn: string[];
  status: StepStatus;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  progress: { message: string; ratio: number | null } | null;
  retry: { delayMs: number; error: ErrorInfo } | null;
  skippedReason: string | null;
  outputPreview: string | null;
  usage: Usage | null;
  error: ErrorInfo | null;
  /** What it waits for right now. */
  waiting: Waiting | null;
  decision: Decision | null;
  /** Run that the result was taken over from. */
  reusedFrom: string | null;
  subRunId: string | null;
  quality: Score | null;
  /** Call ids in the order they started. */
  calls: string[];
  findingsTotal: number;
}

/** Everything the Execution Kitchen shows, derived from the run's events alone. */
export interface RunState {
  lastSeq: number;
  status: RunStatus;
  createdAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  /** How often the run was continued after the process had gone away. */
  recoveries: number;
  error: ErrorInfo | null;
  stepOrder: string[];
  steps: Record<string, StepView>;
  calls: Record<string, Call>;
  /** Summed over finished calls while running, the run's own figures when it ended. */
  usage: Usage;
  findingsTotal: number;
  /** By id, those that wait for a decision. */
  approvals: Record<string, OpenApproval>;
  quality: Score | null;
  events: RunEvent[];
}
