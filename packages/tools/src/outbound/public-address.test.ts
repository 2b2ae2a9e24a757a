import { afterAll, expect, test } from 'vitest';
import { createPublicConnections } from './public-address.ts';

const connections = createPublicConnections(['127.0.0.1:5432', '::1', 'localhost:25']);
afterAll(() => connections.close());

test.each([
  ['127.0.0.1', 25],
  ['10.1.2.3', 443],
  ['[fd00::1]', 443],
  ['169.254.169.254', 80],
  ['0.0.0.0', 80],
  ['localhost', 443],
])('no address is given for %s at port %i', async (host, port) => {
  await expect(connections.resolve(host, port)).rejects.toMatchObject({
    code: 'tools.network.address_denied',
  });
});

test('public addresses and those that the operator allowed are given, names as addresses', async () => {
  expect(await connections.resolve('93.184.215.14', 443)).toBe('93.184.215.14');
  expect(await connections.resolve('127.0.0.1', 5432)).toBe('127.0.0.1');
  expect(await connections.resolve('[::1]', 443)).toBe('::1');
  expect(await connections.resolve('LOCALHOST', 25)).toMatch(/^(?:127\.0\.0\.1|::1)$/);
});
