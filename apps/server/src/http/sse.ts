import type { ServerResponse } from 'node:http';
import type { Problem, SseMessage } from '@automatos/contracts';
import type { Metrics } from '@automatos/kernel';
import { waitForDrain } from './wait-for-drain.ts';

export interface SseTiming {
  heartbeatMs: number;
  /** A client that takes nothing for so long is dropped. */
  stalledMsMax: number;
}

export interface SseStream {
  response: ServerResponse;
  messages: AsyncIterable<SseMessage>;
  /** Aborts when the client is gone or the server stops. */
  signal: AbortSignal;
  toProblem(error: unknown): Problem;
}

/**
 * Returns a writer of Server-Sent Events. It asks the source for the next message only after the client took the last
 * one, so that a slow client costs one message of memory; a client that stops reading is cut off and resumes by
 * Last-Event-ID. A failing source ends with `event: problem`.
 */
export function createSseWriter(
  deps: SseTiming & { metrics: Metrics },
): (stream: SseStream) => Promise<void> {
  let open = 0;
  const count = (change: number) =>
    deps.metrics.set('amas_websocket_connections_active', { transport: 'sse' }, (open += change));

  return async ({ response, messages, signal, toProblem }) => {
    count(+1);
    const heartbeat = setInterval(() => {
      // A client that is behind gets messages, not more heartbeats.
      if (!response.writableNeedDrain) response.write(': alive\n\n');
    }, deps.heartbeatMs);
    try {
      response.write(': open\n\n');
      for await (const message of untilAborted(messages, signal)) {
        if (!response.write(formatMessage(message))) await waitForDrain(response, deps);
        if (response.destroyed) break;
      }
    } catch (error) {
      // A source that throws because the client left has nobody to tell.
      if (!signal.aborted && !response.destroyed) {
        response.write(formatMessage({ event: 'problem', data: JSON.stringify(toProblem(error)) }));
      }
    } finally {
      clearInterval(heartbeat);
      count(-1);
      response.end();
    }
  };
}

/** Ends with the signal even when the source waits for something else and never looks at it. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<{ done: true; value: undefined }>();
  const onAbort = () => aborted.resolve({ done: true, value: undefined });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let isDone = false;
  try {
    for (;;) {
      const result = await Promise.race([iterator.next(), aborted.promise]);
      isDone = result.done === true && !signal.aborted;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a source that hangs answers this only when it wakes.
    if (!isDone) void iterator.return?.().catch(() => undefined);
  }
}

/** Line breaks inside data would end the field, so each line gets its own. */
export function formatMessage(message: SseMessage): string {
  let text = '';
  if (message.id !== undefined) text += `id: ${message.id}\n`;
  if (message.event !== undefined) text += `event: ${message.event}\n`;
  for (const line of message.data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return `${text}\n`;
}
