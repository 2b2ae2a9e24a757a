import type { ListRunsData, RunStatus } from '@automatos/sdk';

/** Which runs a list shows, as the address holds it, as the API asks for it, and as chips name it. Pure. */

type Query = NonNullable<ListRunsData['query']>;

const STATUSES: readonly RunStatus[] = [
  'queued',
  'running',
  'paused',
  'waiting_approval',
  'completed',
  'failed',
  'cancelled',
];
export const TRIGGERS = {
  person: 'A person',
  schedule: 'A schedule',
  webhook: 'A webhook',
  run_event: 'Another run',
  sub_run: 'A step of a run',
} as const;
export const GRADES = ['A', 'B', 'C', 'D', 'F'] as const;

export interface RunFilters {
  statuses: RunStatus[];
  recipe: string | null;
  trigger: keyof typeof TRIGGERS | null;
  grade: (typeof GRADES)[number] | null;
  /** Days as the date inputs hold them, `2026-11-21`, in the reader's zone. */
  from: string | null;
  to: string | null;
  search: string | null;
}

/** Names of the parameters in the address. */
export const FILTER_PARAMS = ['status', 'recipe', 'trigger', 'grade', 'from', 'to', 'q'] as const;
export type FilterParam = (typeof FILTER_PARAMS)[number];

interface Params {
  get(name: string): string | null;
}

function oneOf<Value extends string>(
  value: string | null,
  allowed: readonly Value[],
): Value | null {
  return allowed.find((each) => each === value) ?? null;
}

function day(value: string | null): string | null {
  return value !== null && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : null;
}

/** What an address asks for; what it does not know is left out. */
export function readFilters(params: Params): RunFilters {
  const asked = new Set((params.get('status') ?? '').split(','));
  const text = (name: FilterParam) => {
    const value = params.get(name)?.trim() ?? '';
    return value === '' ? null : value;
  };
  return {
    statuses: STATUSES.filter((status) => asked.has(status)),
    recipe: text('recipe'),
    trigger: oneOf(params.get('trigger'), Object.keys(TRIGGERS) as (keyof typeof TRIGGERS)[]),
    grade: oneOf(params.get('grade'), GRADES),
    from: day(params.get('from')),
    to: day(params.get('to')),
    search: text('q'),
  };
}

/** The statuses with one put in or taken out, as the address holds them; null when none is left. */
export function toggledStatus(statuses: readonly RunStatus[], status: RunStatus): string | null {
  const next = STATUSES.filter((each) => statuses.includes(each) !== (each === status));
  return next.length === 0 ? null : next.join(',');
}

/** Midnight in the reader's zone at the start of a day, or of the day after. */
function midnight(value: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = value.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

/** The query of the API; `to` includes the whole day. */
export function toQuery(filters: RunFilters): Query {
  const { statuses, recipe, trigger, grade, from, to, search } = filters;
  return {
    ...(statuses.length === 0 ? {} : { statuses: statuses.join(',') }),
    ...(recipe === null ? {} : { recipe }),
    ...(trigger === null ? {} : { trigger }),
    ...(grade === null ? {} : { grade }),
    ...(from === null ? {} : { from: midnight(from, 0) }),
    ...(to === null ? {} : { to: midnight(to, 1) }),
    ...(search === null ? {} : { search: search.slice(0, 100) }),
  };
}

export interface FilterChip {
  label: string;
  /** What the address becomes without it. */
  without: Partial<Record<FilterParam, string | null>>;
}

/** One chip for each thing that narrows the list. */
export function chipsOf(
  filters: RunFilters,
  names: { status: (status: RunStatus) => string; recipe: (slug: string) => string },
): FilterChip[] {
  const { statuses, recipe, trigger, grade, from, to, search } = filters;
  const chips: FilterChip[] = statuses.map((status) => ({
    label: names.status(status),
    without: { status: toggledStatus(statuses, status) },
  }));
  if (recipe !== null) chips.push({ label: names.recipe(recipe), without: { recipe: null } });
  if (trigger !== null)
    chips.push({
      label: `Started by ${TRIGGERS[trigger].toLowerCase()}`,
      without: { trigger: null },
    });
  if (grade !== null) chips.push({ label: `Grade ${grade}`, without: { grade: null } });
  if (from !== null) chips.push({ label: `From ${from}`, without: { from: null } });
  if (to !== null) chips.push({ label: `Until ${to}`, without: { to: null } });
  if (search !== null) chips.push({ label: `“${search}”`, without: { q: null } });
  return chips;
}
