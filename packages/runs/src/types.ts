import type {
  Approval,
  ErrorInfo,
  EventData,
  EventEnvelope,
  EventType,
  Finding,
  Priority,
  QualityReport,
  Run,
  RunLimit,
  RunStatus,
  RunStep,
  Usage,
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
  /** Order among the waiting runs of the workspace; default `normal`. */
  priority?: Priority;
  /** Runs of the same recipe at once, from the recipe itself; the workspace's own limit for it counts as well. */
  recipeLimit?: number;
  /** Step of another run that this one belongs to: no limit of the workspace holds it back, and it is cancelled with its parent. */
  parent?: { runId: string; stepId: string };
  /**
   * Takes over the rows and findings of finished steps of an ended or running run; see {@link RunContext.reused}. `stepIds`
   * are rows of any level, instances such as `x#0` too: a finished container with all rows inside it, or, when it must be
   * gone through again (it was not finished, or holds a document), only the finished rows inside.
   */
  reuse?: { runId: string; fromStepId: string; stepIds: string[] };
  trigger?: { kind: string; id: string; name: string; depth: number };
  dryRun?: boolean;
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
  /** Outputs of the run, with `run.completed`; with `run.failed` when what it brought forth was not good enough. */
  outputs?: JsonObject;
  /** Whole report, with `quality.scored`. */
  quality?: QualityReport;
}

export interface EmitEvent<Type extends EventType = EventType> {
  type: Type;
  /** Unique per run: storing the same key again is a no-op, so that a replay emits nothing twice. */
  key: string;
  stepId?: string;
  data: EventData<Type>;
  attachment?: EventAttachment;
}

/** What a person is asked. */
export interface ApprovalRequest {
  /** Unique per run and the same on replay, e.g. `release` or `release#2` inside a map. */
  key: string;
  stepId: string;
  title: string;
  message: string;
  fields?: JsonObject;
  approvers?: { roles: string[]; users: string[] };
  /** From the first request on, ms. */
  timeoutMs: number;
}

/** How an approval ended; single use, also when two people decide in the same moment or the time runs out. */
export interface ApprovalOutcome {
  decision: 'approved' | 'rejected' | 'timed_out';
  by: string | null;
  comment: string | null;
  values: JsonObject | null;
  decidedAt: string;
}

/** How a sub-run ended. */
export interface SubRunOutcome {
  runId: string;
  status: 'completed' | 'failed' | 'cancelled';
  outputs: JsonObject | null;
  error: ErrorInfo | null;
  usage: Usage;
  findingsTotal: number;
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
   * run, 1–20,000, and the same on replay; a lane holds up to 10,000 calls. Lanes do not nest; see {@link fork}.
   */
  lane<T>(index: number, body: (context: RunContext) => Promise<T>): Promise<T>;
  /**
   * Contexts for `count` bodies that run side by side, for places whose number is only known while it runs. Recorded as
   * one call of this lane, so that a replay gets the same ranges; forks nest. `name` as for {@link step}.
   */
  fork(name: string, count: number): Promise<RunContext[]>;
  /**
   * Asks a person and waits, for days if need be: over restarts and in any process. While all of the run waits, it takes
   * no place among those that work. The first valid decision counts.
   */
  approval(request: ApprovalRequest, options?: { signal?: AbortSignal }): Promise<ApprovalOutcome>;
  /** Waits for a signal of this name sent to the run, also one that came before; null when `timeoutMs` passed first. */
  signalled(
    request: { key: string; stepId: string; name: string; timeoutMs?: number },
    options?: { signal?: AbortSignal },
  ): Promise<{ payload: JsonValue } | null>;
  /**
   * Runs another run as a part of this one and waits for its end. Started once, whatever crashes; cancelled when this run
   * is cancelled or `signal` aborts. Rejects with the abort's reason, recorded.
   */
  subRun(
    request: { key: string; stepId: string; start: Omit<StartRun, 'parent' | 'idempotencyKey'> },
    options?: { signal?: AbortSignal },
  ): Promise<SubRunOutcome>;
  /** Results taken over from another run, by step id: the same on every replay. Empty unless the run was forked. */
  readonly reused: ReadonlyMap<string, JsonValue>;
  /** Run that the reused results come from; null unless the run was forked. */
  readonly reusedFrom: string | null;
  readonly dryRun: boolean;
  /**
   * Takes one of the places that a limit leaves, e.g. turns of one agent at once: the workspace's limit for it, else `limit`,
   * else there is no limit. Waits without taking a place among the runs that work; the returned function gives it back. Not recorded.
   */
  place(
    request: { scope: 'agent'; key: string; callId: string; limit?: number },
    options?: { signal?: AbortSignal },
  ): Promise<() => Promise<void>>;
  /**
   * Durable wait: what was already waited counts after a crash. Longer than a second it takes no place among those that
   * work, and with a `stepId` it is told as `step.waiting`. When `signal` aborts it rejects with the reason, unrecorded.
   */
  sleep(
    name: string,
    ms: number,
    options?: { stepId?: string; signal?: AbortSignal },
  ): Promise<void>;
  /**
   * Resolves at once, or after the pause. Calls wait by themselves; await it before telling that a step has begun, so
   * that a paused run shows no step as running that has not begun.
   */
  gate(): Promise<void>;
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
    /** A function is called inside of the recorded call, so that a replay does not make the content again. */
    content: string | Uint8Array | ((signal: AbortSignal) => Promise<string | Uint8Array>);
  }): Promise<{ id: string; bytes: number }>;
}

/** A document as it is kept: its content is made. */
export type MadeArtifact = Omit<Parameters<RunContext['saveArtifact']>[0], 'content'> & {
  content: string | Uint8Array;
};

export interface RunKind {
  kind: string;
  /** Returns the run's outputs. Throwing a PlatformError ends the run `failed`; `outputs` in its details are kept. */
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
  /** Slug of an agent that did one of its steps. */
  agent?: string | undefined;
  search?: string | undefined;
  statuses?: readonly RunStatus[] | undefined;
  trigger?: 'person' | 'schedule' | 'webhook' | 'run_event' | 'sub_run' | undefined;
  parent?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  grade?: string | undefined;
  sort?: '-created_at' | 'created_at' | undefined;
}

/** Who decides an approval: what `approvers` of a request is held against. */
export interface Approver extends Actor {
  role: string;
  email?: string;
}

/** The room's one interface: every feature starts, watches and steers runs through it. */
export interface Runs {
  registerKind(kind: RunKind): void;
  /** Run row, first event and the order to execute are one transaction. */
  start(workspaceId: WorkspaceId, request: StartRun): Promise<Run>;
  /**
   * The same inside a transaction of the caller (schedules, triggers): the run exists when that commits, not before. Call
   * `announce` after the commit, so that a worker looks at once instead of at its next sweep.
   */
  startIn(
    tx: Tx,
    workspaceId: WorkspaceId,
    request: StartRun,
  ): Promise<{ run: Run; announce: () => void }>;
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
  /** Stored plan and inputs of a run, for a fork. */
  plan(workspaceId: WorkspaceId, runId: string): Promise<{ plan: JsonObject; inputs: JsonObject }>;
  approvals(
    workspaceId: WorkspaceId,
    filter: {
      limit: number;
      cursor?: string | undefined;
      status?: string | undefined;
      run?: string | undefined;
      approver: Approver;
    },
  ): Promise<{ items: Approval[]; nextCursor: string | null }>;
  /**
   * Decides an approval once. `runs.approval.already_decided` and `runs.approval.expired` (409), `runs.approval.not_allowed`
   * (403), `runs.approval.values_invalid` (422) otherwise; nothing is stored then.
   */
  decide(
    workspaceId: WorkspaceId,
    approvalId: string,
    decision: {
      decision: 'approve' | 'reject';
      comment?: string | undefined;
      values?: JsonObject | undefined;
      approver: Approver;
    },
  ): Promise<Approval>;
  signal(
    workspaceId: WorkspaceId,
    runId: string,
    signal: { name: string; payload: JsonValue; by: Actor },
  ): Promise<{ signalId: string }>;
  limits(workspaceId: WorkspaceId): Promise<{
    items: (RunLimit & { is_default: boolean; running: number })[];
    queued: number;
  }>;
  setLimits(workspaceId: WorkspaceId, items: RunLimit[]): Promise<RunLimit[]>;
  /** What must hold of every run, counted over all workspaces; examples only of `workspaceId`. */
  invariants(workspaceId: WorkspaceId): Promise<Invariants>;
}

export interface Invariants {
  invariants: { name: string; description: string; violations: number; examples: string[] }[];
  workers: { executor: string; alive: boolean; beatAgeMs: number; runs: number }[];
}
