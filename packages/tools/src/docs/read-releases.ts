import { classifyChange, type Change } from '../git/classify-change.ts';
import { assertGitSucceeded, runGit } from '../git/git.ts';

/** A commit as a changelog tells it. */
export interface ReleasedChange extends Change {
  hash: string;
  /** Text after `BREAKING CHANGE:` in the body; null without one. */
  breakingText: string | null;
}

/** Commits of one version, newest first; `version` null = not released yet. */
export interface Release {
  version: string | null;
  /** Date as YYYY-MM-DD, of its newest commit. */
  date: string;
  changes: ReleasedChange[];
}

const RECORD = '\u001e';
const FIELD = '\u001f';
const VERSION_TAG = /^(?:[\w.@/-]*?[@-])?v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/;

function versionIn(refs: string): string | undefined {
  return refs
    .split(', ')
    .filter((ref) => ref.startsWith('tag: '))
    .map((ref) => VERSION_TAG.exec(ref.slice('tag: '.length))?.[1])
    .find((version) => version !== undefined);
}

/** Reads the history of a folder as releases, newest first, by tags such as `v1.2.3`. */
export async function readReleases(
  folder: string,
  options: {
    commitsMax: number;
    from?: string | undefined;
    to?: string | undefined;
    signal: AbortSignal;
  },
): Promise<Release[]> {
  const { from, to = 'HEAD', commitsMax, signal } = options;
  const result = await runGit(
    folder,
    [
      'log',
      '--no-merges',
      '--no-color',
      '--decorate=short',
      `--format=${RECORD}%h${FIELD}%ct${FIELD}%D${FIELD}%s${FIELD}%b`,
      `--max-count=${commitsMax}`,
      '--end-of-options',
      from === undefined ? to : `${from}..${to}`,
      '--',
      '.',
    ],
    { signal },
  );
  if (
    result.exitCode !== 0 &&
    /does not have any commits|bad (?:default )?revision 'HEAD'/.test(result.stderr)
  )
    return [];
  assertGitSucceeded(result, 'read the history');
  const releases: Release[] = [];
  for (const record of result.stdout.split(RECORD).slice(1)) {
    const [hash = '', seconds = '0', refs = '', subject = '', body = ''] = record.split(FIELD);
    const version = versionIn(refs);
    const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
    if (releases.length === 0 || version !== undefined)
      releases.push({ version: version ?? null, date, changes: [] });
    releases.at(-1)?.changes.push(toChange({ hash, subject, body }));
  }
  return releases;
}

function toChange({
  hash,
  subject,
  body,
}: {
  hash: string;
  subject: string;
  body: string;
}): ReleasedChange {
  const change = classifyChange(subject);
  const note = /^BREAKING[ -]CHANGE:\s*([\s\S]+?)(?:\n\s*\n|\n[\w-]+: |$)/m.exec(body)?.[1];
  const breakingText = note === undefined ? null : note.replaceAll(/\s+/g, ' ').trim();
  return { ...change, hash, breaking: change.breaking || breakingText !== null, breakingText };
}
