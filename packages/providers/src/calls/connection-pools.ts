import { Agent } from 'undici';

/** Upper bound of one response in bytes; beyond it the connection is closed. */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** Connections to vendors, kept until `close`. */
export interface ConnectionPools {
  /** The pool for a connect time-out in ms, rounded up to whole seconds so that few pools serve all settings. */
  poolFor(connectMs: number): Agent;
  close(): Promise<void>;
}

/** Node's own limits on headers and body (300 s) are off, because calls carry their own bounds. */
export function createConnectionPools(): ConnectionPools {
  const agents = new Map<number, Agent>();
  return {
    poolFor(connectMs) {
      const timeout = Math.ceil(connectMs / 1000) * 1000;
      let agent = agents.get(timeout);
      if (agent === undefined) {
        agent = new Agent({
          headersTimeout: 0,
          bodyTimeout: 0,
          maxResponseSize: RESPONSE_BYTES_MAX,
          connect: { timeout },
          keepAliveTimeout: 30_000,
        });
        agents.set(timeout, agent);
      }
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}
