import { BlockList, isIP } from 'node:net';

/** True when `address` is one of the operator's proxies. */
export type TrustTest = (address: string) => boolean;

/** `entries` are addresses or networks in CIDR form, as the configuration validated them. */
export function createTrustTest(entries: readonly string[]): TrustTest {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/**
 * Address of the caller: the connection's, unless that is a trusted proxy; then the last forwarded address that is no
 * trusted proxy itself. What an untrusted sender puts into X-Forwarded-For is never believed.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: TrustTest,
): string {
  let address = plainAddress(peer ?? '');
  const hops = (forwardedFor ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  while (hops.length > 0 && isTrusted(address)) {
    const hop = plainAddress(hops.pop() ?? '');
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}

/** IPv4 that arrives on a dual-stack socket looks like `::ffff:127.0.0.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
