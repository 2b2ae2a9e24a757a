import type { ListAuditData } from '@automatos/sdk';
import { dayOf, midnight } from '../../lib/days.ts';

/** Which entries the log shows, as the address holds it and as the API asks for it. Pure. */

type Query = NonNullable<ListAuditData['query']>;

export const OUTCOMES = { success: 'Done', denied: 'Denied', failure: 'Failed' } as const;
export type Outcome = keyof typeof OUTCOMES;

export const ACTORS = {
  user: 'People',
  api_key: 'API keys',
  operator: 'Operator',
  system: 'Automatos itself',
  anonymous: 'Nobody known',
} as const;

export interface AuditFilters {
  action: string | null;
  outcome: Outcome | null;
  /** A kind, or the id of one actor. */
  actor: string | null;
  target: string | null;
  /** Days as date inputs hold them, in the reader's zone. */
  from: string | null;
  to: string | null;
  search: string | null;
}

export const FILTER_PARAMS = ['action', 'outcome', 'actor', 'target', 'from', 'to', 'q'] as const;
type FilterParam = (typeof FILTER_PARAMS)[number];

interface Params {
  get(name: string): string | null;
}

/** What an address asks for; what cannot be is left out. */
export function readFilters(params: Params): AuditFilters {
  const text = (name: FilterParam) => {
    const value = params.get(name)?.trim().slice(0, 100) ?? '';
    return value === '' ? null : value;
  };
  const outcome = text('outcome');
  return {
    action: text('action'),
    outcome: outcome !== null && Object.hasOwn(OUTCOMES, outcome) ? (outcome as Outcome) : null,
    actor: text('actor'),
    target: text('target'),
    from: dayOf(text('from')),
    to: dayOf(text('to')),
    search: text('q'),
  };
}

/** The query of the API; `to` includes the whole day. */
export function toQuery({ from, to, ...rest }: AuditFilters): Query {
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...set,
    ...(from === null ? {} : { from: midnight(from, 0) }),
    ...(to === null ? {} : { to: midnight(to, 1) }),
  };
}

/** Where the browser downloads what the filters show. */
export function exportHref(filters: AuditFilters, format: 'ndjson' | 'csv'): string {
  const query = new URLSearchParams({ ...(toQuery(filters) as Record<string, string>), format });
  return `/api/audit/export?${query.toString()}`;
}

const ACRONYMS: Readonly<Record<string, string>> = { api: 'API', llm: 'LLM' };

/** `api_key.first_use` as words: "API key: first use". */
export function actionText(action: string): string {
  const words = (text: string) =>
    text
      .split('_')
      .map((word) => ACRONYMS[word] ?? word)
      .join(' ');
  const [area = '', verb = ''] = action.split('.');
  const subject = words(area);
  return `${subject.charAt(0).toUpperCase()}${subject.slice(1)}: ${words(verb)}`;
}
