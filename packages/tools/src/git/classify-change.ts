/** Kinds of change as release notes group them; the first eight are types of Conventional Commits. */
export const CHANGE_KINDS = [
  'feat',
  'fix',
  'perf',
  'refactor',
  'docs',
  'test',
  'build',
  'chore',
  'revert',
  'other',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Change {
  kind: ChangeKind;
  scope: string | null;
  /** Marked by `!` after the type, as Conventional Commits 1.0.0 has it, or by the words "breaking change". */
  breaking: boolean;
  text: string;
}

const CONVENTIONAL = /^(?<type>[a-z]+)(?:\((?<scope>[^)]{1,60})\))?(?<mark>!)?:\s+(?<text>.+)$/i;
/** Other names of the same kinds. */
const SAME: Readonly<Record<string, ChangeKind>> = {
  feature: 'feat',
  bugfix: 'fix',
  hotfix: 'fix',
  ci: 'build',
  deps: 'build',
  style: 'chore',
  tests: 'test',
  doc: 'docs',
};
/** First words of subjects without a prefix; the first that fits decides. */
const WORDS: readonly [ChangeKind, RegExp][] = [
  ['revert', /^revert(?:ed|s|ing)?\b/i],
  ['fix', /^(?:fix(?:e[sd])?|repair|correct|resolve[sd]?|prevent|handle)\b/i],
  ['docs', /^(?:document|docs?\b|readme|changelog|typo)/i],
  ['test', /^(?:tests?\b|cover\b)/i],
  ['perf', /^(?:speed up|optimi[sz]e|faster)\b/i],
  ['build', /^(?:bump|upgrade|update dependenc|pin)\b/i],
  ['refactor', /^(?:refactor|rename|extract|simplify|clean ?up|move|split|merge)\b/i],
  ['feat', /^(?:add(?:ed|s)?|introduce|implement|support|allow|enable|create)\b/i],
];

/** What kind of change the subject of a commit announces. */
export function classifyChange(subject: string): Change {
  const says = /\bbreaking change\b/i.test(subject);
  const groups = CONVENTIONAL.exec(subject)?.groups;
  const type = groups?.['type']?.toLowerCase() ?? '';
  const known = CHANGE_KINDS.find((kind) => kind === type) ?? SAME[type];
  if (groups !== undefined && known !== undefined) {
    const { scope = null, mark, text = subject } = groups;
    return { kind: known, scope, breaking: mark === '!' || says, text };
  }
  const kind = WORDS.find(([, pattern]) => pattern.test(subject))?.[0] ?? 'other';
  return { kind, scope: null, breaking: says, text: subject };
}
