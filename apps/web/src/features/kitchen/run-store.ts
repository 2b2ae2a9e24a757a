import {
  getRun,
  isTerminalEvent,
  listRunEvents,
  listRunSteps,
  streamRunEvents,
  type Client,
  type Run,
  type RunEvent,
  type StreamState,
} from '@automatos/sdk';
import { createStore } from 'zustand/vanilla';
import { applyEvents, initialRunState } from './run-state.ts';
import type { RunState } from './run-state-types.ts';

export interface RunView {
  run: Run | null;
  state: RunState | null;
  /** The state before the first event. */
  start: RunState | null;
  /** The time that is shown, in ms; null for now. */
  clock: number | null;
  live: StreamState;
  /** Why the run cannot be shown; null while all is well. */
  error: unknown;
}

const PAGE = 1000;
/** Events are shown in bundles: text comes in faster than it can be drawn. */
const FLUSH_MS = 80;

export function createRunStore() {
  return createStore<RunView>(() => ({
    run: null,
    state: null,
    start: null,
    clock: null,
    live: 'connecting',
    error: null,
  }));
}
export type RunStore = ReturnType<typeof createRunStore>;

interface Follow {
  client: Client;
  runId: string;
  store: RunStore;
  signal: AbortSignal;
}

/** Everything stored so far, page by page, before the first picture: no flicker through the run's past. */
async function readPast({ client, runId, signal }: Follow, state: RunState): Promise<RunState> {
  let next = state;
  for (;;) {
    const { data } = await listRunEvents({
      client,
      path: { run_id: runId },
      query: { after: next.lastSeq, limit: PAGE },
      signal,
    });
    const events = data.items as RunEvent[];
    next = applyEvents(next, events);
    if (events.length < PAGE) return next;
  }
}

async function readLive({ client, runId, store, signal }: Follow, after: number): Promise<void> {
  let waiting: RunEvent[] = [];
  const flush = () => {
    if (waiting.length === 0 || signal.aborted) return;
    const events = waiting;
    waiting = [];
    store.setState(({ state }) => (state === null ? {} : { state: applyEvents(state, events) }));
  };
  const timer = setInterval(flush, FLUSH_MS);
  try {
    const onState = (live: StreamState) => {
      if (!signal.aborted) store.setState({ live });
    };
    for await (const event of streamRunEvents(client, runId, { after, signal, onState }))
      waiting.push(event);
    flush();
  } finally {
    clearInterval(timer);
  }
}

async function readRun({ client, runId, signal }: Follow): Promise<Run> {
  return (await getRun({ client, path: { run_id: runId }, signal })).data;
}

/** Fills `store` with the run and keeps it up to date until the run ends or `signal` aborts. */
export async function followRun(follow: Follow): Promise<void> {
  const { client, runId, store, signal } = follow;
  try {
    const [run, steps] = await Promise.all([
      readRun(follow),
      listRunSteps({ client, path: { run_id: runId }, signal }),
    ]);
    const start = initialRunState(run, steps.data.items);
    const state = await readPast(follow, start);
    if (signal.aborted) return;
    store.setState({ run, start, state, error: null });
    if (state.events.some((event) => isTerminalEvent(event.type))) {
      store.setState({ live: 'ended' });
      return;
    }
    await readLive(follow, state.lastSeq);
    if (signal.aborted) return;
    // The ended run knows its outputs.
    store.setState({ run: await readRun(follow) });
  } catch (error) {
    if (!signal.aborted) store.setState({ error });
  }
}
