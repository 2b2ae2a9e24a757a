import semver from 'semver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { ADVISORIES, createAdvisoryIndex, pythonVersion } from './advisories.ts';
import { jsonLines } from './json-lines.ts';
import { classifyLicence, licenceField, recogniseLicence } from './licences.ts';
import { entropy, isEnvFile, isPlaceholder, maskSecret } from './secret-patterns.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('advisories', () => {
  it('have valid ranges, ids and no double entries', () => {
    for (const advisory of ADVISORIES) {
      expect(semver.validRange(advisory.range, { loose: true }), advisory.id).not.toBeNull();
      expect(advisory.id).toMatch(/^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})$/);
    }
    expect(new Set(ADVISORIES.map((advisory) => `${advisory.name} ${advisory.id}`)).size).toBe(
      ADVISORIES.length,
    );
  });

  it.each([
    ['npm', 'lodash', '4.17.11', ['CVE-2019-10744']],
    ['npm', 'lodash', '4.17.21', []],
    ['npm', 'minimist', '1.2.6', []],
    ['npm', 'event-stream', '3.3.6', ['GHSA-mh6f-8j2x-4483']],
    ['pypi', 'PyYAML', '5.3.1', ['CVE-2020-14343']],
    ['pypi', 'certifi', '2022.12.07', ['CVE-2023-37920']],
    ['npm', 'lodash', 'not a version', []],
  ] as const)('%s %s %s → %o', (...row) => {
    const [ecosystem, name, version, ids] = row;
    expect(
      createAdvisoryIndex(ADVISORIES)(ecosystem, name, version).map((advisory) => advisory.id),
    ).toEqual(ids);
  });

  it('compare Python versions', () => {
    expect([
      pythonVersion('2.1'),
      pythonVersion('2023.07.22'),
      pythonVersion('1.2.3.post1'),
      pythonVersion('any'),
    ]).toEqual(['2.1.0', '2023.7.22', '1.2.3', null]);
  });
});

describe('dependency_audit', () => {
  const rules = async (path: string) =>
    (await bench.run('dependency_audit', { path })).findings.map(
      (finding) => `${finding.rule} ${finding.location?.path}:${finding.location?.line}`,
    );

  it('judges declared ranges and a missing lock file', async () => {
    await bench.write(
      'a/package.json',
      '{\n "dependencies": {\n  "a": "*",\n  "b": "git+https://example.com/b.git",\n  "c": "http://example.com/c.tgz",\n  "d": ">=1.0.0",\n  "e": "^2.0.0",\n  "lodash": "^4.17.4"\n }\n}\n',
    );
    expect(await rules('a')).toEqual([
      'dependency.vulnerable a/package.json:8'.replace('a/', ''),
      'dependency.wildcard package.json:3',
      'dependency.plain_http package.json:5',
      'dependency.lock_missing package.json:1',
      'dependency.unpinned_source package.json:4',
      'dependency.open_range package.json:6',
    ]);
  });

  it('finds install scripts, double majors and what is known of locked versions, for each kind of lock file', async () => {
    await bench.write('b/package.json', '{"dependencies": {"a": "^2.0.0"}}');
    await bench.write(
      'b/package-lock.json',
      JSON.stringify(
        {
          lockfileVersion: 3,
          packages: {
            '': {},
            'node_modules/a': { version: '1.0.0', hasInstallScript: true, deprecated: 'use b' },
            'node_modules/x/node_modules/a': { version: '2.0.0' },
          },
        },
        null,
        1,
      ),
    );
    await bench.write('b/yarn/package.json', '{"dependencies": {"lodash": "^4.0.0"}}');
    await bench.write('b/yarn/yarn.lock', 'lodash@^4.0.0:\n  version "4.17.4"\n');
    await bench.write('b/pnpm/package.json', '{"dependencies": {"minimist": "1.2.0"}}');
    await bench.write(
      'b/pnpm/pnpm-lock.yaml',
      "lockfileVersion: '9.0'\npackages:\n  minimist@1.2.0:\n    resolution: {integrity: sha512-x}\n",
    );
    expect((await rules('b')).toSorted()).toEqual([
      'dependency.deprecated package-lock.json:5',
      'dependency.duplicate_majors package-lock.json:1',
      'dependency.install_script package-lock.json:5',
      'dependency.vulnerable pnpm/pnpm-lock.yaml:3',
      'dependency.vulnerable yarn/yarn.lock:1',
    ]);
  });

  it('accepts a workspace without faults, and a broken manifest is a finding', async () => {
    await bench.write('c/package.json', '{"workspaces":["p/*"]}');
    await bench.write('c/p/one/package.json', '{"name":"one","dependencies":{"a":"1.0.0"}}');
    await bench.write(
      'c/package-lock.json',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': {},
          'node_modules/a': { version: '1.0.0', resolved: 'https://r/a.tgz', integrity: 'x' },
        },
      }),
    );
    expect(await rules('c')).toEqual([]);
    await bench.write('d/package.json', '{"dependencies": ');
    expect(await rules('d')).toEqual(['dependency.unreadable package.json:1']);
  });

  it('reads pyproject tables', async () => {
    await bench.write(
      'e/pyproject.toml',
      '[project]\nname = "x"\ndependencies = [\n  "pyyaml==5.3",\n  "flask",\n]\n\n[tool.poetry.dependencies]\npython = "^3.11"\njinja2 = "2.10"\n',
    );
    expect(await rules('e')).toEqual([
      'dependency.vulnerable pyproject.toml:4',
      'dependency.wildcard pyproject.toml:5',
      'dependency.vulnerable pyproject.toml:10',
      'dependency.lock_missing pyproject.toml:1',
    ]);
  });
});

it('lines of JSON keys are right for nested, escaped and cut texts', () => {
  expect([...jsonLines('{\n"a": {\n"b/c": [1,\n{"d": "x\\"y"}]},\n"e": 1}')]).toEqual([
    ['/a', 2],
    ['/a/b~1c', 3],
    ['/a/b~1c/1/d', 4],
    ['/e', 5],
  ]);
  expect(() => jsonLines('{"a": {"b": [')).not.toThrow();
});

describe('licences', () => {
  it.each([
    ['MIT', 'permissive'],
    ['(MIT OR GPL-3.0)', 'permissive'],
    ['MIT AND LGPL-3.0-only', 'weak_copyleft'],
    ['AGPL-3.0-or-later', 'strong_copyleft'],
    ['SSPL-1.0', 'restricted'],
    ['UNLICENSED', 'restricted'],
    ['Custom', 'unknown'],
    ['BSD-3-Clause', 'permissive'],
  ])('%s is %s', (expression, kind) => expect(classifyLicence(expression)).toBe(kind));

  it('are read from odd manifests and texts', () => {
    expect([
      licenceField({ license: { type: 'ISC' } }),
      licenceField({ licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] }),
      licenceField({ license: '' }),
    ]).toEqual(['ISC', 'MIT OR GPL-2.0', undefined]);
    expect(recogniseLicence('Apache License\n  Version 2.0, January 2004')).toBe('Apache-2.0');
  });
});

describe('secret_scan', () => {
  const key = ['AKIA', 'Q2ZK7HWX', 'N4TVPLM3'].join('');
  const longKey = ['Zk8', 'qW3xT9', 'vL2mB7nR4'].join('');

  it.each([
    ['a.js', `const password = "${longKey}";`, 'secret.assigned_literal'],
    ['b.py', `API_KEY = '${longKey}'`, 'secret.assigned_literal'],
    ['c.yml', `db: postgres://shop:${longKey}@db.example.com/shop`, ''],
    ['d.txt', `-----BEGIN ${'RSA PRIVATE'} KEY-----\nabc\n-----END ${'RSA PRIVATE'} KEY-----`, ''],
    ['.env.production', `SECRET_KEY=${longKey}`, 'secret.env_value'],
    ['e.json', `{"aws": "${key}"}`, 'secret.aws_access_key_id'],
    ['f.http', `Authorization: Bearer ${longKey}${longKey}`, 'secret.bearer_token'],
  ])('finds and masks the one in %s', async (path, text, rule) => {
    await bench.write(`found-${path}/${path}`, `first\n${text}\n`);
    const outcome = await bench.run('secret_scan', { path: `found-${path}` });
    expect(outcome.findings).toHaveLength(1);
    expect(outcome.findings[0]).toMatchObject({
      location: { path, line: 2 },
      ...(rule === '' ? {} : { rule }),
    });
    expect(JSON.stringify(outcome)).not.toContain(longKey);
    expect(JSON.stringify(outcome)).not.toContain(key);
  });

  it.each([
    'const password = process.env.PASSWORD;',
    'password = "changeme"',
    'const secret = getSecret("database-password");',
    'api_key: "${API_KEY}"',
    'const tokenLabel = "access_token";',
    'password: "your-password-here"',
    'secretName: "tools.path.outside_root"',
    'const url = "http://user:password@localhost/";',
    'apiKey: string;',
    'passwordHint: "At least 12 characters"',
  ])('leaves alone: %s', async (text) => {
    await bench.write('clean/a.ts', text);
    expect((await bench.run('secret_scan', { path: 'clean' })).findings).toEqual([]);
  });

  it('judges placeholders, entropy and names', () => {
    expect([
      isPlaceholder('xxxxxxxx'),
      isPlaceholder('<your key>'),
      isPlaceholder(longKey),
    ]).toEqual([true, true, false]);
    expect(entropy('aaaa')).toBe(0);
    expect([
      isEnvFile('.env'),
      isEnvFile('a/.env.local'),
      isEnvFile('.env.example'),
      isEnvFile('env.ts'),
    ]).toEqual([true, true, false, false]);
    expect(maskSecret('abcdefghijklmnopqrst')).toBe('abcd************ (20 characters)');
  });
});
