import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ts } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { agree, boundaryFindings } from './choose-observations.ts';
import { chooseCandidates, chooseCases } from './choose-inputs.ts';
import { toRanges } from './coverage-read.ts';
import { functionOf, impurityOfDeclaration } from './find-pure.ts';
import { applyMutant, mutantsOf, sample } from './make-mutants.ts';
import { renderValue, type Outcome } from './observe.ts';
import { localPath, readCobertura, readIstanbul, readLcov } from './read-coverage.ts';
import { readModule, type ScriptModule } from './read-module.ts';
import { keyOf, reachOfTests, type Project } from './read-project.ts';
import { readMarkedLines, readResults, readTap, reportingCommand } from './read-test-output.ts';
import { isTestFile, readPythonTests, readScriptTests } from './read-tests.ts';
import { testCommandOf } from './sandboxed-copy.ts';

function modulesOf(files: Record<string, string>): Map<string, ScriptModule> {
  const known = {
    paths: new Set(Object.keys(files)),
    packages: new Map([['shop', 'src/index.ts']]),
  };
  return new Map(
    Object.entries(files).map(([path, text]) => [path, readModule(path, text, known)]),
  );
}

function projectOf(files: Record<string, string>): Project {
  const modules = modulesOf(files);
  const all = [...modules.values()];
  return {
    modules,
    tests: all.filter(({ path }) => isTestFile(path)),
    sources: all.filter(({ path }) => !isTestFile(path)),
    python: [],
    scan: { folder: '/', listed: [], scanned: 0, skipped: {} as never },
  };
}

describe('test cases', () => {
  it.each([
    ['src/a.test.ts', true],
    ['src/__tests__/a.js', true],
    ['test/api-test.js', true],
    ['tests/test_api.py', true],
    ['src/testing.ts', false],
    ['test/helper.js', false],
    ['src/contest.ts', false],
  ])('%s is a test file: %s', (path, is) => {
    expect(isTestFile(path)).toBe(is);
  });

  it('have states, and groups hand theirs down', () => {
    const { cases, framework } = readScriptTests(
      'a.test.ts',
      [
        "import { describe, it, test } from 'vitest';",
        "it('runs', () => { expect(1).toBe(1); });",
        "it.skip('skipped', () => { expect(1).toBe(1); });",
        "test('option', { skip: 'later' }, () => { expect(1).toBe(1); });",
        "test('condition', { skip: isWindows }, () => { expect(1).toBe(1); });",
        "describe.skip('group', () => { it('inside', () => { expect(1).toBe(1); }); });",
        "it.only('only', () => { expect(1).toBe(1); });",
        "it.todo('todo');",
        "xit('crossed', () => {});",
        "it.each([1, 2])('each %s', (n) => { expect(n).toBe(n); });",
      ].join('\n'),
    );
    expect(framework).toBe('vitest');
    expect(cases.map(({ title, line, state }) => [title, line, state])).toEqual([
      ['runs', 2, 'runs'],
      ['skipped', 3, 'skipped'],
      ['option', 4, 'skipped'],
      ['condition', 5, 'runs'],
      ['inside', 6, 'skipped'],
      ['only', 7, 'only'],
      ['todo', 8, 'todo'],
      ['crossed', 9, 'skipped'],
      ['each %s', 10, 'runs'],
    ]);
  });

  it('assert themselves, by a helper of the file, or by one that comes from elsewhere', () => {
    const { cases } = readScriptTests(
      'a.test.ts',
      [
        "import { mustMatch } from './support/match-helper.ts';",
        'const same = (a, b) => assert.equal(a, b);',
        'function twice(a) { same(a, a); }',
        "test('helper', () => { twice(1); });",
        "test('elsewhere', () => { mustMatch(1); });",
        "test('throws itself', () => { if (broken()) throw new Error(); });",
        "test('nothing', () => { start(); });",
        "test('empty', () => {});",
      ].join('\n'),
    );
    expect(cases.map(({ title, asserts, empty }) => [title, asserts, empty])).toEqual([
      ['helper', true, false],
      ['elsewhere', true, false],
      ['throws itself', true, false],
      ['nothing', false, false],
      ['empty', false, true],
    ]);
  });

  it('of Python with decorators', () => {
    const { cases } = readPythonTests(
      'test_a.py',
      'import pytest\n\ndef test_a():\n    assert 1\n\n@pytest.mark.skip\ndef test_b():\n    assert 1\n\ndef test_c():\n    run()\n\ndef test_d():\n    pass\n',
    );
    expect(cases.map(({ title, state, asserts, empty }) => [title, state, asserts, empty])).toEqual(
      [
        ['test_a', 'runs', true, false],
        ['test_b', 'skipped', true, false],
        ['test_c', 'runs', false, false],
        ['test_d', 'runs', false, true],
      ],
    );
  });
});

describe('coverage reports', () => {
  const lcov =
    'TN:\nSF:/ci/shop/src/a.ts\nFN:1,f\nFN:5,g\nFNDA:2,f\nFNDA:0,g\nDA:1,2\nDA:2,2\nDA:5,1\nDA:6,0\nend_of_record\n';
  const istanbul = {
    '/ci/shop/src/a.ts': {
      path: '/ci/shop/src/a.ts',
      statementMap: Object.fromEntries([1, 2, 5, 6].map((line, id) => [id, { start: { line } }])),
      s: { 0: 2, 1: 2, 2: 1, 3: 0 },
      fnMap: {
        0: { name: 'f', decl: { start: { line: 1 } } },
        1: { name: 'g', decl: { start: { line: 5 } } },
      },
      f: { 0: 2, 1: 0 },
    },
  };
  const cobertura =
    '<coverage><packages><package><classes><class name="a" filename="src/a.ts"><methods><method name="f"><lines><line number="1" hits="2"/></lines></method><method name="g"><lines><line number="5" hits="0"/></lines></method></methods><lines><line number="1" hits="2"/><line number="2" hits="2"/><line number="5" hits="1"/><line number="6" hits="0"/></lines></class></classes></package></packages></coverage>';

  it.each([
    ['lcov', readLcov(lcov)],
    ['istanbul', readIstanbul(istanbul)],
    ['cobertura', readCobertura(cobertura)],
  ])('%s says the same', (_, files) => {
    expect(files).toHaveLength(1);
    expect([...(files[0]?.lines ?? [])].toSorted(([a], [b]) => a - b)).toEqual([
      [1, 2],
      [2, 2],
      [5, 1],
      [6, 0],
    ]);
    expect(files[0]?.functions.map(({ name, hits }) => [name, hits > 0])).toEqual([
      ['f', true],
      ['g', false],
    ]);
  });

  it('paths of other machines become local ones; what is doubtful does not', () => {
    const known = new Set(['src/a.ts', 'lib/b.ts', 'other/b.ts']);
    expect(localPath('/ci/shop/src/a.ts', known)).toBe('src/a.ts');
    expect(localPath(String.raw`C:\ci\src\a.ts`, known)).toBe('src/a.ts');
    expect(localPath('b.ts', known)).toBeUndefined();
    expect(toRanges([3, 1, 2, 7])).toEqual(['1-3', '7']);
  });
});

describe('what tests reach', () => {
  const files = {
    'src/index.ts': "export * from './a.ts';\nexport { b as bee } from './b.ts';\n",
    'src/a.ts':
      "import { inner } from './b.ts';\nexport function a() { return inner(); }\nexport function lonely() {}\n",
    'src/b.ts': 'export function inner() {}\nexport const b = () => 1;\nexport function far() {}\n',
    'src/a.test.ts':
      "import { a } from 'shop';\nimport * as all from './index.ts';\ntest('x', () => { a(); all.bee(); });\n",
  };
  it('goes through packages, barrels, new names and calls', () => {
    const { direct, testsOf } = reachOfTests(projectOf(files));
    const names = (keys: Iterable<string>) =>
      [...keys].map((key) => key.replace('\n', ' ')).toSorted();
    expect(names(direct)).toEqual(['src/a.ts a', 'src/b.ts b']);
    expect(names(testsOf.keys())).toEqual(['src/a.ts a', 'src/b.ts b', 'src/b.ts inner']);
    expect([...(testsOf.get(keyOf({ from: 'src/b.ts', name: 'inner' })) ?? [])]).toEqual([
      'src/a.test.ts',
    ]);
  });
});

describe('functions that can be tested by calling them', () => {
  it.each([
    ['export function f(a) { return a + 1; }', undefined],
    ['export function f() { return Date.now(); }', 'reads the clock'],
    ['const g = () => Math.random();\nexport function f() { return g(); }', 'is random (by g)'],
    [
      "import { readFileSync } from 'node:fs';\nexport function f(p) { return readFileSync(p); }",
      'uses node:fs',
    ],
    ["import { join } from 'node:path';\nexport function f(p) { return join(p, 'a'); }", undefined],
    [
      'let count = 0;\nexport function f() { count += 1; return count; }',
      'depends on the state count',
    ],
    ['export function f(a) { return a.process; }', undefined],
  ])('%s: %s', (text, reason) => {
    const modules = modulesOf({ 'a.ts': text });
    expect(impurityOfDeclaration(modules, { from: 'a.ts', name: 'f' })).toBe(reason);
  });

  function candidates(text: string) {
    const modules = modulesOf({ 'a.ts': text });
    const module = modules.get('a.ts');
    const declaration = module?.declarations.get('f');
    const node = declaration === undefined ? undefined : functionOf(declaration);
    if (module === undefined || node === undefined) throw new Error('no function f');
    return chooseCandidates(node, module, modules);
  }

  it('get values from types and around the literals they compare with', () => {
    const chosen = candidates(
      "type Zone = 'home' | 'world';\nexport function f(n: number, zone: Zone, list?: string[]) { return n > 18; }",
    );
    expect(chosen).toMatchObject({
      parameters: [
        expect.arrayContaining(['17', '18', '19', '0', '-1']),
        ["'home'", "'world'"],
        expect.arrayContaining(['[]', 'undefined']),
      ],
    });
  });

  it('are left out when nothing tells what they take', () => {
    expect(candidates('export function f(a) { return [a]; }')).toEqual({
      reason: 'nothing tells which values the parameter a takes',
    });
    expect(candidates('export function f(handler: () => void) { handler(); }')).toHaveProperty(
      'reason',
    );
  });

  it('each parameter is varied alone and then all together, without repetition', () => {
    expect(chooseCases([['1', '2'], ['a']], 10)).toEqual([
      ['1', 'a'],
      ['2', 'a'],
    ]);
    expect(
      chooseCases(
        [
          ['1', '2', '3'],
          ['a', 'b'],
        ],
        4,
      ),
    ).toHaveLength(4);
  });

  const value = (v: number): Outcome => ({ kind: 'value', value: { t: 'json', v } });
  const crash: Outcome = {
    kind: 'throws',
    name: 'TypeError',
    message: 'x is undefined',
    own: false,
  };
  const refusal: Outcome = { kind: 'throws', name: 'RangeError', message: 'too small', own: true };

  it('keep one case of each result first, and neither crashes nor NaN', () => {
    const cases = [['1'], ['2'], ['3'], ['4'], ['5']];
    const nan: Outcome = { kind: 'value', value: { t: 'number', v: 'NaN' } };
    const round = [value(1), value(1), refusal, crash, nan];
    const { observations } = agree(cases, [round, round], 2);
    expect(observations.map(({ args }) => args[0])).toEqual(['1', '3']);
    const place = { name: 'f', path: 'a.ts', line: 1, lineText: 'export function f' };
    expect(
      boundaryFindings(place, cases, round).map(({ rule, message }) => [rule, message.slice(0, 4)]),
    ).toEqual([
      ['testing.boundary_crash', 'f(4)'],
      ['testing.boundary_nan', 'f(5)'],
    ]);
  });

  it('that answer differently are dropped', () => {
    expect(agree([['1']], [[value(1)], [value(2)]], 8)).toEqual({
      observations: [],
      reason: 'gives another result each time',
    });
  });

  it('have their results written as JavaScript', () => {
    const text = renderValue({
      t: 'object',
      v: [
        [
          'a-b',
          {
            t: 'array',
            v: [{ t: 'undefined' }, { t: 'number', v: '-0' }, { t: 'bigint', v: '7' }],
          },
        ],
        ['__proto__', { t: 'date', v: 5 }],
      ],
    });
    expect(text).toBe('{ "a-b": [undefined, -0, 7n], ["__proto__"]: new Date(5) }');
  });
});

describe('mutants', () => {
  it('change what a test can notice', () => {
    const text =
      "export function f(a: number, log: string[]): string {\n  if (a >= 3 && a !== 7) log.push('x');\n  const same: true = true;\n  return 'a' + a * 2;\n}\n";
    const module = readModule('a.ts', text, { paths: new Set(), packages: new Map() });
    const declaration = module.declarations.get('f');
    const mutants = declaration === undefined ? [] : mutantsOf(module, declaration);
    expect(mutants.map(({ kind, line, from, to }) => [kind, line, from, to])).toEqual([
      ['condition', 2, 'a >= 3 && a !== 7', 'a >= 3 || a !== 7'],
      ['boundary', 2, 'a >= 3', 'a > 3'],
      ['condition', 2, 'a !== 7', 'a === 7'],
      ['removed_call', 2, "log.push('x');", ';'],
      ['constant', 3, 'true', 'false'],
      ['arithmetic', 4, 'a * 2', 'a / 2'],
    ]);
    for (const mutant of mutants) {
      const changed = applyMutant(text, mutant);
      expect(ts.transpileModule(changed, { reportDiagnostics: true }).diagnostics).toEqual([]);
    }
  });

  it('are sampled evenly and the same each time', () => {
    expect(sample([1, 2, 3, 4, 5, 6], 3)).toEqual([1, 3, 5]);
    expect(sample([1, 2], 3)).toEqual([1, 2]);
  });
});

describe('output of test runners', () => {
  it('TAP: tests of groups with their whole name, groups left out, places of failures', () => {
    const tap =
      "TAP version 13\n# Subtest: group\n    # Subtest: good\n    ok 1 - good\n      ---\n      duration_ms: 1\n      ...\n    # Subtest: bad\n    not ok 2 - bad\n      ---\n      location: '/work/test/a.test.js:7:3'\n      ...\n    1..2\nnot ok 1 - group\n# Subtest: later\nok 2 - later # SKIP\n1..2\n";
    expect(readTap(tap)).toEqual([
      { name: 'group > good', title: 'good', status: 'passed' },
      {
        name: 'group > bad',
        title: 'bad',
        status: 'failed',
        place: { path: 'test/a.test.js', line: 7 },
      },
      { name: 'later', title: 'later', status: 'skipped' },
    ]);
  });

  it('marked lines of jest, mocha and pytest', () => {
    const lines =
      '  \u001b[32m✓\u001b[0m adds (3 ms)\n  ✕ removes\ntests/test_a.py::test_b FAILED [ 50%]\n';
    expect(readMarkedLines(lines).map(({ title, status }) => [title, status])).toEqual([
      ['adds', 'passed'],
      ['removes', 'failed'],
      ['test_b', 'failed'],
    ]);
    expect([...readResults('ok 1 - a\nok 2 - a\n', '').keys()]).toEqual(['a', 'a (2)']);
  });

  it('is asked for where a runner can give it', () => {
    expect(reportingCommand('node --test').env).toEqual({ NODE_OPTIONS: '--test-reporter=tap' });
    expect(reportingCommand('vitest').command).toBe('vitest run --reporter=tap-flat');
    expect(reportingCommand('make check')).toEqual({ command: 'make check', env: {} });
  });

  it('comes from the command that the project names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'command-'));
    try {
      expect(await testCommandOf(folder, undefined)).toBe('node --test');
      const scripts = { test: 'vitest run', 'test:e2e': 'playwright test' };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }));
      expect(await testCommandOf(folder, undefined)).toBe('vitest run');
      expect(await testCommandOf(folder, 'npm test')).toBe('vitest run');
      expect(await testCommandOf(folder, 'npm run test:e2e')).toBe('playwright test');
      expect(await testCommandOf(folder, 'make check')).toBe('make check');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
