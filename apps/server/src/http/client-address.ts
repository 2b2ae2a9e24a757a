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

/** What requests are counted by: an IPv4 address, or the first 64 bits of an IPv6 one, which a single subscriber has all addresses of. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  // Only the first four groups count; where `::` stands for some of them, what follows it may belong to them.
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const width = after.length + (after.at(-1)?.includes('.') === true ? 1 : 0);
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - width);
  const whole = [...groups, ...Array.from({ length: missing }, () => '0'), ...after];
  const first = whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
