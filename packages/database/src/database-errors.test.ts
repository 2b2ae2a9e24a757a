import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { PlatformError } from '@automatos/kernel';
import { toDatabaseError, unwrapQueryError } from './database-errors.ts';

const coded = (code: string) => Object.assign(new Error('driver text'), { code });

describe('toDatabaseError', () => {
  it.each([
    ['53100', false, 'database.disk.full', true],
    ['57P01', false, 'database.connection.lost', true],
    ['57P01', true, 'database.connection.lost', false],
    ['55P03', false, 'database.lock.timeout', true],
    ['22021', false, 'database.text.unstorable', false],
    ['22P05', false, 'database.text.unstorable', false],
  ])('%s while storing %s becomes %s', (...row) => {
    const [sqlState, storing, code, retryable] = row;
    const expected = { name: 'PlatformError', code, retryable };
    expect(toDatabaseError(coded(sqlState), storing)).toMatchObject(expected);
  });

  it('leaves errors of the statement itself, and our own, as they are', () => {
    const own = new PlatformError({ code: 'x.y.z', kind: 'conflict', message: 'x' });
    const unique = coded('23505');
    expect([toDatabaseError(own), toDatabaseError(unique)]).toEqual([own, unique]);
    expect(unwrapQueryError(new DrizzleQueryError('SELECT', [], own))).toBe(own);
    const wrapped = new DrizzleQueryError('SELECT', [], unique);
    expect(unwrapQueryError(wrapped)).toBe(wrapped);
  });
});
