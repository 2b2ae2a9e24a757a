import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { PlatformError } from '@automatos/kernel';
import { checkedLookup, guardConnect } from '@automatos/kernel/addresses';
import type { AddressRules } from '@automatos/kernel/addresses';
import { Agent, buildConnector } from 'undici';

/** Upper bound of one response in bytes; beyond it the connection is closed. */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** Connections to vendors, kept until `close`. */
export interface ConnectionPools {
  /** The pool for a connect time-out in ms, rounded up to whole seconds so that few pools serve all settings. */
  poolFor(connectMs: number): Agent;
  close(): Promise<void>;
}

/** Looks all addresses of a name up, as `dns.lookup` does. */
export type NameLookup = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/** Which addresses calls may connect to. */
export interface Outbound {
  /** Hosts that it names are reached wherever they are: those of the operator and of the catalogue. */
  rules: AddressRules;
  /** Default: the system's. */
  lookup?: NameLookup;
}

/**
 * Node's own limits on headers and body (300 s) are off, because calls carry their own bounds. With `outbound` every connection is
 * judged by the address it is made to; one that must not be reached rejects with `providers.address.denied`.
 */
export function createConnectionPools(outbound?: Outbound): ConnectionPools {
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
          connect: outbound === undefined ? { timeout } : connectWithin(outbound, timeout),
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

function connectWithin({ rules, lookup = dnsLookup }: Outbound, timeout: number) {
  const guard = { rules, lookup, refuse: denied };
  return guardConnect<buildConnector.Options, buildConnector.Callback>(guard, {
    open: buildConnector({ timeout, lookup: lookup as never }),
    checked: buildConnector({ timeout, lookup: checkedLookup(guard) as never }),
  });
}

function denied(host: string): PlatformError {
  return new PlatformError({
    code: 'providers.address.denied',
    kind: 'forbidden',
    message: `"${host}" is not a public address. The operator can allow it with AUTOMATOS_OUTBOUND_ALLOW.`,
    details: { opens_circuit: true },
  });
}
