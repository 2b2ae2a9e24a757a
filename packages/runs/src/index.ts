export type {
  Actor,
  DeclaredStep,
  EmitEvent,
  EventAttachment,
  EventProjection,
  RunContext,
  RunFilter,
  RunKind,
  Runs,
  StartRun,
  StepAttempt,
} from "./types.ts";
