import type { ApiKey } from '@automatos/sdk';
import { originsOf, type KeyRole, type Scope } from './key-scopes.ts';

/** What stands in the form of an API key, and what the API takes of it. Pure. */

export interface KeyForm {
  name: string;
  kind: 'server' | 'browser';
  role: KeyRole;
  /** Null: everything that the role may. */
  scopes: Scope[] | null;
  origins: string;
  limit: number | null;
  days: string;
}

export function formOf(key: ApiKey | null): KeyForm {
  return {
    name: key?.name ?? '',
    kind: key?.kind ?? 'server',
    role: key === null ? 'member' : key.role === 'owner' ? 'admin' : key.role,
    scopes: key?.scopes ?? null,
    origins: key?.origins.join('\n') ?? '',
    limit: key?.rate_limit_per_minute ?? null,
    days: '90',
  };
}

export type KeyProblems = Partial<
  Record<'name' | 'scopes' | 'origins' | 'rate_limit_per_minute', string>
>;

/** What the API takes of the form, or what is wrong by field. */
export function inputOf(form: KeyForm) {
  const { kind, limit, scopes } = form;
  const problems: KeyProblems = {};
  const read = originsOf(form.origins);
  const origins = kind === 'browser' && 'origins' in read ? read.origins : [];
  if (form.name.trim() === '') problems.name = 'Name is needed.';
  if (scopes?.length === 0) problems.scopes = 'Choose at least one.';
  if (kind === 'browser' && 'problem' in read) problems.origins = read.problem;
  else if (kind === 'browser' && origins.length === 0)
    problems.origins = 'At least one origin is needed.';
  if (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000))
    problems.rate_limit_per_minute = 'Enter a whole number from 1 to 1,000,000.';
  if (Object.keys(problems).length > 0) return { problems };
  return { input: { name: form.name.trim(), scopes, origins, rate_limit_per_minute: limit } };
}
