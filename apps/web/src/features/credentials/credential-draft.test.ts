import { describe, expect, it } from 'vitest';
import {
  changedFields,
  changedNamed,
  draftOf,
  namedFields,
  newFields,
  openFieldsOf,
} from './credential-draft.ts';
import type { Credential, CredentialField, CredentialType } from './credential-views.ts';

const field = (name: string, extra: Partial<CredentialField> = {}): CredentialField => ({
  name,
  label: name,
  secret: false,
  required: true,
  format: 'text',
  help: null,
  options: null,
  verifies: false,
  ...extra,
});
const smtp: CredentialType = {
  id: 'smtp',
  name: 'Mail',
  category: 'mail',
  docs: '',
  fields: [
    field('host'),
    field('port', { format: 'number' }),
    field('tls', { options: ['implicit', 'starttls'] }),
    field('password', { secret: true }),
    field('headers', { format: 'headers', required: false }),
    field('key', { secret: true, required: false }),
  ],
  one_of: [],
  test: 'Logs in',
  open: false,
};
const stored: Credential = {
  id: 'c',
  scope: 'workspace',
  type: 'smtp',
  name: 'Mail',
  provider: null,
  fields: { host: 'mail.example', port: 465, tls: 'implicit' },
  secrets: { password: { last_four: 'cret' } },
  version: 3,
  previous_until: null,
  last_used_at: null,
  last_test: null,
  created_by: '',
  created_at: '',
  updated_at: '',
};

describe('a new credential', () => {
  it('begins with the first of the only values, and names what is missing', () => {
    const draft = draftOf(smtp, null);
    expect(draft['tls']).toBe('implicit');
    expect(newFields(smtp, { ...draft, port: 'many' })).toEqual({
      problems: {
        host: 'host is needed.',
        port: 'Enter a number.',
        password: 'password is needed.',
      },
    });
  });

  it('sends each field in its own form and leaves out what is empty', () => {
    const draft = { ...draftOf(smtp, null), host: ' mail ', port: '465', password: 'secret' };
    expect(newFields(smtp, { ...draft, headers: 'X-Team: a: b\n\nX-B:c' })).toEqual({
      values: {
        host: 'mail',
        port: 465,
        tls: 'implicit',
        password: 'secret',
        headers: { 'X-Team': 'a: b', 'X-B': 'c' },
      },
    });
  });

  it('asks for one of several where one is enough', () => {
    const type = {
      ...smtp,
      fields: [field('a', { required: false }), field('b', { required: false })],
      one_of: [['a', 'b']],
    };
    expect(newFields(type, {})).toEqual({ problems: { a: 'Give a or b.' } });
    expect(newFields(type, { b: 'x' })).toEqual({ values: { b: 'x' } });
  });
});

describe('a change', () => {
  it('is nothing while nothing was typed: secrets stay', () => {
    expect(changedFields(smtp, draftOf(smtp, stored), stored)).toEqual({ values: {} });
  });

  it('holds what differs, and null for what was emptied', () => {
    const before = { ...stored, fields: { ...stored.fields, headers: { a: 'b' } as never } };
    const draft = { ...draftOf(smtp, before), port: '587', headers: '', password: 'new one' };
    expect(changedFields(smtp, draft, before)).toEqual({
      values: { port: 587, headers: null, password: 'new one' },
    });
    expect(changedFields(smtp, { ...draft, host: '' }, before)).toEqual({
      problems: { host: 'host is needed.' },
    });
  });
});

describe('fields of any name', () => {
  const row = (name: string, value: string, secret = true) => ({
    name,
    value,
    secret,
    stored: false,
  });
  it('are named, once each, and tell which are no secrets', () => {
    expect(namedFields([row('token', 'a'), row('host', 'b', false)])).toEqual({
      values: { token: 'a', host: 'b' },
      open: ['host'],
    });
    expect(namedFields([row('No', 'a'), row('b', ''), row('c', '1'), row('c', '2')])).toEqual({
      problems: {
        0: expect.stringContaining('small letters'),
        1: 'A value is needed.',
        3: 'c is there twice.',
      },
    });
  });

  it('change, come and go one by one', () => {
    const rows = openFieldsOf(stored).filter(({ name }) => name !== 'tls');
    const changed = rows.map((each) => (each.name === 'host' ? { ...each, value: 'h2' } : each));
    expect(changedNamed([...changed, row('more', 'x')], stored)).toEqual({
      values: { tls: null, host: 'h2', more: 'x' },
    });
    expect(changedNamed(openFieldsOf(stored), stored)).toEqual({ values: {} });
  });
});
