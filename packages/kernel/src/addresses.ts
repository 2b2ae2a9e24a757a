/** Which addresses of the network may be connected to. Pure rules: whoever connects brings the look-up of names. */
import { BlockList, isIP } from 'node:net';

/** Special-purpose networks of IANA's registry, and all that is no unicast address of the internet. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** All but 2000::/3, and of that what carries or hides another address: Teredo, benchmarks, ORCHID, examples, 6to4. */
const NOT_PUBLIC_V6 = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

/** Says which hosts and addresses may be reached. */
export interface AddressRules {
  /** True when the operator named this host, or this host with this port: it is reached whatever its address is. */
  allowsHost(host: string, port: number | string): boolean;
  /** True when `address`, an IP address, must not be connected to. Anything that is no IP address is refused. */
  refuses(address: string): boolean;
}

/**
 * Makes the rules. `allow` holds `host`, `host:port`, an address, or a network such as `10.0.0.0/8`; a network also
 * allows the names that lead into it. Throws a TypeError for a network that is none.
 */
export function createAddressRules(allow: readonly string[]): AddressRules {
  // One list for each family: a common one would find every IPv4 address inside ::/3, where it is hidden as ::ffff:0:0/96.
  const refused = { ipv4: toBlockList(NOT_PUBLIC_V4), ipv6: toBlockList(NOT_PUBLIC_V6) };
  const networks = toBlockList(allow.filter((entry) => entry.includes('/')));
  const hosts = new Set(allow.filter((entry) => !entry.includes('/')).map(plainHost));
  return {
    allowsHost(host, port) {
      const name = plainHost(host);
      return hosts.has(name) || hosts.has(`${name}:${port}`) || hosts.has(`[${name}]:${port}`);
    },
    refuses(address) {
      const family = isIP(address);
      // A zone (`fe80::1%eth0`) names an interface of this machine.
      if (family === 0 || address.includes('%')) return true;
      const kind = family === 6 ? 'ipv6' : 'ipv4';
      return refused[kind].check(address, kind) && !networks.check(address, kind);
    },
  };
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(prefix))
      throw new TypeError(`"${network}" is no network such as 10.0.0.0/8.`);
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Lower case, without the brackets of an IPv6 address. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/^\[([^\]]*)\]$/, '$1');
}

interface FoundAddress {
  address: string;
  family: number;
}

type LookupDone = (error: Error | null, address?: string | FoundAddress[], family?: number) => void;

/** The look-up that sockets take, as `dns.lookup` is one. */
export type Lookup<Options extends { all?: boolean | undefined } = { all?: boolean }> = (
  host: string,
  options: Options,
  done: LookupDone,
) => void;

/** Look-up of all addresses of a name. */
export type LookupAll<Options> = (
  host: string,
  options: Options & { all: true },
  done: (error: Error | null, found: FoundAddress[]) => void,
) => void;

export interface GuardDeps<Options> {
  rules: AddressRules;
  lookup: LookupAll<Options>;
  /** The error for a host that must not be reached. */
  refuse: (host: string) => Error;
}

/**
 * A look-up for sockets that answers only when every address of the name may be reached. The socket connects to the very
 * addresses that were checked: a name cannot mean something else a moment later.
 */
export function checkedLookup<Options extends { all?: boolean | undefined }>({
  rules,
  lookup,
  refuse,
}: GuardDeps<Options>): Lookup<Options> {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error);
      const [first] = found;
      if (first === undefined || found.some(({ address }) => rules.refuses(address)))
        return done(refuse(host));
      return options.all === true ? done(null, found) : done(null, first.address, first.family);
    });
  };
}

/** Where a connection goes. */
interface Place {
  hostname: string;
  protocol: string;
  port: string;
}

/**
 * Joins two ways to connect into one that keeps the rules: `open` for hosts that the operator named, `checked`, whose
 * look-up is {@link checkedLookup}, for all others. An address in place of a name passes no look-up and is judged here.
 */
export function guardConnect<Options extends Place, Done extends (error: Error, _: null) => void>(
  { rules, refuse }: Pick<GuardDeps<never>, 'rules' | 'refuse'>,
  ways: Record<'open' | 'checked', (options: Options, done: Done) => void>,
): (options: Options, done: Done) => void {
  return (options, done) => {
    const host = plainHost(options.hostname);
    const port = options.port === '' ? (options.protocol === 'https:' ? 443 : 80) : options.port;
    if (rules.allowsHost(host, port)) ways.open(options, done);
    else if (isIP(host) !== 0 && rules.refuses(host)) done(refuse(host), null);
    else ways.checked(options, done);
  };
}
