import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { toolError } from '../tool-error.ts';

const DENIED_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const DENIED_V6: [string, number][] = [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

function deniedAddresses(): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of DENIED_V4) list.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of DENIED_V6) list.addSubnet(address, prefix, 'ipv6');
  return list;
}

function denied(host: string): Error {
  return toolError(
    'tools.network.address_denied',
    'forbidden',
    `Requests to "${host}" are refused: its address is not a public one. An operator can allow the host with AUTOMATOS_OUTBOUND_ALLOW.`,
  );
}

type LookupDone = (
  error: Error | null,
  address?: string | LookupAddress[],
  family?: number,
) => void;

/** Checks what the name resolves to at the moment of connecting, so that a name cannot change in between. */
function guardedLookup(isDenied: (ip: string) => boolean) {
  return (host: string, options: LookupOptions, done: LookupDone) => {
    dnsLookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error);
      const first = found[0];
      if (first === undefined || found.some((entry) => isDenied(entry.address)))
        return done(denied(host));
      return options.all === true ? done(null, found) : done(null, first.address, first.family);
    });
  };
}

/** Connections that reach public addresses only, except for the hosts that an operator allowed. */
export interface PublicConnections {
  /** Connection pool for a URL; throws `tools.network.address_denied` for a literal private address. */
  dispatcherFor(url: URL): Dispatcher;
  /** Address to connect to for a host, checked as `dispatcherFor` does; connect to it and not to the name again. */
  resolve(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}

/** Makes the pools; `allow` holds `host` or `host:port`. */
export function createPublicConnections(allow: readonly string[]): PublicConnections {
  const blocked = deniedAddresses();
  const isDenied = (ip: string) => blocked.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
  const guarded = new Agent({
    connect: { lookup: guardedLookup(isDenied) as never },
    keepAliveTimeout: 1000,
  });
  const open = new Agent({ keepAliveTimeout: 1000 });
  const allowed = new Set(allow.map((entry) => entry.toLowerCase()));
  const isAllowed = (host: string, port: number | string) =>
    [host, `[${host}]`, `${host}:${port}`, `[${host}]:${port}`].some((name) => allowed.has(name));
  return {
    dispatcherFor(url) {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
      if (isAllowed(host, port)) return open;
      // A literal address never reaches the look-up of names.
      if (isIP(host) !== 0 && isDenied(host)) throw denied(host);
      return guarded;
    },
    async resolve(name, port) {
      const host = name.replace(/^\[|\]$/g, '').toLowerCase();
      const found = isIP(host) === 0 ? await lookupAll(host, { all: true }) : [{ address: host }];
      const [first] = found;
      const isRefused = !isAllowed(host, port) && found.some(({ address }) => isDenied(address));
      if (first === undefined || isRefused) throw denied(host);
      return first.address;
    },
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}
