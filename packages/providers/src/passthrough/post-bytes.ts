import type { Dispatcher } from 'undici';
import { createConnectionPools } from '../calls/connection-pools.ts';
import type { Outbound } from '../calls/connection-pools.ts';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  connectMs: number;
  signal: AbortSignal;
}

/** What is done with an answer while it comes; a throw ends the request and rejects `post`. */
export interface PostHandler {
  onHead(status: number, headers: Record<string, string | string[] | undefined>): void;
  /** A promise holds the sender back until it settles. */
  onData(chunk: Buffer): Promise<void> | undefined;
}

export interface Poster {
  /** Resolves after the last byte. Rejects with the signal's reason, with what a handler threw, or with the connection's error. */
  post(post: Post, handler: PostHandler): Promise<void>;
  close(): Promise<void>;
}

/**
 * Sends requests with the least between sockets and handlers: no streams, no fetch. Redirects are not followed, and there are no
 * time-outs beside that of connecting: the signal ends a request. `outbound` bounds where it may connect to.
 */
export function createPoster(outbound?: Outbound): Poster {
  const pools = createConnectionPools(outbound);
  return {
    post({ url, headers, body, connectMs, signal }, handler) {
      const { origin, pathname, search } = new URL(url);
      return new Promise((resolve, reject) => {
        pools
          .poolFor(connectMs)
          .dispatch(
            { origin, path: pathname + search, method: 'POST', headers, body },
            dispatchHandler({ signal, handler, resolve, reject }),
          );
      });
    },
    close: () => pools.close(),
  };
}

interface Exchange {
  signal: AbortSignal;
  handler: PostHandler;
  resolve: () => void;
  reject: (error: unknown) => void;
}

function dispatchHandler({
  signal,
  handler,
  resolve,
  reject,
}: Exchange): Dispatcher.DispatchHandler {
  let running: Dispatcher.DispatchController | null = null;
  // While the connection is made there is nothing yet that could be aborted; the caller need not wait for it.
  const onAbort = () => {
    if (running === null) reject(signal.reason);
    else running.abort(signal.reason as Error);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const guarded = (controller: Dispatcher.DispatchController, work: () => void) => {
    try {
      work();
    } catch (error) {
      controller.abort(error as Error);
    }
  };
  return {
    onRequestStart(controller) {
      running = controller;
      if (signal.aborted) onAbort();
    },
    onResponseStart(controller, status, headers) {
      guarded(controller, () => handler.onHead(status, headers));
    },
    onResponseData(controller, chunk) {
      guarded(controller, () => {
        const wait = handler.onData(chunk);
        if (wait === undefined) return;
        controller.pause();
        wait.then(
          () => controller.resume(),
          (error: unknown) => controller.abort(error as Error),
        );
      });
    },
    onResponseEnd() {
      signal.removeEventListener('abort', onAbort);
      resolve();
    },
    onResponseError(_controller, error) {
      signal.removeEventListener('abort', onAbort);
      reject(signal.aborted ? signal.reason : error);
    },
  };
}
