import type { ListThreatAssessmentsData } from '@automatos/sdk';
import { dayOf, midnight } from '../../lib/days.ts';
import { ACTIONS, CATEGORIES, LEVELS } from './security-words.ts';
import type { Action, Category, Level } from './security-words.ts';

/** Which assessments are shown, as the address holds it and as the API asks for it. Pure. */

type Query = NonNullable<ListThreatAssessmentsData['query']>;

export interface AssessmentFilters {
  level: Level | null;
  action: Action | null;
  category: Category | null;
  /** A kind of caller, or the id of one. */
  principal: string | null;
  address: string | null;
  /** Days as date inputs hold them, in the reader's zone. */
  from: string | null;
  to: string | null;
  search: string | null;
}

export const ASSESSMENT_PARAMS = [
  'level',
  'action',
  'category',
  'principal',
  'address',
  'from',
  'to',
  'q',
] as const;

interface Params {
  get(name: string): string | null;
}

/** What an address asks for; what cannot be is left out. */
export function readAssessmentFilters(params: Params): AssessmentFilters {
  const text = (name: (typeof ASSESSMENT_PARAMS)[number]) => {
    const value = params.get(name)?.trim().slice(0, 100) ?? '';
    return value === '' ? null : value;
  };
  const oneOf = <Key extends string>(value: string | null, known: Record<Key, unknown>) =>
    value !== null && Object.hasOwn(known, value) ? (value as Key) : null;
  return {
    level: oneOf(text('level'), LEVELS),
    action: oneOf(text('action'), ACTIONS),
    category: oneOf(text('category'), CATEGORIES),
    principal: text('principal'),
    address: text('address'),
    from: dayOf(text('from')),
    to: dayOf(text('to')),
    search: text('q'),
  };
}

/** The query of the API; `to` includes the whole day. */
export function toAssessmentQuery({ from, to, ...rest }: AssessmentFilters): Query {
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...set,
    ...(from === null ? {} : { from: midnight(from, 0) }),
    ...(to === null ? {} : { to: midnight(to, 1) }),
  };
}
