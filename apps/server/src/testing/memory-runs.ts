import { NO_USAGE } from '@automatos/contracts';
import type { EventEnvelope, EventType, Run, RunStatus } from '@automatos/contracts';
import {
  DEFAULT_WORKSPACE_ID,
  newId,
  notFound,
  type JsonObject,
  type WorkspaceId,
} from '@automatos/kernel';
import type { RunReads, Runs } from '@automatos/runs';

interface Stored {
  run: Run;
  workspaceId: WorkspaceId;
  events: EventEnvelope[];
}

export type MemoryRuns = Pick<
  Runs,
  | 'get'
  | 'list'
  | 'steps'
  | 'events'
  | 'follow'
  | 'watchWorkspace'
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'approvals'
  | 'decide'
  | 'signal'
  | 'limits'
  | 'setLimits'
  | 'invariants'
> &
  RunReads & {
    add(options?: { workspaceId?: WorkspaceId; inputs?: JsonObject; title?: string }): Run;
    /** `at` names the run, or a step of it. */
    emit(
      at: string | { run: string; step: string },
      type: EventType,
      data?: JsonObject,
    ): EventEnvelope;
    /** Live `follow` iterations that have not ended. */
    readonly followers: number;
  };

/** Runs in memory with the event guarantees of the room: dense seq, stored then live, no gaps. The engine has its own tests. */
export function createMemoryRuns(): MemoryRuns {
  const book = createBook();
  const { find, emit } = book;
  const steer = (type: EventType) => async (workspaceId: WorkspaceId, runId: string) => {
    find(workspaceId, runId);
    emit(runId, type, { by: { kind: 'user', name: 'test' }, duration_ms: 1 });
    return find(workspaceId, runId).run;
  };
  return {
    ...createReads(book),
    get followers() {
      return book.followers();
    },
    add({ workspaceId = DEFAULT_WORKSPACE_ID, inputs = {}, title = 'Test run' } = {}) {
      const id = newId();
      book.stored.set(id, { workspaceId, events: [], run: emptyRun(id, { inputs, title }) });
      emit(id, 'run.created', { kind: 'recipe', title });
      return find(workspaceId, id).run;
    },
    emit,
    follow: book.follow,
    watchWorkspace: book.watchWorkspace,
    cancel: steer('run.cancelled'),
    pause: steer('run.paused'),
    resume: steer('run.resumed'),
    ...createSteering(book),
  };
}

type Book = ReturnType<typeof createBook>;

/** Nothing waits for a person here, and no limit holds; the runs room has the tests of both. */
function createSteering({
  find,
}: Book): Pick<
  MemoryRuns,
  'approvals' | 'decide' | 'signal' | 'limits' | 'setLimits' | 'invariants'
> {
  return {
    approvals: async () => ({ items: [], nextCursor: null }),
    async decide(_workspaceId, approvalId) {
      throw notFound('approval', approvalId);
    },
    async signal(workspaceId, runId) {
      find(workspaceId, runId);
      return { signalId: newId() };
    },
    limits: async () => ({ items: [], queued: 0 }),
    setLimits: async (_workspaceId, items) => items,
    invariants: async () => ({
      invariants: [{ name: 'test', description: 'Nothing is wrong.', violations: 0, examples: [] }],
      workers: [{ executor: 'slot-1', alive: true, beatAgeMs: 5, runs: 0 }],
    }),
  };
}

function createBook() {
  const stored = new Map<string, Stored>();
  const listeners = new Set<Listener>();
  let wake = Promise.withResolvers<void>();
  let followers = 0;

  function find(workspaceId: WorkspaceId, runId: string): Stored {
    const found = stored.get(runId);
    if (found === undefined || found.workspaceId !== workspaceId) throw notFound('run', runId);
    return found;
  }

  function emit(
    at: string | { run: string; step: string },
    type: EventType,
    data: JsonObject = {},
  ): EventEnvelope {
    const place = typeof at === 'string' ? { run: at } : at;
    const found = stored.get(place.run) as Stored;
    const event = makeEvent(found, place, { type, data });
    found.events.push(event);
    found.run = { ...found.run, last_seq: event.seq, ...statusAfter(type, data) };
    for (const { workspaceId, listener } of listeners)
      if (workspaceId === found.workspaceId) listener([event]);
    wake.resolve();
    wake = Promise.withResolvers<void>();
    return event;
  }

  async function* follow(
    workspaceId: WorkspaceId,
    runId: string,
    options: { after: number; signal: AbortSignal },
  ) {
    const found = find(workspaceId, runId);
    let seq = options.after;
    followers += 1;
    const aborted = new Promise<void>((resolve) =>
      options.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    try {
      while (!options.signal.aborted) {
        const next = found.events[seq];
        if (next !== undefined) {
          seq = next.seq;
          yield next;
        } else if (found.run.finished_at !== null) return;
        else await Promise.race([wake.promise, aborted]);
      }
    } finally {
      followers -= 1;
    }
  }

  return {
    stored,
    find,
    emit,
    follow,
    watchWorkspace: createWatch(listeners),
    followers: () => followers,
  };
}

interface Listener {
  workspaceId: WorkspaceId;
  listener: (events: EventEnvelope[]) => void;
}

function createWatch(listeners: Set<Listener>): Runs['watchWorkspace'] {
  return (workspaceId, listener) => {
    const entry = { workspaceId, listener };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };
}

function createReads({
  stored,
  find,
}: Book): Pick<MemoryRuns, 'get' | 'list' | 'steps' | 'events' | keyof RunReads> {
  return {
    async get(workspaceId, runId) {
      return find(workspaceId, runId).run;
    },
    async list(workspaceId) {
      const items = [...stored.values()]
        .filter((item) => item.workspaceId === workspaceId)
        .map((item) => item.run);
      return { items, nextCursor: null, total: items.length };
    },
    async steps() {
      return [];
    },
    async events(workspaceId, runId, page) {
      return find(workspaceId, runId).events.slice(page.after, page.after + page.limit);
    },
    async findings() {
      return { items: [], nextCursor: null, total: 0 };
    },
    async artifacts() {
      return [];
    },
    async quality(workspaceId, runId) {
      find(workspaceId, runId);
      return { run: null, steps: [] };
    },
    async compare(workspaceId, { left, right }) {
      const findings = { only_left: 0, only_right: 0, both: 0, items: [] };
      const sides = { left: find(workspaceId, left).run, right: find(workspaceId, right).run };
      return { ...sides, inputs: [], outputs: [], steps: [], findings };
    },
    async artifact(_workspaceId, _runId, artifactId) {
      throw notFound('artifact', artifactId);
    },
    async counts() {
      return { queued: 0, running: 1, paused: 0, completed_24h: 2, failed_24h: 0 };
    },
  };
}

function makeEvent(
  found: Stored,
  place: { run: string; step?: string },
  what: { type: EventType; data: JsonObject },
): EventEnvelope {
  return {
    id: newId(),
    seq: found.events.length + 1,
    workspace_id: found.workspaceId,
    subject: `run:${place.run}`,
    run_id: place.run,
    ...(place.step === undefined ? {} : { step_id: place.step }),
    at: new Date().toISOString(),
    ...what,
  };
}

const STATUS: Partial<Record<EventType, RunStatus>> = {
  'run.started': 'running',
  'run.paused': 'paused',
  'run.resumed': 'running',
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

function statusAfter(type: EventType, data: JsonObject): Partial<Run> {
  const status = STATUS[type];
  if (status === undefined) return {};
  const isOver = status === 'completed' || status === 'failed' || status === 'cancelled';
  return {
    status,
    ...(isOver ? { finished_at: new Date().toISOString() } : {}),
    ...(type === 'run.failed'
      ? { error: data['error'] as unknown as NonNullable<Run['error']> }
      : {}),
  };
}

function emptyRun(id: string, given: { inputs: JsonObject; title: string }): Run {
  return {
    id,
    kind: 'recipe',
    title: given.title,
    status: 'queued',
    recipe_id: null,
    recipe_slug: 'demo',
    recipe_version: 1,
    priority: 'normal',
    parent_run_id: null,
    forked_from: null,
    trigger: null,
    dry_run: false,
    open_approvals: 0,
    quality_score: null,
    quality_grade: null,
    inputs: given.inputs,
    outputs: null,
    error: null,
    usage: NO_USAGE,
    findings_total: 0,
    last_seq: 0,
    created_by: 'test',
    created_at: new Date().toISOString(),
    started_at: null,
    finished_at: null,
  };
}
