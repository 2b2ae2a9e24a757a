import type {
  EventData,
  EventEnvelope,
  EventType,
  Finding,
  Run,
  RunStatus,
  RunStep,
} from '@automatos/contracts';
import type { JsonObject, JsonValue, RunId, WorkspaceId } from '@automatos/kernel';
import type { Tx } from '@automatos/database';

/** Who caused a change, as events and runs show it. */
export interface Actor {
  kind: 'user' | 'api_key' | 'operator' | 'system';
  id: string;
  name: string;
}

/** What a kind of run (recipe, later task and chat) starts with; kept unchanged for the life of the run. */
export interface StartRun {
  kind: string;
  title: string;
  /** Everything the body needs that must not change while it runs, e.g. the recipe version's definition. */
  plan: JsonObject;
  inputs: JsonObject;
  recipe?: { id: string; slug: string; version: number };
  /** Declared up front so that the graph can be shown before it runs. */
  steps: DeclaredStep[];
  by: Actor;
  /** Same key again in the same workspace returns the run made first. */
  idempotencyKey?: string;
}

export interface DeclaredStep {
  stepId: string;
  name: string;
  type: string;
  agent?: string;
  tool?: string;
  parent?: string;
  dependsOn: string[];
}

/** Handed to projections in the transaction that stores the event, never stored in the event itself. */
export interface EventAttachment {
  findings?: Finding[];
  /** Whole output of a step, with `step.completed`: kept in the step's row, while the event carries a preview. */
  output?: JsonValue;
  /** Outputs of the run, with `run.completed`. */
  outputs?: JsonObject;
}

export interface EmitEvent<Type extends EventType = EventType> {
  type: Type;
  /** Unique per run: storing the same key again is a no-op, so that a replay emits nothing twice. */
  key: string;
  stepId?: string;
  data: EventData<Type>;
  attachment?: EventAttachment;
}

export interface StepAttempt {
  /** Aborts when the run is cancelled, times out or this process stops; pass it to everything that waits. */
  signal: AbortSignal;
  /** Content key of this call: the same when the call is repeated after a crash. Hand it to outside systems. */
  idempotencyKey: string;
  /** Differs on each execution of the same call (also after a crash); part of keys of live events. */
  executionId: string;
}

/**
 * What the body of a run gets. The body is replayed after a crash, so it must be deterministic: everything that reads
 * the world or calls out goes through {@link step}; branches that run side by side each go through {@link lane}.
 */
export interface RunContext {
  readonly runId: RunId;
  readonly workspaceId: WorkspaceId;
  readonly plan: JsonObject;
  readonly inputs: JsonObject;
  /** Aborts on cancel, on the run's time-out and when this process stops. */
  readonly signal: AbortSignal;
  /**
   * Runs `body` once and records its result; a finished call is never repeated. Throws the body's PlatformError again on
   * replay. `name` must be the same on every replay.
   */
  step<T extends JsonValue | void>(
    name: string,
    body: (attempt: StepAttempt) => Promise<T>,
    options?: { signal?: AbortSignal },
  ): Promise<T>;
  /**
   * Gives `body` an own range of step numbers, so that it may run beside other lanes. `index` must be unique within the
   * run, 1–200,000, and the same on replay; a lane holds up to 10,000 calls. Lanes do not nest.
   */
  lane<T>(index: number, body: (context: RunContext) => Promise<T>): Promise<T>;
  /** Durable wait: what was already waited counts after a crash. */
  sleep(name: string, ms: number): Promise<void>;
  /** Time as recorded in the journal, in ms since the epoch: equal on replay. */
  now(name: string): Promise<number>;
  /** Stores and publishes an event soon; flushed before the run ends. */
  emit<Type extends EventType>(event: EmitEvent<Type>): void;
  /** Keeps a document of the run; the same name again replaces nothing and returns the first id. */
  saveArtifact(artifact: {
    name: string;
    stepId: string;
    title: string;
    format: string;
    contentType: string;
    content: string;
  }): Promise<{ id: string; bytes: number }>;
}

export interface RunKind {
  kind: string;
  /** Returns the run's outputs. Throwing a PlatformError ends the run `failed`. */
  execute(context: RunContext): Promise<JsonObject>;
}

/** Called in the transaction that stores `events`; must be quick and must not throw for odd data. */
export type EventProjection = (
  tx: Tx,
  workspaceId: WorkspaceId,
  events: { event: EventEnvelope; attachment?: EventAttachment }[],
) => Promise<void>;

export interface RunFilter {
  limit: number;
  cursor?: string | undefined;
  status?: RunStatus | undefined;
  recipe?: string | undefined;
  search?: string | undefined;
}

/** The room's one interface: every feature starts, watches and steers runs through it. */
export interface Runs {
  registerKind(kind: RunKind): void;
  /** Run row, first event and the order to execute are one transaction. */
  start(workspaceId: WorkspaceId, request: StartRun): Promise<Run>;
  get(workspaceId: WorkspaceId, runId: string): Promise<Run>;
  list(
    workspaceId: WorkspaceId,
    filter: RunFilter,
  ): Promise<{ items: Run[]; nextCursor: string | null; total: number }>;
  steps(workspaceId: WorkspaceId, runId: string): Promise<RunStep[]>;
  events(
    workspaceId: WorkspaceId,
    runId: string,
    page: { after: number; limit: number },
  ): Promise<EventEnvelope[]>;
  /** Stored events after `after`, then live ones, in order of seq without gaps; ends after the run's last event or when `signal` aborts. */
  follow(
    workspaceId: WorkspaceId,
    runId: string,
    options: { after: number; signal: AbortSignal },
  ): AsyncIterable<EventEnvelope>;
  /** Calls `listener` soon after events of the workspace were stored, also by other processes. Returns the unsubscribe function. */
  watchWorkspace(workspaceId: WorkspaceId, listener: (events: EventEnvelope[]) => void): () => void;
  /** Aborts what is under way and ends `cancelled`; a terminal run answers 409. */
  cancel(workspaceId: WorkspaceId, runId: string, by: Actor): Promise<Run>;
  /** Holds before the next call. */
  pause(workspaceId: WorkspaceId, runId: string, by: Actor): Promise<Run>;
  resume(workspaceId: WorkspaceId, runId: string, by: Actor): Promise<Run>;
}
