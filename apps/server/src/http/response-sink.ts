import type { ServerResponse } from 'node:http';
import type { ResponseSink } from '@automatos/contracts';
import type { Metrics } from '@automatos/kernel';
import { waitForDrain } from './wait-for-drain.ts';

interface SinkTarget {
  response: ServerResponse;
  /** Takes the response from the framework; returns the headers that the edge has set. */
  begin(): Record<string, string>;
  /** Told of the headers of the handler. */
  onHead?(headers: Readonly<Record<string, string>>): void;
  /** Told when the answer is a stream, whose length says nothing of the server's speed. */
  onStream(): void;
}

/** Returns what a handler of a `stream` route writes to; a client that takes nothing for `stalledMsMax` is dropped. */
export function createResponseSink(
  deps: { stalledMsMax: number; metrics: Metrics },
  { response, begin, onHead, onStream }: SinkTarget,
): ResponseSink {
  let started = false;
  return {
    get started() {
      return started;
    },
    get closed() {
      return response.destroyed;
    },
    start(status, headers) {
      started = true;
      onHead?.(headers);
      const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
      if (isStream) onStream();
      response.writeHead(status, { ...begin(), ...headers });
      // The client may wait for the head before anything else is there to send.
      if (isStream) response.flushHeaders();
    },
    write: (content) => response.write(content),
    drained() {
      if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
      return waitForDrain(response, deps);
    },
    end(content) {
      if (content === undefined) response.end();
      else response.end(content);
    },
  };
}
