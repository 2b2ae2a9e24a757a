import type { FieldError } from '@automatos/kernel';
import { credentialError } from './credential-error.ts';
import type { CredentialField, CredentialType } from './credential-types.ts';

/** Value of one field as it is kept. */
export type FieldValue = string | number | boolean | Record<string, string>;
export type Fields = Record<string, FieldValue>;

/** What a credential holds, parted into what people may see and what they may not. */
export interface CheckedFields {
  open: Fields;
  secret: Record<string, string>;
}

const FIELDS_MAX = 50;
/** A header that carries a secret would stand in the open. */
const SECRET_HEADER =
  /^(?:authorization|proxy-authorization|cookie|.*(?:api-?key|token|secret).*)$/i;

/**
 * Parts and checks fields by their type. Throws `credentials.fields.invalid` with a pointer per field; no message
 * repeats a value. `publicFields` counts for types with fields of any name.
 */
export function checkFields(
  type: CredentialType,
  fields: Fields,
  publicFields: readonly string[] = [],
): CheckedFields {
  const errors: FieldError[] = [];
  const known = type.open ? openFields(fields, publicFields) : type.fields;
  const checked: CheckedFields = { open: {}, secret: {} };
  for (const row of known) {
    const value = fields[row.name];
    const message = value === undefined ? missing(row) : problemOf(row, value);
    if (message !== null) errors.push({ pointer: `/fields/${row.name}`, message });
    else if (value !== undefined && row.secret) checked.secret[row.name] = value as string;
    else if (value !== undefined) checked.open[row.name] = value;
  }
  const names = new Set(known.map(({ name }) => name));
  for (const name of Object.keys(fields))
    if (!names.has(name))
      errors.push({ pointer: `/fields/${name}`, message: `${type.name} has no such field` });
  for (const group of type.one_of)
    if (!group.some((name) => fields[name] !== undefined))
      errors.push({ pointer: `/fields/${group[0]}`, message: `give ${group.join(' or ')}` });
  if (Object.keys(fields).length > FIELDS_MAX)
    errors.push({ pointer: '/fields', message: `at most ${FIELDS_MAX}` });
  if (type.open && Object.keys(checked.secret).length === 0)
    errors.push({ pointer: '/fields', message: 'at least one field has to be a secret' });
  if (errors.length > 0) throw invalidFields(type, errors);
  return checked;
}

/** The error for fields that a type does not take as they are. */
export function invalidFields(type: CredentialType, errors: FieldError[]) {
  return credentialError('credentials.fields.invalid', {
    kind: 'invalid-input',
    message: `The fields do not fit a credential of type ${type.id}.`,
    errors,
  });
}

function openFields(fields: Fields, publicFields: readonly string[]): CredentialField[] {
  return Object.keys(fields).map((name) => ({
    name,
    label: name,
    secret: !publicFields.includes(name),
    required: true,
    format: 'multiline',
    help: null,
    options: null,
    verifies: false,
  }));
}

const missing = (row: CredentialField) => (row.required ? 'is required' : null);

function problemOf(row: CredentialField, value: FieldValue): string | null {
  if (row.format === 'headers') return headersProblem(value);
  if (row.format === 'boolean') return typeof value === 'boolean' ? null : 'must be true or false';
  if (row.format === 'number') {
    const isPort = typeof value === 'number' && Number.isInteger(value) && value > 0;
    return isPort && value <= 65_535 ? null : 'must be a whole number from 1 to 65535';
  }
  if (typeof value !== 'string') return 'must be text';
  if (value.trim() === '') return 'must not be empty';
  if (row.format !== 'multiline' && /[\p{Cc}]/u.test(value)) return 'must be one line';
  if (row.options !== null && !row.options.includes(value))
    return `must be one of ${row.options.join(', ')}`;
  return formatProblem(row, value);
}

function formatProblem(row: CredentialField, value: string): string | null {
  switch (row.format) {
    case 'url':
      return urlProblem(row, value);
    case 'email':
      return /^[^\s@<>]+@[^\s@<>]+$/.test(value) ? null : 'must be an e-mail address';
    case 'time':
      return Number.isNaN(Date.parse(value)) ? 'must be a time such as 2026-11-21T12:00:00Z' : null;
    case 'text':
    case 'multiline':
    case 'number':
    case 'boolean':
    case 'headers':
      // What goes into a header must not be able to add another.
      return row.secret && value !== value.trim() ? 'must not begin or end with a space' : null;
  }
}

function urlProblem(row: CredentialField, value: string): string | null {
  const parsed = URL.parse(value);
  if (row.secret)
    return parsed !== null && /^postgres(?:ql)?:$/.test(parsed.protocol) && parsed.hostname !== ''
      ? null
      : 'must be a URL that starts with postgresql://';
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    return 'must be a URL that starts with http:// or https://';
  if (parsed.username !== '' || parsed.password !== '')
    return 'must have no user name or password: they would stand in the open';
  return parsed.hash === '' && parsed.search === '' ? null : 'must have no query or fragment';
}

function headersProblem(value: FieldValue): string | null {
  if (typeof value !== 'object') return 'must be an object of header names and values';
  for (const [name, text] of Object.entries(value)) {
    if (!/^[A-Za-z0-9-]{1,100}$/.test(name)) return 'has a name that is no header';
    if (SECRET_HEADER.test(name)) return 'must hold no secrets, which would stand in the open';
    if (!/^[\x20-\x7e]*$/.test(text)) return 'has a value that a header cannot carry';
  }
  return null;
}

const SHOWN_FROM = 12;

/** The last four characters of each secret that is long enough to lose them. */
export function hintsOf(secret: Record<string, string>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, hintOf(value)]));
}

/** Of keys as files and of URLs the end says nothing good: the one is a boundary line, the other may be a password. */
function hintOf(value: string): string | null {
  if (value.length < SHOWN_FROM || value.includes('\n') || value.includes('://')) return null;
  return value.slice(-4);
}
