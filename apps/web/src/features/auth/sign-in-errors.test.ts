import { expect, it } from 'vitest';
import { signInErrorText } from './sign-in-errors.ts';

it.each([
  [null, null],
  ['', null],
  ['identity.account.disabled', 'This account is locked. Ask an administrator.'],
  ['toString', expect.stringContaining('could not be used')],
  ['<b>', expect.stringContaining('could not be used')],
])('%s tells %s', (code, text) => expect(signInErrorText(code)).toEqual(text));
