import { isApiProblem } from './api-problem.ts';
import type { Client } from './create-client.ts';
import { getRun } from './generated/sdk.gen.ts';
import { pause, reconnectDelayMs } from './reconnect.ts';
import { isTerminalEvent, type RunEvent } from './run-event.ts';
import { readSse } from './sse-parser.ts';

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended';

export interface StreamOptions {
  /** Seq of the last event known; 0 (default) starts with the first. */
  after?: number;
  /** Ends the iteration without an error. */
  signal?: AbortSignal;
  /** Told when the connection changes. */
  onState?: (state: StreamState) => void;
  /** Silence after which a connection counts as dead, default 45 s; the server sends heartbeats every 15 s. */
  silenceMsMax?: number;
  /** Wait before the n-th reconnect in a row. */
  delayMs?: (attempt: number) => number;
}

interface Follow {
  client: Client;
  runId: string;
  lastSeq: number;
  signal: AbortSignal;
  silenceMsMax: number;
  onState: (state: StreamState) => void;
}

async function openStream(
  follow: Follow,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { data } = await follow.client.get<{ 200: ReadableStream<Uint8Array> }, unknown, true>({
    url: '/api/runs/{run_id}/events',
    path: { run_id: follow.runId },
    query: { after: follow.lastSeq },
    headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(follow.lastSeq) },
    parseAs: 'stream',
    cache: 'no-store',
    signal,
  });
  return data;
}

/** One connection: yields events newer than the last one, and returns true when the run's last event was among them. */
async function* readConnection(follow: Follow): AsyncGenerator<RunEvent, boolean> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  follow.signal.addEventListener('abort', abort);
  let watchdog = setTimeout(abort, follow.silenceMsMax);
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(abort, follow.silenceMsMax);
  };
  try {
    const body = await openStream(follow, connection.signal);
    follow.onState('live');
    for await (const message of readSse(body, alive)) {
      const event = JSON.parse(message.data) as RunEvent;
      if (typeof event.seq !== 'number' || event.seq <= follow.lastSeq) continue;
      follow.lastSeq = event.seq;
      yield event;
      if (isTerminalEvent(event.type)) return true;
    }
    return false;
  } finally {
    clearTimeout(watchdog);
    follow.signal.removeEventListener('abort', abort);
    connection.abort();
  }
}

/** True when the run has ended and its last event is known: an empty stream then means "that was all". */
async function hasNothingMore(follow: Follow): Promise<boolean> {
  const { data: run } = await getRun({
    client: follow.client,
    path: { run_id: follow.runId },
    signal: follow.signal,
  });
  const ended = run.status === 'completed' || run.status === 'failed' || run.status === 'cancelled';
  return ended && run.last_seq <= follow.lastSeq;
}

const isHopeless = (error: unknown) => isApiProblem(error) && !error.retryable;

/**
 * Yields the events of a run after `after`, stored ones first and then live ones, each once and in order. A lost
 * connection is made again after the last event seen. Ends after the run's last event or when `signal` aborts; throws
 * an ApiProblem when the server refuses (for instance 401 or 404).
 */
export async function* streamRunEvents(
  client: Client,
  runId: string,
  options: StreamOptions = {},
): AsyncGenerator<RunEvent, void> {
  const follow: Follow = {
    client,
    runId,
    lastSeq: options.after ?? 0,
    signal: options.signal ?? new AbortController().signal,
    silenceMsMax: options.silenceMsMax ?? 45_000,
    onState: options.onState ?? (() => {}),
  };
  const delayMs = options.delayMs ?? reconnectDelayMs;
  let attempt = 0;
  follow.onState('connecting');
  while (!follow.signal.aborted) {
    const seqBefore = follow.lastSeq;
    try {
      const ended = yield* readConnection(follow);
      if (ended || (follow.lastSeq === seqBefore && (await hasNothingMore(follow)))) break;
    } catch (error) {
      if (follow.signal.aborted) return;
      if (isHopeless(error)) throw error;
    }
    if (follow.signal.aborted) return;
    attempt = follow.lastSeq > seqBefore ? 1 : attempt + 1;
    follow.onState('reconnecting');
    await pause(delayMs(attempt), follow.signal);
  }
  if (!follow.signal.aborted) follow.onState('ended');
}
