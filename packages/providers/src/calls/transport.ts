import { fetch as undiciFetch } from 'undici';
import { createConnectionPools } from './connection-pools.ts';
import type { Outbound } from './connection-pools.ts';

/** The fetch function of model calls. */
export interface Transport {
  /** Fetch with the given connect time-out. Redirects are errors: the key would travel to the new place. */
  fetchWith(connectMs: number): typeof globalThis.fetch;
  close(): Promise<void>;
}

export interface TransportDeps {
  /** Replaces the network. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Default: all addresses may be reached. */
  outbound?: Outbound | undefined;
  /** Id of the request that a call is made for, sent along as `X-Request-ID`. */
  requestId?: (() => string | undefined) | undefined;
}

/** Creates the transport. */
export function createTransport({ fetch: custom, outbound, requestId }: TransportDeps): Transport {
  const pools = createConnectionPools(outbound);
  const named = (init: RequestInit | undefined): RequestInit => {
    const id = requestId?.();
    if (id === undefined) return { ...init, redirect: 'error' };
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), 'x-request-id': id };
    return { ...init, headers, redirect: 'error' };
  };
  return {
    fetchWith(connectMs) {
      if (custom !== undefined) return (input, init) => custom(input, named(init));
      const dispatcher = pools.poolFor(connectMs);
      const guarded = (input: Parameters<typeof undiciFetch>[0], init?: RequestInit) =>
        undiciFetch(input, { ...(named(init) as object), dispatcher });
      return guarded as unknown as typeof globalThis.fetch;
    },
    close: () => pools.close(),
  };
}
