import type { Pattern } from '@automatos/sdk';

export type Kind = Pattern['kind'];
export type Settings = Pattern['settings'];

export const KINDS: readonly { value: Kind; label: string; help: string }[] = [
  {
    value: 'hierarchical',
    label: 'Hierarchical',
    help: 'A coordinator gives each part to whom suits best, and goes to somebody stronger or a person when a result is not sure enough.',
  },
  {
    value: 'collaborative',
    label: 'Collaborative',
    help: 'Several agents work on each part, read each other, debate and vote; what they do not agree on is told.',
  },
  {
    value: 'emergent',
    label: 'Emergent',
    help: 'Agents bid for parts, form groups and change roles, until no need is left that attracts anybody.',
  },
];

export type SettingField = { key: string; label: string; help?: string } & (
  | { type: 'number'; empty?: string; scale?: number; unit?: string }
  | { type: 'ratio' }
  | { type: 'boolean' }
  | { type: 'choice'; options: readonly (readonly [string, string])[] }
);

const COMMON: readonly SettingField[] = [
  { key: 'parallel_limit', type: 'number', label: 'Turns at once' },
];

/** Settings that people change, by kind; what a pattern holds beside them stays as it is. */
export const SETTING_FIELDS: Record<Kind, readonly SettingField[]> = {
  hierarchical: [
    ...COMMON,
    {
      key: 'candidates_max',
      type: 'number',
      label: 'Agents tried per part',
      help: 'A part that failed goes to the next one.',
    },
    { key: 'parts_max', type: 'number', label: 'Agents one part may be split among' },
    {
      key: 'confidence_threshold',
      type: 'ratio',
      label: 'Least confidence',
      help: 'A result below goes to somebody stronger.',
    },
    { key: 'ask_person', type: 'boolean', label: 'Ask a person when nobody is stronger' },
    {
      key: 'on_timeout',
      type: 'choice',
      label: 'When nobody decides in time',
      options: [
        ['fail', 'the part fails'],
        ['accept', 'the result is taken'],
      ],
    },
  ],
  collaborative: [
    ...COMMON,
    { key: 'agents_per_unit', type: 'number', label: 'Agents per part', empty: 'all who match' },
    { key: 'debate_rounds', type: 'number', label: 'Rounds of debate' },
    {
      key: 'agreement_target',
      type: 'ratio',
      label: 'Agreement that ends the debate',
    },
    {
      key: 'resolution',
      type: 'choice',
      label: 'How it is decided',
      options: [
        ['weighted', 'by votes, weighted by past success'],
        ['majority', 'by the majority'],
        ['expert', 'by the best record'],
        ['iterative_refinement', 'by working on it together'],
      ],
    },
  ],
  emergent: [
    ...COMMON,
    { key: 'rounds_max', type: 'number', label: 'Rounds at most' },
    {
      key: 'attraction_threshold',
      type: 'ratio',
      label: 'Least attraction of a need',
      help: 'Needs below are left.',
    },
    { key: 'load_max', type: 'number', label: 'Parts of one agent in a round' },
    { key: 'group_size_max', type: 'number', label: 'Agents in a group' },
    { key: 'role_switch_after', type: 'number', label: 'Rounds until roles may change' },
    { key: 'attempts_max', type: 'number', label: 'Attempts per part' },
  ],
};

/** One setting in words, for a list. */
export function settingText(field: SettingField, value: unknown): string {
  if (field.type === 'boolean') return value === true ? 'yes' : 'no';
  if (field.type === 'ratio') return `${Math.round(Number(value) * 100)} %`;
  if (field.type === 'choice')
    return field.options.find(([key]) => key === value)?.[1] ?? 'as usual';
  return typeof value === 'number' ? String(value) : (field.empty ?? 'none');
}
