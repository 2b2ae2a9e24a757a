import { expect, it } from 'vitest';
import { formOf, inputOf } from './key-form.ts';

const empty = formOf(null);

it('says what is missing', () => {
  expect(inputOf({ ...empty, kind: 'browser', scopes: [], limit: 0 }).problems).toEqual({
    name: 'Name is needed.',
    scopes: 'Choose at least one.',
    origins: 'At least one origin is needed.',
    rate_limit_per_minute: 'Enter a whole number from 1 to 1,000,000.',
  });
});

it('origins belong to browser keys alone', () => {
  const form = { ...empty, name: ' shop ', origins: 'https://a.example' };
  expect(inputOf({ ...form, kind: 'browser' }).input).toEqual({
    name: 'shop',
    scopes: null,
    origins: ['https://a.example'],
    rate_limit_per_minute: null,
  });
  expect(inputOf({ ...form, kind: 'server' }).input?.origins).toEqual([]);
});
