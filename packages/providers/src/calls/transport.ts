import { fetch as undiciFetch } from 'undici';
import { createConnectionPools } from './connection-pools.ts';

/** The fetch function of model calls. */
export interface Transport {
  /** Fetch with the given connect time-out. Redirects are errors: the key would travel to the new place. */
  fetchWith(connectMs: number): typeof globalThis.fetch;
  close(): Promise<void>;
}

/** Creates the transport. `custom` replaces the network. */
export function createTransport(custom?: typeof globalThis.fetch): Transport {
  const pools = createConnectionPools();
  return {
    fetchWith(connectMs) {
      if (custom !== undefined)
        return (input, init) => custom(input, { ...init, redirect: 'error' });
      const dispatcher = pools.poolFor(connectMs);
      const guarded = (
        input: Parameters<typeof undiciFetch>[0],
        init?: Parameters<typeof undiciFetch>[1],
      ) => undiciFetch(input, { ...init, redirect: 'error', dispatcher });
      return guarded as unknown as typeof globalThis.fetch;
    },
    close: () => pools.close(),
  };
}
