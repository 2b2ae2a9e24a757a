import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { inKeyOrder } from '../workspace/count-by.ts';
import { assertGitSucceeded, runGit } from './git.ts';
import { revisionSchema } from './revision.ts';

const LINES_MAX = 2000;

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of a git repository'),
  file: z.string().min(1).max(4096).describe('File in it, relative to the folder'),
  start_line: z.int().min(1).max(1_000_000).default(1),
  end_line: z.int().min(1).max(1_000_000).optional().describe(`At most ${LINES_MAX} lines on`),
  revision: revisionSchema.default('HEAD').describe('The file as of this commit, tag or branch'),
});
const output = z.object({
  lines: z.array(
    z.object({
      line: z.int(),
      hash: z.string(),
      author: z.string(),
      time: z.string(),
      subject: z.string(),
      text: z.string(),
    }),
  ),
  authors: z.record(z.string(), z.int()).describe('Lines by author'),
  newest: z.string().nullable(),
});
type Line = z.output<typeof output>['lines'][number];

/** Reads git's porcelain form: a header, fields, then the line itself behind a tab. */
function parseBlame(text: string): Line[] {
  const lines: Line[] = [];
  let header: { hash: string; line: number } | undefined;
  let fields = new Map<string, string>();
  for (const row of text.split('\n')) {
    const start = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row);
    if (header === undefined && start !== null) {
      header = { hash: start[1] ?? '', line: Number(start[2]) };
      fields = new Map();
    } else if (row.startsWith('\t') && header !== undefined) {
      lines.push({
        ...header,
        author: fields.get('author') ?? '',
        time: new Date(Number(fields.get('author-time') ?? 0) * 1000).toISOString(),
        subject: (fields.get('summary') ?? '').slice(0, 300),
        text: row.slice(1, 1001),
      });
      header = undefined;
    } else {
      const space = row.indexOf(' ');
      if (space > 0) fields.set(row.slice(0, space), row.slice(space + 1));
    }
  }
  return lines;
}

export const gitBlame = defineTool({
  name: 'git_blame',
  title: 'Who wrote a line',
  description: 'Tells for each line of a file which commit last changed it, when, by whom and why.',
  group: 'git',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['author', 'annotate', 'history', 'line', 'owner'],
  async run({ path, file, start_line: first, end_line: last, revision }, env) {
    const { requireCommit, requireRepository } = await import('./revision.ts');
    const folder = await requireRepository(path, env);
    const commit = await requireCommit(folder, { name: revision, field: 'revision' }, env.signal);
    const end = Math.min(last ?? Number.MAX_SAFE_INTEGER, first + LINES_MAX - 1);
    const result = await runGit(
      folder,
      ['blame', '--line-porcelain', `-L${first},${end}`, commit, '--', file],
      { signal: env.signal },
    );
    assertGitSucceeded(result, `tell who wrote "${file}"`);
    const lines = parseBlame(result.stdout);
    const counts = Map.groupBy(lines, ({ author }) => author);
    const newest =
      lines
        .map(({ time }) => time)
        .toSorted()
        .at(-1) ?? null;
    return {
      output: {
        lines,
        authors: inKeyOrder(new Map([...counts].map(([author, own]) => [author, own.length]))),
        newest,
      },
      summary: `${lines.length} lines of ${file} by ${counts.size} people, last changed ${newest ?? 'never'}.`,
    };
  },
});
