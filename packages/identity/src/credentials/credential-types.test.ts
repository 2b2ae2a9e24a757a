import { expect, test } from 'vitest';
import { credentialTypeSchema } from '@automatos/contracts';
import { checkFields } from './check-fields.ts';
import type { Fields } from './check-fields.ts';
import { CREDENTIAL_TYPES } from './credential-types.ts';
import { REQUESTS } from './testing-access/requests.ts';

test('there are the twenty types, each as the contract has it', () => {
  expect(CREDENTIAL_TYPES.map(({ id }) => id)).toHaveLength(20);
  expect(new Set(CREDENTIAL_TYPES.map(({ id }) => id)).size).toBe(20);
  for (const type of CREDENTIAL_TYPES) expect(type).toMatchObject(credentialTypeSchema.parse(type));
});

/** Types whose test is no single request of the table. */
const OTHER_TESTS = ['oauth2', 'salesforce', 'aws_s3', 'smtp', 'postgresql'];

test('each type that says it has a test has one, and no other', () => {
  for (const { id, category, test: says } of CREDENTIAL_TYPES) {
    const isKnown = category === 'model' || OTHER_TESTS.includes(id) || REQUESTS[id] !== undefined;
    expect([id, says !== null]).toEqual([id, isKnown]);
  }
});

const GOOD = {
  text: 'value-of-some-length',
  url: 'https://service.test/path',
  email: 'a@b.test',
  number: 587,
  boolean: true,
  multiline: 'line 1\nline 2',
  time: '2026-11-21T10:00:00Z',
  headers: { 'x-region': 'eu' },
} as const;

test.each(CREDENTIAL_TYPES.filter(({ open }) => !open))(
  '$id takes all its fields, misses the required ones, and keeps secrets apart',
  (type) => {
    const full: Fields = Object.fromEntries(
      type.fields.map((field) => [
        field.name,
        field.options?.[0] ??
          (field.secret && field.format === 'url' ? 'postgresql://u:p@h/d' : GOOD[field.format]),
      ]),
    );
    const { open, secret } = checkFields(type, full);
    expect({ ...open, ...secret }).toEqual(full);
    expect(Object.keys(secret)).toEqual(
      type.fields.filter((field) => field.secret).map(({ name }) => name),
    );
    for (const field of type.fields.filter(({ required }) => required)) {
      const { [field.name]: _, ...rest } = full;
      expect(() => checkFields(type, rest)).toThrow('do not fit');
    }
  },
);

test.each([
  ['a header that could add another', 'openai', { api_key: 'abc\r\nx: y' }],
  ['a password inside of an address', 'n8n', { base_url: 'https://u:p@n.test' }],
  ['a script address', 'n8n', { base_url: 'javascript:alert(1)' }],
  ['a secret among open headers', 'ollama', { headers: { Authorization: 'Bearer x' } }],
  ['an object where text belongs', 'openai', { api_key: { a: 'b' } }],
])('%s is refused', (_name, id, fields) => {
  const type = CREDENTIAL_TYPES.find((row) => row.id === id) as (typeof CREDENTIAL_TYPES)[number];
  const pointer = `/fields/${Object.keys(fields)[0]}`;
  expect(() => checkFields(type, fields as unknown as Fields)).toThrow(
    expect.objectContaining({
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    }),
  );
});
