import type { RouterSettings } from '../provider-types.ts';

/** The numbers of the router's settings as data: how they are shown, and within which bounds they must lie. Pure. */

type Section = 'breaker' | 'timeouts' | 'queue';

export interface NumberSetting {
  section: Section;
  key: string;
  label: string;
  help: string;
  unit?: string;
  /** What is stored divided by this is what people see. */
  scale: number;
  min: number;
  max: number;
}

const SECONDS = { unit: 'seconds', scale: 1000 } as const;
const HOUR = 3_600_000;

export const NUMBER_SETTINGS: readonly NumberSetting[] = [
  {
    section: 'breaker',
    key: 'consecutive_failures',
    label: 'Failures in a row',
    help: 'After this many the circuit opens.',
    scale: 1,
    min: 1,
    max: 100,
  },
  {
    section: 'breaker',
    key: 'failure_rate',
    label: 'Share of failures',
    help: 'Or when this share of the calls in the window failed.',
    unit: '%',
    scale: 0.01,
    min: 0.01,
    max: 1,
  },
  {
    section: 'breaker',
    key: 'min_calls',
    label: 'Calls before the share counts',
    help: 'With fewer calls only failures in a row open it.',
    scale: 1,
    min: 1,
    max: 10_000,
  },
  {
    section: 'breaker',
    key: 'window_ms',
    label: 'Window',
    help: 'The calls of this time are looked at.',
    ...SECONDS,
    min: 1000,
    max: HOUR,
  },
  {
    section: 'breaker',
    key: 'cooldown_ms',
    label: 'Cool-down',
    help: 'So long calls are passed over; then one probe is let through.',
    ...SECONDS,
    min: 100,
    max: HOUR,
  },
  {
    section: 'breaker',
    key: 'cooldown_max_ms',
    label: 'Longest cool-down',
    help: 'Each failed probe doubles the cool-down, up to this.',
    ...SECONDS,
    min: 100,
    max: 24 * HOUR,
  },
  {
    section: 'timeouts',
    key: 'connect_ms',
    label: 'Connecting',
    help: 'Until the vendor takes the call.',
    ...SECONDS,
    min: 10,
    max: 600_000,
  },
  {
    section: 'timeouts',
    key: 'first_token_ms',
    label: 'First token',
    help: 'Until the answer begins.',
    ...SECONDS,
    min: 10,
    max: HOUR,
  },
  {
    section: 'timeouts',
    key: 'between_tokens_ms',
    label: 'Between tokens',
    help: 'A stream that stands still for so long is given up.',
    ...SECONDS,
    min: 10,
    max: HOUR,
  },
  {
    section: 'timeouts',
    key: 'total_ms',
    label: 'Whole answer',
    help: 'Then the call ends, however it goes.',
    ...SECONDS,
    min: 10,
    max: 24 * HOUR,
  },
  {
    section: 'queue',
    key: 'max_waiting',
    label: 'Calls that may wait',
    help: 'Per model; one more goes on to the next candidate at once.',
    scale: 1,
    min: 0,
    max: 10_000,
  },
  {
    section: 'queue',
    key: 'max_wait_ms',
    label: 'Longest wait',
    help: 'Then the next candidate is taken.',
    ...SECONDS,
    min: 0,
    max: 600_000,
  },
];

/** Settings while they are edited: an empty or wrong number stands as null or NaN until it is right. */
export type Draft = RouterSettings;

export function numberAt(draft: Draft, { section, key }: NumberSetting): number | null {
  return (draft[section] as unknown as Record<string, number | null>)[key] ?? null;
}

export function withNumber(draft: Draft, setting: NumberSetting, value: number | null): Draft {
  return { ...draft, [setting.section]: { ...draft[setting.section], [setting.key]: value } };
}

const LIMITS = [
  ['requests_per_minute', 1_000_000],
  ['tokens_per_minute', 1_000_000_000],
  ['concurrency', 10_000],
] as const;

function rangeText({
  min,
  max,
  scale,
  unit,
}: Omit<NumberSetting, 'section' | 'key' | 'label' | 'help'>) {
  const shown = (value: number) => (Math.round((value / scale) * 1000) / 1000).toLocaleString('en');
  return `From ${shown(min)} to ${shown(max)}${unit === undefined ? '' : ` ${unit}`}.`;
}

/** What is wrong in a draft, by JSON pointer; the server checks again and knows more. */
export function problemsOf(draft: Draft): Record<string, string> {
  const problems: Record<string, string> = {};
  const check = (
    pointer: string,
    value: number | null,
    range: { min: number; max: number; scale: number; unit?: string },
  ) => {
    if (value === null || Number.isNaN(value) || value < range.min || value > range.max)
      problems[pointer] = rangeText(range);
  };
  for (const setting of NUMBER_SETTINGS)
    check(`/${setting.section}/${setting.key}`, numberAt(draft, setting), setting);
  check('/cache/ttl_ms', draft.cache.ttl_ms, { min: 1000, max: 30 * 24 * HOUR, ...SECONDS });
  const { semantic } = draft.cache;
  if (semantic !== null) {
    check('/cache/semantic/similarity', semantic.similarity, { min: 0.5, max: 1, scale: 1 });
    if (semantic.embedding.provider === '')
      problems['/cache/semantic/embedding/provider'] = 'Choose a provider.';
    if (semantic.embedding.model === '')
      problems['/cache/semantic/embedding/model'] = 'Name the embedding model.';
  }
  for (const [row, entry] of draft.chain.entries())
    check(`/chain/${row}/weight`, entry.weight, { min: 1, max: 1000, scale: 1 });
  for (const [row, limit] of draft.limits.entries()) {
    if (limit.provider === '') problems[`/limits/${row}/provider`] = 'Choose a provider.';
    for (const [key, max] of LIMITS)
      if (limit[key] !== null)
        check(`/limits/${row}/${key}`, limit[key], { min: 1, max, scale: 1 });
  }
  return problems;
}

export interface SettingChange {
  setting: string;
  mine: string;
  theirs: string;
}

/** Settings in which two versions differ, flat, for the question after a conflict. */
export function settingChanges(mine: RouterSettings, theirs: RouterSettings): SettingChange[] {
  const left = flatten(mine);
  const right = flatten(theirs);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => ({
      setting: name,
      mine: left.get(name) ?? 'none',
      theirs: right.get(name) ?? 'none',
    }));
}

/** A value without parts, as people read it. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rowText(row: unknown): string {
  if (typeof row !== 'object' || row === null) return plain(row);
  const parts: unknown[] = Object.values(row);
  return parts
    .filter((part) => part !== null)
    .map(plain)
    .join(' ');
}

function flatten(settings: RouterSettings): Map<string, string> {
  const flat = new Map<string, string>();
  const walk = (name: string, value: unknown): void => {
    if (Array.isArray(value)) {
      flat.set(name, value.map(rowText).join(', ') || 'none');
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value))
        walk(name === '' ? key : `${name}.${key}`, each);
    } else {
      flat.set(name, plain(value));
    }
  };
  walk('', settings);
  return flat;
}
