import { describe, expect, it } from 'vitest';
import { PlatformError } from '@automatos/kernel';
import { isConnectionLoss, isDiskFull, retryRead } from './connection-loss.ts';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('isConnectionLoss', () => {
  it.each([
    ['a server that shuts down', coded('57P01'), true],
    ['a connection exception', coded('08006'), true],
    ['a reset socket', coded('ECONNRESET'), true],
    ['the driver’s own words', new Error('Connection terminated unexpectedly'), true],
    ['one wrapped by a query builder', new Error('Failed query', { cause: coded('57P01') }), true],
    [
      'our own error',
      new PlatformError({ code: 'database.engine.unavailable', kind: 'unavailable', message: 'x' }),
      true,
    ],
    ['a wrong statement', coded('42601'), false],
    ['a full disk', coded('53100'), false],
    ['something else', new Error('boom'), false],
    ['no error', 'text', false],
  ])('%s', (_name, error, expected) => {
    expect(isConnectionLoss(error)).toBe(expected);
  });
});

describe('isDiskFull', () => {
  it('knows the server’s code and ours, wrapped or not', () => {
    expect(
      [coded('53100'), new Error('x', { cause: coded('database.disk.full') }), coded('57P01')].map(
        isDiskFull,
      ),
    ).toEqual([true, true, false]);
  });
});

describe('retryRead', () => {
  it('repeats after a lost connection, up to its bound, and nothing else', async () => {
    let calls = 0;
    const flaky = (failures: number, error: Error) => () =>
      ++calls <= failures ? Promise.reject(error) : Promise.resolve('read');
    expect(await retryRead(flaky(2, coded('57P01')))).toBe('read');
    calls = 0;
    await expect(retryRead(flaky(3, coded('57P01')))).rejects.toMatchObject({ code: '57P01' });
    calls = 0;
    await expect(retryRead(flaky(1, coded('23505')))).rejects.toMatchObject({ code: '23505' });
    expect(calls).toBe(1);
  });
});
