import { Agent, fetch as undiciFetch } from 'undici';

/** Upper bound of one response in bytes; beyond it the connection is closed. */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** The fetch function of model calls. */
export interface Transport {
  /** Fetch with the given connect time-out. Redirects are errors: the key would travel to the new place. */
  fetchWith(connectMs: number): typeof globalThis.fetch;
  close(): Promise<void>;
}

/**
 * Creates the transport. Node's own limits on headers and body (300 s) are off, because calls carry their own bounds;
 * one connection pool per connect time-out is kept until `close`.
 */
export function createTransport(custom?: typeof globalThis.fetch): Transport {
  const agents = new Map<number, Agent>();
  function agentFor(connectMs: number): Agent {
    const known = agents.get(connectMs);
    if (known !== undefined) return known;
    const agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: RESPONSE_BYTES_MAX,
      connect: { timeout: connectMs },
      keepAliveTimeout: 30_000,
    });
    agents.set(connectMs, agent);
    return agent;
  }
  return {
    fetchWith(connectMs) {
      if (custom !== undefined)
        return (input, init) => custom(input, { ...init, redirect: 'error' });
      const dispatcher = agentFor(Math.ceil(connectMs / 1000) * 1000);
      const guarded = (
        input: Parameters<typeof undiciFetch>[0],
        init?: Parameters<typeof undiciFetch>[1],
      ) => undiciFetch(input, { ...init, redirect: 'error', dispatcher });
      return guarded as unknown as typeof globalThis.fetch;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}
