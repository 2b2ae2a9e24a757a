import type { Credential, CredentialField, CredentialType } from './credential-views.ts';

/** What stands in the form of a credential and what the API takes of it. Pure. */

/** Text of each field by its name; secrets begin empty, because nobody gets them out again. */
export type Draft = Record<string, string>;
type Value = string | number | boolean | Record<string, string>;
export type Values = Record<string, Value>;
export type Problems = Record<string, string>;

/** A field of any name, of types that take those. */
export interface OpenField {
  name: string;
  value: string;
  secret: boolean;
  /** Known to the server; its name and whether it is secret stay. */
  stored: boolean;
}

const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, text]) => `${name}: ${String(text)}`)
        .join('\n')
    : String(value);

const firstValue = (field: CredentialField): string => {
  if (field.format === 'boolean') return 'true';
  return field.required ? (field.options?.[0] ?? '') : '';
};

export function draftOf(type: CredentialType, credential: Credential | null): Draft {
  return Object.fromEntries(
    type.fields.map((field) => {
      const stored = credential?.fields[field.name];
      if (credential === null) return [field.name, firstValue(field)];
      return [field.name, stored === undefined ? '' : asText(stored)];
    }),
  );
}

export function openFieldsOf(credential: Credential | null): OpenField[] {
  if (credential === null) return [{ name: '', value: '', secret: true, stored: false }];
  return [
    ...Object.entries(credential.fields).map(([name, value]) => ({
      name,
      value: asText(value),
      secret: false,
      stored: true,
    })),
    ...Object.keys(credential.secrets).map((name) => ({
      name,
      value: '',
      secret: true,
      stored: true,
    })),
  ];
}

function headersOf(text: string): Record<string, string> | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line));
  if (pairs.some((pair) => pair === null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

type Read = { value: Value } | { problem: string };

function readValue(field: CredentialField, text: string): Read {
  switch (field.format) {
    case 'boolean':
      return { value: text === 'true' };
    case 'number': {
      const value = Number(text.trim());
      return Number.isFinite(value) ? { value } : { problem: 'Enter a number.' };
    }
    case 'headers': {
      const value = headersOf(text);
      return value === null
        ? { problem: 'Write one header a line, such as X-Team: research.' }
        : { value };
    }
    case 'multiline':
      return { value: text };
    case 'text':
    case 'url':
    case 'email':
    case 'time':
      return { value: text.trim() };
  }
}

function read(fields: readonly CredentialField[], draft: Draft) {
  const values: Values = {};
  const problems: Problems = {};
  for (const field of fields) {
    const text = draft[field.name] ?? '';
    if (text.trim() === '') continue;
    const made = readValue(field, text);
    if ('value' in made) values[field.name] = made.value;
    else problems[field.name] = made.problem;
  }
  return { values, problems };
}

/** Everything that a new credential of the type needs, or what is missing by field. */
export function newFields(
  type: CredentialType,
  draft: Draft,
): { values: Values } | { problems: Problems } {
  const { values, problems } = read(type.fields, draft);
  for (const field of type.fields)
    if (field.required && values[field.name] === undefined)
      problems[field.name] ??= `${field.label} is needed.`;
  for (const group of type.one_of)
    if (!group.some((name) => values[name] !== undefined)) {
      const labels = type.fields.filter(({ name }) => group.includes(name));
      problems[group[0] ?? ''] ??=
        `Give ${labels.map(({ label }) => label.toLowerCase()).join(' or ')}.`;
    }
  return Object.keys(problems).length > 0 ? { problems } : { values };
}

/** Only what differs from what is stored: an empty secret stays, another emptied field is taken away by null. */
export function changedFields(
  type: CredentialType,
  draft: Draft,
  credential: Credential,
): { values: Record<string, Value | null> } | { problems: Problems } {
  const { values, problems } = read(type.fields, draft);
  const before = draftOf(type, credential);
  const changed: Record<string, Value | null> = {};
  for (const field of type.fields) {
    const { name } = field;
    const value = values[name];
    if (field.secret) {
      if (value !== undefined) changed[name] = value;
    } else if ((draft[name] ?? '') !== (before[name] ?? '')) {
      if (value === undefined && field.required) problems[name] ??= `${field.label} is needed.`;
      changed[name] = value ?? null;
    }
  }
  return Object.keys(problems).length > 0 ? { problems } : { values: changed };
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Fields of any name for a new credential, with those that are no secrets; or what is wrong by row. */
export function namedFields(
  rows: readonly OpenField[],
): { values: Values; open: string[] } | { problems: Problems } {
  const problems: Problems = {};
  const values: Values = {};
  for (const [index, { name, value, stored }] of rows.entries()) {
    if (!NAME.test(name))
      problems[index] = 'Name it by small letters, digits and _, such as api_key.';
    else if (Object.hasOwn(values, name)) problems[index] = `${name} is there twice.`;
    else if (value === '' && !stored) problems[index] = 'A value is needed.';
    values[name] = value;
  }
  if (rows.length === 0) problems[0] = 'At least one field is needed.';
  if (Object.keys(problems).length > 0) return { problems };
  return { values, open: rows.filter(({ secret }) => !secret).map(({ name }) => name) };
}

/** What changed of fields of any name; rows that are gone are taken away by null. */
export function changedNamed(
  rows: readonly OpenField[],
  credential: Credential,
): { values: Record<string, Value | null> } | { problems: Problems } {
  const read = namedFields(rows);
  if ('problems' in read) return read;
  const before = openFieldsOf(credential);
  const changed: Record<string, Value | null> = {};
  for (const { name } of before)
    if (!rows.some((row) => row.stored && row.name === name)) changed[name] = null;
  for (const row of rows) {
    const old = before.find(({ name }) => name === row.name);
    if (row.value !== (old?.value ?? '') && row.value !== '') changed[row.name] = row.value;
  }
  return { values: changed };
}

/** What the server says about single fields, by their names. */
export function serverProblems(errors: readonly { pointer: string; message: string }[]): Problems {
  return Object.fromEntries(
    errors.map(({ pointer, message }) => [pointer.split('/').at(-1) ?? '', message]),
  );
}
