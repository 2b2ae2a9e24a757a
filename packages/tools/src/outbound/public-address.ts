import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { checkedLookup, createAddressRules, guardConnect } from '@automatos/kernel/addresses';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { toolError } from '../tool-error.ts';

/** Looks all addresses of a name up, as `dns.lookup` does; tests give one that asks a server of theirs. */
export type NameLookup = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

function denied(host: string): Error {
  return toolError(
    'tools.network.address_denied',
    'forbidden',
    `Requests to "${host}" are refused: its address is not a public one. An operator can allow the host with AUTOMATOS_OUTBOUND_ALLOW.`,
  );
}

/** Connections that reach public addresses only, except for what an operator allowed. */
export interface PublicConnections {
  /** Judges each address when it connects. */
  dispatcher: Dispatcher;
  /** Throws `tools.network.address_denied` for a URL whose host is an address that must not be reached. */
  assertReachable(url: URL): void;
  /** Address to connect to for a host, checked as connections are; connect to it and not to the name again. */
  resolve(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}

/** Makes the pool; `allow` holds `host`, `host:port`, addresses and networks. */
export function createPublicConnections(
  allow: readonly string[],
  lookup: NameLookup = dnsLookup,
): PublicConnections {
  const rules = createAddressRules(allow);
  const guard = { rules, lookup, refuse: denied };
  const dispatcher = new Agent({
    connect: guardConnect<buildConnector.Options, buildConnector.Callback>(guard, {
      open: buildConnector({ lookup: lookup as never }),
      checked: buildConnector({ lookup: checkedLookup(guard) as never }),
    }),
    keepAliveTimeout: 1000,
  });

  function lookupAll(host: string): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      lookup(host, { all: true }, (error, found) =>
        error === null ? resolve(found) : reject(error),
      );
    });
  }

  return {
    dispatcher,
    assertReachable(url) {
      const host = url.hostname.replaceAll(/^\[|\]$/g, '');
      const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port;
      if (isIP(host) !== 0 && rules.refuses(host) && !rules.allowsHost(host, port))
        throw denied(host);
    },
    async resolve(name, port) {
      const host = name.replaceAll(/^\[|\]$/g, '').toLowerCase();
      const found = isIP(host) === 0 ? await lookupAll(host) : [{ address: host }];
      const [first] = found;
      const isRefused =
        !rules.allowsHost(host, port) && found.some(({ address }) => rules.refuses(address));
      if (first === undefined || isRefused) throw denied(host);
      return first.address;
    },
    close: () => dispatcher.destroy(),
  };
}
