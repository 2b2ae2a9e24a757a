import { runGit, assertGitSucceeded } from './git.ts';

/** One commit; times RFC 3339 UTC. */
export interface Commit {
  hash: string;
  author: string;
  time: string;
  subject: string;
  files: { path: string; added: number | null; deleted: number | null }[];
}

export interface LogOptions {
  commitsMax: number;
  since?: string | undefined;
  until?: string | undefined;
  /** Only commits that are in `to` and not in `from`. */
  from?: string | undefined;
  to?: string | undefined;
  signal: AbortSignal;
  /** Path prefix of the folder inside the repository is cut by git itself (`--relative`). */
}

const RECORD = '\u001e';
const FIELD = '\u001f';

function parseCommit(record: string): Commit {
  const [head = '', ...rows] = record.split('\n');
  const [hash = '', author = '', seconds = '0', subject = ''] = head.split(FIELD);
  const files = rows.flatMap((row) => {
    const [added = '', deleted = '', path = ''] = row.split('\t');
    if (path === '') return [];
    // "-" marks a binary file.
    return [
      {
        path,
        added: added === '-' ? null : Number(added),
        deleted: deleted === '-' ? null : Number(deleted),
      },
    ];
  });
  return {
    hash,
    author,
    time: new Date(Number(seconds) * 1000).toISOString(),
    subject: subject.slice(0, 300),
    files,
  };
}

function revisions({ from, to }: LogOptions): string[] {
  if (from === undefined && to === undefined) return [];
  return ['--end-of-options', from === undefined ? (to ?? 'HEAD') : `${from}..${to ?? 'HEAD'}`];
}

/** Reads the newest commits that touch `folder`, with changed lines per file relative to it. Merges and renames are left out. */
export async function readLog(folder: string, options: LogOptions): Promise<Commit[]> {
  const range = [
    ...(options.since === undefined ? [] : [`--since=${options.since}`]),
    ...(options.until === undefined ? [] : [`--until=${options.until}`]),
  ];
  const format = `--format=${RECORD}%H${FIELD}%aN${FIELD}%ct${FIELD}%s`;
  const result = await runGit(
    folder,
    [
      'log',
      '--no-merges',
      '--numstat',
      '--no-renames',
      '--relative',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      format,
      `--max-count=${options.commitsMax}`,
      ...range,
      ...revisions(options),
      '--',
      '.',
    ],
    { signal: options.signal },
  );
  // An empty repository has no HEAD: no commits is the truth, not a failure.
  if (result.exitCode !== 0 && /does not have any commits|bad default revision/.test(result.stderr))
    return [];
  assertGitSucceeded(result, 'read the history');
  return result.stdout.split(RECORD).slice(1).map(parseCommit);
}
