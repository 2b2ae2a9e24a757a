import { describe, expect, test } from 'vitest';
import { checkedLookup, createAddressRules, guardConnect } from './addresses.ts';

const rules = createAddressRules([]);

describe('addresses that are not of the internet are refused', () => {
  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.255.255.255'],
    ['loopback', '127.0.0.1'],
    ['the end of loopback', '127.255.255.254'],
    ['private 10', '10.0.0.0'],
    ['the end of private 10', '10.255.255.255'],
    ['private 172', '172.16.0.0'],
    ['the end of private 172', '172.31.255.255'],
    ['private 192', '192.168.0.1'],
    ['metadata of clouds', '169.254.169.254'],
    ['metadata of containers', '169.254.170.2'],
    ['carrier-grade NAT', '100.64.0.0'],
    ['metadata of a cloud inside carrier-grade NAT', '100.100.100.200'],
    ['protocol assignments', '192.0.0.192'],
    ['examples', '192.0.2.1'],
    ['examples, second', '198.51.100.1'],
    ['examples, third', '203.0.113.1'],
    ['relay of 6to4', '192.88.99.1'],
    ['benchmarks', '198.18.0.1'],
    ['the end of benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback of version 6', '::1'],
    ['an address that hides loopback', '::ffff:127.0.0.1'],
    ['the same in hex', '::ffff:7f00:1'],
    ['a hidden private one', '::ffff:a00:1'],
    ['an old form of that', '::127.0.0.1'],
    ['translated', '::ffff:0:7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['benchmarks of version 6', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['examples of version 6', '2001:db8::1'],
    ['newer examples', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fc00::1'],
    ['metadata over unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['the end of link-local', 'febf::1'],
    ['site-local', 'fec0::1'],
    ['multicast of version 6', 'ff02::1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('%s', (_name, address) => {
    expect(rules.refuses(address)).toBe(true);
  });

  test.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2000::1',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2606:4700:4700::1111',
    '2003::1',
  ])('%s is of the internet', (address) => {
    expect(rules.refuses(address)).toBe(false);
  });
});

describe('what an operator allows', () => {
  const open = createAddressRules([
    'vault.internal',
    'Db.Internal:5432',
    '[fd00::1]:80',
    '::1',
    '10.1.0.0/16',
    'fd12::/32',
  ]);

  test.each([
    ['vault.internal', 1, true],
    ['VAULT.internal', 443, true],
    ['db.internal', 5432, true],
    ['db.internal', 5433, false],
    ['fd00::1', 80, true],
    ['[fd00::1]', 80, true],
    ['fd00::1', 81, false],
    ['[::1]', 9, true],
    ['vault.internal.evil.example', 1, false],
    ['evil-vault.internal', 1, false],
  ])('host %s at port %i: %s', (host, port, allowed) => {
    expect(open.allowsHost(host, port)).toBe(allowed);
  });

  test('a network allows its addresses and no others', () => {
    expect([open.refuses('10.1.255.1'), open.refuses('10.2.0.1')]).toEqual([false, true]);
    expect([open.refuses('fd12::9'), open.refuses('fd13::9')]).toEqual([false, true]);
  });

  test('a network that is none is told', () => {
    for (const wrong of ['10.0.0.0/x', 'example.com/8', '10.0.0/8'])
      expect(() => createAddressRules([wrong])).toThrow(/is no network/);
  });
});

describe('connections', () => {
  const refuse = (host: string) => new Error(`refused ${host}`);
  const answers = (addresses: string[]) =>
    checkedLookup({
      rules,
      refuse,
      lookup: (_host, _options: { all?: boolean }, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
    });

  test.each([
    [['1.1.1.1'], null],
    [['1.1.1.1', '127.0.0.1'], 'refused name'],
    [['2606:4700::1', '::1'], 'refused name'],
    [[], 'refused name'],
  ])('a name that means %j', (addresses, error) => {
    let told: unknown;
    answers(addresses)('name', { all: true }, (failure) => (told = failure?.message ?? null));
    expect(told).toBe(error);
  });

  test('sockets that want one address get the first', () => {
    let got: unknown;
    answers(['1.1.1.1', '8.8.8.8'])('name', {}, (_error, ...found) => (got = found));
    expect(got).toEqual(['1.1.1.1', 4]);
  });

  test('an address in place of a name is judged without a look-up, a named host is not', () => {
    const ways: string[] = [];
    const connect = guardConnect(
      { rules: createAddressRules(['127.0.0.1:81', 'inner']), refuse },
      {
        open: ({ hostname }) => void ways.push(`open ${hostname}`),
        checked: ({ hostname }) => void ways.push(`checked ${hostname}`),
      },
    );
    const to = (hostname: string, port: string, protocol = 'http:') =>
      connect({ hostname, port, protocol }, (error: Error) => void ways.push(error.message));
    to('127.0.0.1', '81');
    to('127.0.0.1', '');
    to('[::1]', '', 'https:');
    to('1.1.1.1', '');
    to('inner', '443');
    to('localhost', '');
    expect(ways).toEqual([
      'open 127.0.0.1',
      'refused 127.0.0.1',
      'refused ::1',
      'checked 1.1.1.1',
      'open inner',
      'checked localhost',
    ]);
  });
});
