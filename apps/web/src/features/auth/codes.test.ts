import { expect, it } from 'vitest';
import { backupCodesFile, isCode, spelledBackupCode } from './codes.ts';

it.each([
  ['abcde', 'abcde'],
  ['abcdef', 'abcde-f'],
  ['abcde-fghij', 'abcde-fghij'],
  [' ABCDE fghij \n', 'ABCDE-fghij'],
  ['abcdefghijklm', 'abcde-fghij'],
  ['abcde-', 'abcde'],
])('%j is spelled %s', (text, spelled) => expect(spelledBackupCode(text)).toBe(spelled));

it.each([
  ['123456', true],
  ['abcde-12345', true],
  ['12345', false],
  ['abcde12345', false],
  ['1234567', false],
])('%s is a code: %s', (text, is) => expect(isCode(text)).toBe(is));

it('the file names the account and holds each code on a line', () => {
  const about = { account: 'ada@example.com', site: 'localhost:3000', made: new Date(0) };
  expect(backupCodesFile(['a-b', 'c-d'], about)).toBe(
    'Backup codes of ada@example.com at localhost:3000\nMade 1970-01-01. Each counts once.\n\na-b\nc-d\n',
  );
});
