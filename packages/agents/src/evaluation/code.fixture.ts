import { execFileSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

const CHANGE = new URL('../../fixtures/code/change/', import.meta.url).pathname;
// Put together from parts, so that the scan of this very repository finds no key in it.
const MAIL_KEY = ['xK9', 'mVq4-', 'Tz7Lw2Rp'].join('');

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@bookings.example',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@bookings.example',
};

/** A small booking service with a history: a file that changes often, and a last commit to be reviewed. */
export const codeFixture: AgentFixture = {
  agent: 'code',
  async prepare(folder) {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, ...args], { env: ENVIRONMENT });
    const commit = (subject: string) => {
      git('add', '--all');
      git('commit', '--quiet', '--message', subject);
    };
    await copyFixtureFiles('code', folder);
    git('init', '--quiet', '--initial-branch', 'main');
    commit('feat: bookings');
    const pricing = join(folder, 'src/pricing.js');
    const text = await readFile(pricing, 'utf8');
    for (const night of [9100, 9300, 9500, 8900]) {
      await writeFile(pricing, text.replace('8900', String(night)));
      commit(`feat: a night is ${night}`);
    }
    git('tag', 'v1');
    await cp(CHANGE, folder, { recursive: true });
    const mail = join(folder, 'src/mail.js');
    await writeFile(
      mail,
      (await readFile(mail, 'utf8')).replace(
        "    method: 'POST',\n",
        `    method: 'POST',\n    headers: { authorization: 'Bearer ${MAIL_KEY}${MAIL_KEY}' },\n`,
      ),
    );
    commit('feat: refunds');
    return {
      task: {
        task_type: 'code_analysis',
        target: folder,
        parameters: { base: 'v1', head: 'main' },
      },
      expected: await readExpected('code'),
    };
  },
};
