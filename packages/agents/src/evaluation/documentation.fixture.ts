import { execFile } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

const run = promisify(execFile);

interface PlannedCommit {
  date: string;
  message: string;
  tag?: string;
}

/** Oldest first. */
const HISTORY: readonly PlannedCommit[] = [
  { date: '2026-05-01', message: 'feat: long style of durations', tag: 'v2.1.0' },
  { date: '2026-07-01', message: 'fix(duration): spaces around a duration are allowed' },
  { date: '2026-07-02', message: 'chore: newer linter', tag: 'v2.2.0' },
  {
    date: '2026-09-01',
    message:
      'feat(timer)!: ticks are named by intervalMs\n\nBREAKING CHANGE: the option every was renamed to intervalMs.',
    tag: 'v2.3.0',
  },
  { date: '2026-10-01', message: 'feat: zones can be built' },
  { date: '2026-10-02', message: 'docs: usage' },
];

function git(folder: string, args: string[], date = '2026-01-01'): Promise<unknown> {
  const when = `${date}T12:00:00Z`;
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_DATE: when,
    GIT_COMMITTER_DATE: when,
  };
  const who = ['-c', 'user.name=Writer', '-c', 'user.email=writer@example.com'];
  return run('git', [...who, ...args], { cwd: folder, env });
}

async function writeHistory(folder: string): Promise<void> {
  await git(folder, ['init', '-q', '-b', 'main']);
  await git(folder, ['add', '.']);
  for (const { date, message, tag } of HISTORY) {
    await appendFile(join(folder, 'history.txt'), `${message.split('\n')[0]}\n`);
    await git(folder, ['add', 'history.txt']);
    await git(folder, ['commit', '-q', '-m', message], date);
    if (tag !== undefined) await git(folder, ['tag', tag], date);
  }
}

const IN_REFERENCE = [
  '### createTimer',
  '### formatDuration',
  '### parseDuration',
  '### TimerOptions',
];
const IN_CHANGELOG = [
  '## [Unreleased]',
  '- Zones can be built.',
  '## [2.3.0] - 2026-09-01',
  '## [2.2.0] - 2026-07-02',
  '- **duration**: Spaces around a duration are allowed.',
];

/** A package whose documents tell of things that are gone. */
export const documentationFixture: AgentFixture = {
  agent: 'documentation',
  async prepare(folder) {
    await copyFixtureFiles('documentation', folder);
    await writeHistory(folder);
    return {
      task: { task_type: 'documentation', target: folder, parameters: {} },
      expected: await readExpected('documentation'),
      async verify(_, made) {
        const problems: string[] = [];
        const reference = made.get('docs-api.md') ?? '';
        for (const part of IN_REFERENCE)
          if (!reference.includes(part)) problems.push(`the reference lacks "${part}"`);
        if (reference.includes('### isZero'))
          problems.push('the reference shows what the package does not offer');
        const changelog = made.get('CHANGELOG.md') ?? '';
        for (const part of IN_CHANGELOG)
          if (!changelog.includes(part)) problems.push(`the changelog lacks "${part}"`);
        const patches = `${folder}-patches`;
        await mkdir(patches);
        for (const name of ['README.md.diff', 'CHANGELOG.md.diff']) {
          const file = join(patches, name);
          await writeFile(file, made.get(name) ?? '');
          await git(folder, ['apply', '--check', file]).catch((error: Error) =>
            problems.push(`${name} does not apply: ${error.message}`),
          );
        }
        return problems;
      },
    };
  },
};
