import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { scoreOfVector } from './cvss-score.ts';
import { planUpgrades } from './plan-upgrades.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

const NPM = 'https://registry.npmjs.org';
const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages }, null, 1);

async function integrity(path: string, more: object = {}): Promise<string[]> {
  const outcome = await bench.run('lockfile_integrity', { path, ...more });
  expect(outcome.error).toBeUndefined();
  return outcome.findings
    .map(
      ({ rule, location, evidence }) =>
        `${rule.slice('lockfile.'.length)} ${location?.path}:${location?.line} ${evidence.split(/[ ,]/)[0]}`,
    )
    .toSorted();
}

describe('lockfile_integrity', () => {
  it('accepts what the registries give, aliases, local folders and pinned hosts of .npmrc', async () => {
    await bench.write(
      'ok/package.json',
      '{"dependencies":{"a":"^1.0.0","old":"npm:b@1.0.0","l":"file:l"}}',
    );
    await bench.write('ok/.npmrc', '@own:registry=https://npm.own.example/\n');
    await bench.write(
      'ok/package-lock.json',
      lock({
        '': {},
        'node_modules/a': {
          version: '1.2.0',
          resolved: `${NPM}/a/-/a-1.2.0.tgz`,
          integrity: 'sha512-a',
        },
        'node_modules/@own/x': {
          version: '1.0.0',
          resolved: 'https://npm.own.example/@own/x/-/x-1.0.0.tgz',
          integrity: 'sha512-b',
        },
        'node_modules/old': {
          name: 'b',
          version: '1.0.0',
          resolved: `${NPM}/b/-/b-1.0.0.tgz`,
          integrity: 'sha512-c',
        },
        'node_modules/l': { resolved: 'l', link: true },
      }),
    );
    expect(await integrity('ok')).toEqual([]);
  });

  it('finds each kind of wrong source and checksum in npm lock files', async () => {
    await bench.write('npm/package.json', '{"dependencies":{"a":"^2.0.0",\n"gone":"1.0.0"}}');
    const entry = (resolved: string, more: object = {}) => ({
      version: '1.0.0',
      resolved,
      integrity: 'sha512-x',
      ...more,
    });
    await bench.write(
      'npm/package-lock.json',
      lock({
        '': {},
        'node_modules/a': entry(`http://registry.npmjs.org/a/-/a-1.0.0.tgz`),
        'node_modules/b': entry('https://evil.example/b/-/b-1.0.0.tgz'),
        'node_modules/c': entry(`${NPM}/d/-/d-1.0.0.tgz`),
        'node_modules/e': entry(`${NPM}/e/-/e-1.0.1.tgz`),
        'node_modules/f': entry('git+ssh://git@github.com/x/f.git#main'),
        'node_modules/g': entry(`git+ssh://git@github.com/x/g.git#${'0'.repeat(40)}`),
        'node_modules/h': { version: '1.0.0', resolved: `${NPM}/h/-/h-1.0.0.tgz` },
        'node_modules/i': entry(`${NPM}/i/-/i-1.0.0.tgz`, { integrity: 'sha1-x' }),
        'node_modules/b/node_modules/i': entry(`${NPM}/i/-/i-1.0.0.tgz`, { integrity: 'sha1-y' }),
      }),
    );
    expect((await integrity('npm')).map((text) => text.replace('package-lock.json', 'L'))).toEqual([
      'foreign_host L:10 b@1.0.0',
      'git_source L:30 g@1.0.0',
      'git_unpinned L:25 f@1.0.0',
      'integrity_conflict L:44 sha1-y',
      'no_integrity L:35 h@1.0.0',
      'out_of_step package.json:1 "a":',
      'out_of_step package.json:2 "gone":',
      'plain_http L:5 a@1.0.0',
      'weak_integrity L:39 i@1.0.0',
      'wrong_package L:15 c@1.0.0',
      'wrong_version L:20 e@1.0.0',
    ]);
    expect((await integrity('npm', { registries: ['evil.example'] })).join()).not.toContain(
      'foreign_host',
    );
  });

  it('tells that a checksum changed since the last commit, or since a named one', async () => {
    const packages = (text: string) =>
      lock({
        'node_modules/a': {
          version: '1.0.0',
          resolved: `${NPM}/a/-/a-1.0.0.tgz`,
          integrity: text,
        },
      });
    const path = await bench.write('changed/package-lock.json', packages('sha512-old'));
    const git = (...args: string[]) =>
      execFileSync('git', [
        '-C',
        path.slice(0, path.lastIndexOf('/')),
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b.c',
        ...args,
      ]);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
    expect(await integrity('changed')).toEqual([]);
    await bench.write('changed/package-lock.json', packages('sha512-new'));
    expect(await integrity('changed')).toEqual([
      'integrity_changed package-lock.json:4 sha512-new',
    ]);
    git('commit', '-qam', 'two');
    expect(await integrity('changed')).toEqual([]);
    expect(await integrity('changed', { base: 'main~1' })).toHaveLength(1);
    expect(
      await bench.run('lockfile_integrity', { path: 'changed', base: 'nowhere' }),
    ).toMatchObject({ status: 'error', error: { code: 'tools.git.revision_not_found' } });
  });

  it('reads Yarn (classic and later) and pnpm', async () => {
    await bench.write('y1/package.json', '{"dependencies":{"a":"^1.0.0","b":"^2.0.0"}}');
    await bench.write(
      'y1/yarn.lock',
      `# yarn lockfile v1\n\n"a@^1.0.0", a@^1.1.0:\n  version "1.1.0"\n  resolved "http://registry.yarnpkg.com/a/-/a-1.1.0.tgz#${'a'.repeat(40)}"\n  dependencies:\n    version "1.0.0"\n\nb@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/b/-/b-1.0.0.tgz#${'b'.repeat(40)}"\n  integrity sha512-x\n`,
    );
    expect(await integrity('y1')).toEqual([
      'out_of_step package.json:1 "b":',
      'plain_http yarn.lock:3 a@1.1.0',
      'weak_integrity yarn.lock:3 a@1.1.0',
    ]);
    await bench.write('y4/package.json', '{"dependencies":{"a":"^1.0.0"}}');
    await bench.write(
      'y4/yarn.lock',
      '__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.1.0\n  resolution: "a@npm:1.1.0"\n  checksum: 10c0/x\n  languageName: node\n\n"b@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "b@npm:1.0.0"\n\n"own@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "own@workspace:."\n',
    );
    expect(await integrity('y4')).toEqual(['no_integrity yarn.lock:10 b@1.0.0']);
    await bench.write('p9/package.json', '{"dependencies":{"a":"^1.0.0","b":"^3.0.0"}}');
    await bench.write(
      'p9/pnpm-lock.yaml',
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.1.0\n      b:\n        specifier: ^2.0.0\n        version: 2.0.0\npackages:\n  a@1.1.0:\n    resolution: {integrity: sha512-x}\n  b@2.0.0:\n    resolution: {tarball: https://evil.example/b.tgz}\n",
    );
    expect(await integrity('p9')).toEqual([
      'foreign_host pnpm-lock.yaml:14 b@2.0.0',
      'no_integrity pnpm-lock.yaml:14 b@2.0.0',
      'out_of_step package.json:1 "b":',
    ]);
  });

  it('a broken file and two managers are findings', async () => {
    await bench.write('two/package-lock.json', '{"packages": ');
    await bench.write('two/x/package-lock.json', lock({}));
    await bench.write('two/x/yarn.lock', '');
    expect(await integrity('two')).toEqual([
      'several_managers x/package-lock.json:1 x/package-lock.json',
      'unreadable package-lock.json:1 not',
    ]);
  });
});

const OSV = {
  id: 'GHSA-aaaa-bbbb-cccc',
  modified: '2026-10-01T00:00:00Z',
  aliases: ['CVE-2026-1000'],
  summary: 'reads files',
  database_specific: { severity: 'MODERATE' },
  affected: [
    {
      package: { ecosystem: 'npm', name: 'leftover' },
      ranges: [
        {
          type: 'SEMVER',
          events: [{ introduced: '0' }, { fixed: '1.2.3' }, { introduced: '2.0.0' }],
        },
      ],
    },
    { package: { ecosystem: 'PyPI', name: 'Left_Over' }, versions: ['1.0'] },
    { package: { ecosystem: 'Maven', name: 'x' }, versions: ['1.0'] },
  ],
};

describe('advisories given as OSV', () => {
  it('are used beside the sample, from files of one, of many and of lines', async () => {
    await bench.write('osv/one.json', JSON.stringify(OSV));
    await bench.write(
      'osv/many.json',
      JSON.stringify([
        {
          ...OSV,
          id: 'GHSA-1',
          aliases: [],
          withdrawn: '2026-01-01T00:00:00Z',
        },
      ]),
    );
    await bench.write(
      'osv/lines.ndjson',
      `${JSON.stringify({
        id: 'PYSEC-1',
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
        affected: [
          {
            package: { ecosystem: 'PyPI', name: 'other' },
            ranges: [
              { type: 'ECOSYSTEM', events: [{ introduced: '1' }, { last_affected: '1.5' }] },
            ],
          },
        ],
      })}\nbroken\n`,
    );
    await bench.write('used/requirements.txt', 'left-over==1.0\nother==1.5\nother2==1.6\n');
    await bench.write(
      'used/package-lock.json',
      lock({
        'node_modules/leftover': { version: '1.2.2' },
        'node_modules/a/node_modules/leftover': { version: '1.2.3' },
        'node_modules/b/node_modules/leftover': { version: '3.0.0' },
        'node_modules/lodash': { version: '4.17.4' },
      }),
    );
    const outcome = await bench.run('dependency_audit', { path: 'used', advisories: 'osv' });
    expect(outcome.output).toMatchObject({
      advisory_source: { kind: 'snapshot', date: '2026-10-01' },
      vulnerable: [
        { package: 'left-over@1.0.0', advisory: 'CVE-2026-1000', severity: 'medium' },
        { package: 'leftover@1.2.2', advisory: 'CVE-2026-1000' },
        { package: 'leftover@3.0.0', advisory: 'CVE-2026-1000' },
        { package: 'lodash@4.17.4', advisory: 'CVE-2019-10744' },
        { package: 'other@1.5.0', advisory: 'PYSEC-1', severity: 'critical' },
      ],
    });
  });

  it('a folder without any is refused', async () => {
    await bench.write('none/a.json', '{}');
    expect(await bench.run('dependency_audit', { path: 'used', advisories: 'none' })).toMatchObject(
      { status: 'error', error: { code: 'tools.advisories.none' } },
    );
  });

  it.each([
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:4.0/AV:N', undefined],
    ['CVSS:3.1/AV:X', undefined],
  ])('%s scores %s', (vector, score) => expect(scoreOfVector(vector)).toBe(score));
});

describe('upgrade_plan', () => {
  it('names the smallest version that all advisories leave alone, and who brings it', async () => {
    await bench.write('plan/package.json', '{"dependencies":{"lodash":"^4.17.4","vm2":"3.9.0"}}');
    await bench.write(
      'plan/package-lock.json',
      lock({
        '': {},
        'node_modules/lodash': { version: '4.17.4', dependencies: { minimist: '*' } },
        'node_modules/vm2': { version: '3.9.0' },
        'node_modules/minimist': { version: '0.2.0' },
      }),
    );
    const outcome = await bench.run('upgrade_plan', { path: 'plan' });
    expect(outcome.output).toMatchObject({
      upgrades: [
        // 4.17.12 ends the first advisory, and the second one begins there.
        { package: 'lodash', from: '4.17.4', to: '4.17.21', step: 'patch', direct: true },
        { package: 'minimist', to: '0.2.4', direct: false, needed_by: ['lodash'] },
      ],
      without_fix: [{ package: 'vm2', advisories: ['CVE-2023-37466'] }],
    });
    expect(outcome.output).toMatchObject({
      upgrades: [{ fits_declared: true, how: 'npm update lodash' }, {}],
    });
    expect(outcome.findings).toMatchObject([
      { rule: 'upgrade.no_fix', location: { path: 'package-lock.json' } },
    ]);
  });

  it('leaves the line of a malicious release by its next patch', () => {
    const advisory = {
      ecosystem: 'npm' as const,
      name: 'x',
      range: '1.0.0 || 1.0.1',
      id: 'i',
      severity: 'critical' as const,
      summary: 's',
    };
    const entry = {
      ecosystem: 'npm' as const,
      name: 'x',
      version: '1.0.1',
      direct: true,
      path: 'p',
      neededBy: [],
    };
    expect(planUpgrades([entry], [advisory]).upgrades).toMatchObject([{ to: '1.0.2' }]);
  });
});
