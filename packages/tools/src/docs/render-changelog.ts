import type { ChangeKind } from '../git/classify-change.ts';
import type { Release, ReleasedChange } from './read-releases.ts';

/** Sections of Keep a Changelog 1.1.0, in its order; what users do not notice has none. */
const SECTION_OF: Readonly<Partial<Record<ChangeKind, string>>> = {
  feat: 'Added',
  perf: 'Changed',
  refactor: 'Changed',
  revert: 'Removed',
  fix: 'Fixed',
  other: 'Changed',
};
const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

function sectionOf(change: ReleasedChange): string | undefined {
  const subject = change.text;
  const noticed =
    change.kind === 'refactor' || change.kind === 'other'
      ? change.breaking || change.kind === 'other'
      : true;
  if (/\bsecurity\b|\bCVE-\d/i.test(`${change.scope ?? ''} ${subject}`)) return 'Security';
  if (/^deprecat/i.test(subject)) return 'Deprecated';
  if (/^(?:remove|drop|delete)\b/i.test(subject) && SECTION_OF[change.kind] !== undefined)
    return 'Removed';
  // A breaking change is told whatever its kind.
  const section = SECTION_OF[change.kind];
  if (section === undefined) return change.breaking ? 'Changed' : undefined;
  return noticed ? section : undefined;
}

const sentence = (text: string): string => {
  const plain = text.trim().replace(/\.$/, '');
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}.`;
};

function renderChange(change: ReleasedChange): string {
  const scope = change.scope === null ? '' : `**${change.scope}**: `;
  const breaking = change.breaking ? '**Breaking:** ' : '';
  const note = change.breakingText === null ? '' : ` ${sentence(change.breakingText)}`;
  return `- ${breaking}${scope}${sentence(change.text)}${note} (${change.hash})`;
}

/** One version as a section; an empty text when nothing in it concerns users. */
export function renderRelease({ version, date, changes }: Release): string {
  const told = changes.map((change) => ({ change, section: sectionOf(change) }));
  const parts = SECTIONS.flatMap((section) => {
    // What breaks stands first.
    const own = told
      .filter((one) => one.section === section)
      .map(({ change }) => change)
      .toSorted((a, b) => Number(b.breaking) - Number(a.breaking));
    return own.length === 0 ? [] : [`### ${section}`, '', ...own.map(renderChange), ''];
  });
  if (parts.length === 0) return '';
  const head = version === null ? '## [Unreleased]' : `## [${version}] - ${date}`;
  return [head, '', ...parts].join('\n').trimEnd();
}

const INTRODUCTION = [
  '# Changelog',
  '',
  'What changes for users, newest first, in the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).',
].join('\n');

/** Names of the versions that a changelog has a section for; `Unreleased` is one. */
export function versionsIn(changelog: string): Map<string, { line: number; text: string }> {
  const sections = [
    ...changelog.matchAll(/^##\s+\[?v?(Unreleased|\d+\.\d+\.\d+[^\]\s]*)\]?.*$/gim),
  ];
  return new Map(
    sections.map((match, index) => {
      const next = sections[index + 1]?.index ?? changelog.length;
      const line = changelog.slice(0, match.index).split('\n').length;
      return [(match[1] ?? '').toLowerCase(), { line, text: changelog.slice(match.index, next) }];
    }),
  );
}

/** A changelog with the releases that are missing in `existing`; sections that people wrote stay as they are. */
export function renderChangelog(existing: string | null, releases: readonly Release[]): string {
  const rendered = releases
    .map((release) => ({
      key: (release.version ?? 'Unreleased').toLowerCase(),
      text: renderRelease(release),
    }))
    .filter(({ text }) => text !== '');
  if (existing === null)
    return `${[INTRODUCTION, ...rendered.map(({ text }) => text)].join('\n\n')}\n`;
  const known = versionsIn(existing);
  const first = /^##\s/m.exec(existing);
  const head = (first === null ? existing : existing.slice(0, first.index)).trimEnd();
  const old = [...known].map(([key, { text }]) => ({ key, text: text.trimEnd() }));
  // Unreleased is written anew; the others are put where their order says.
  const fresh = rendered.filter(({ key }) => key === 'unreleased' || !known.has(key));
  const sections = old.filter(
    ({ key }) => key !== 'unreleased' || !fresh.some((one) => one.key === key),
  );
  const order = rendered.map(({ key }) => key);
  for (const one of fresh) {
    const before = order.slice(order.indexOf(one.key) + 1);
    const at = sections.findIndex(({ key }) => before.includes(key));
    if (one.key === 'unreleased') sections.unshift(one);
    else if (at === -1) sections.push(one);
    else sections.splice(at, 0, one);
  }
  return `${[head, ...sections.map(({ text }) => text)].join('\n\n')}\n`;
}
