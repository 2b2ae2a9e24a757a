import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { findDeadExports } from './find-dead-exports.ts';
import { lintPython } from './lint-python.ts';
import { lintScript } from './lint-script.ts';
import { readModule } from './read-module.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

function repository(name: string) {
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      join(bench.root, name),
      '-c',
      'user.name=Ada',
      '-c',
      'user.email=a@b.c',
      ...args,
    ]).toString();
  return {
    git,
    async commit(subject: string, files: Record<string, string>) {
      for (const [path, text] of Object.entries(files)) await bench.write(`${name}/${path}`, text);
      git('add', '--all');
      git('commit', '--quiet', '--message', subject);
    },
  };
}

describe('what changed between two commits', () => {
  beforeAll(async () => {
    await bench.write('repo/README.md', '# a\n');
    execFileSync('git', ['init', '-q', '-b', 'main', join(bench.root, 'repo')]);
    const { git, commit } = repository('repo');
    await commit('one', {
      'src/a.ts':
        'export function a(x: number) {\n  try {\n    return x + 1;\n  } catch (error) {\n    return 0;\n  }\n}\n',
      'src/old name.ts':
        'export const first = 1;\nexport const second = 2;\nexport const third = 3;\n',
      'src/gone.ts': 'export {};\n',
      'test/a.test.ts': "import { a } from '../src/a.ts';\ntest('a', () => a(1));\n",
    });
    git('checkout', '-q', '-b', 'side');
    git('mv', 'src/old name.ts', 'src/new name.ts');
    git('rm', '-q', 'src/gone.ts');
    await commit('two', {
      'src/a.ts':
        'export function a(x: number) {\n  console.log(x);\n  // @ts-ignore\n  return x + 1;\n}\n\nexport function bonus(x: number) {\n  // TODO more\n  return x;\n}\n',
      'bin/cli.ts': "console.log('a tool for people talks');\n",
      'test/b.test.ts': "it.skip('b', () => {});\nconsole.log('in tests too');\n",
      'picture.bin': '\u0000\u0001',
    });
    git('checkout', '-q', 'main');
    await commit('meanwhile', { 'src/other.ts': 'debugger;\n' });
  });

  it('git_diff lists files of each kind, and only what the side itself changed', async () => {
    const outcome = await bench.run('git_diff', { path: 'repo', base: 'main', head: 'side' });
    expect(outcome.output).toMatchObject({
      files: [
        { path: 'bin/cli.ts', status: 'added', added: 1 },
        { path: 'picture.bin', status: 'added', binary: true },
        { path: 'src/a.ts', status: 'modified', added: 8, deleted: 5 },
        { path: 'src/gone.ts', status: 'deleted' },
        { path: 'src/new name.ts', old_path: 'src/old name.ts', status: 'renamed', added: 0 },
        { path: 'test/b.test.ts', status: 'added' },
      ],
      patch_cut: false,
    });
    expect(JSON.stringify(outcome.output)).not.toContain('other.ts');
    const short = await bench.run('git_diff', {
      path: 'repo/src',
      base: 'main',
      head: 'side',
      patch_chars_max: 10,
    });
    expect(short.output).toMatchObject({
      paths: ['a.ts', 'new name.ts'],
      patch_cut: true,
    });
  });

  it('diff_review comments on changed lines only, at path:line', async () => {
    const outcome = await bench.run('diff_review', { path: 'repo', base: 'main', head: 'side' });
    const { comments, not_reviewed: left } = outcome.output as {
      comments: { at: string; rule: string }[];
      not_reviewed: string[];
    };
    expect(comments.map(({ at, rule }) => `${rule.replace('review.', '')} ${at}`)).toEqual([
      'error_handling_removed src/a.ts:2',
      'check_switched_off src/a.ts:3',
      'untested_change src/a.ts:7',
      'debug_statement src/a.ts:2',
      'skipped_test test/b.test.ts:1',
      'todo_added src/a.ts:8',
    ]);
    expect(left).toEqual(['picture.bin', 'src/gone.ts']);
  });

  it('functions that were long or complex before are left alone, those that grew are not', async () => {
    const branches = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => `  if (x === ${index}) return ${index + 1};`,
      ).join('\n');
    await bench.write('grown/a.ts', '');
    execFileSync('git', ['init', '-q', '-b', 'main', join(bench.root, 'grown')]);
    const { commit } = repository('grown');
    const file = (grown: number, rest: string) => ({
      'a.ts': `function grown(x: number) {\n${branches(grown)}\n  return 0;\n}\nfunction old(x: number) {\n${branches(30)}\n  return ${rest};\n}\n`,
    });
    await commit('one', file(8, '1'));
    await commit('two', file(70, '2'));
    const outcome = await bench.run('diff_review', { path: 'grown', base: 'main~1' });
    expect(outcome.findings.map(({ rule, message }) => `${rule} ${message.split(';')[0]}`)).toEqual(
      [
        'review.complexity_grew Function grown has a complexity of 71 now (was 9)',
        'review.function_grew Function grown has 73 lines now (was 11)',
      ],
    );
  });

  it('git_blame tells commit, author and subject of lines', async () => {
    const outcome = await bench.run('git_blame', {
      path: 'repo',
      file: 'src/a.ts',
      revision: 'side',
      start_line: 1,
      end_line: 2,
    });
    expect(outcome.output).toMatchObject({
      lines: [
        { line: 1, author: 'Ada', subject: 'one', text: 'export function a(x: number) {' },
        { line: 2, subject: 'two', text: '  console.log(x);' },
      ],
      authors: { Ada: 2 },
    });
  });

  it.each([
    ['git_diff', { path: 'repo', base: 'nowhere' }, 'tools.git.revision_not_found'],
    ['git_diff', { path: 'repo', base: '--output=x' }, 'tools.arguments.invalid'],
    [
      'diff_review',
      { path: 'repo', base: 'main', head: 'nowhere' },
      'tools.git.revision_not_found',
    ],
    ['git_diff', { path: 'plain', base: 'main' }, 'tools.git.no_repository'],
    ['git_blame', { path: 'repo', file: '../../etc/passwd' }, 'tools.run.failed'],
  ])('%s of %o is refused', async (tool, input, code) => {
    await bench.write('plain/a.txt', '');
    expect(await bench.run(tool, input)).toMatchObject({ status: 'error', error: { code } });
  });
});

describe('lint', () => {
  it.each([
    ['try { a(); } catch {}', 'empty_catch'],
    ['function f() { return 1; a(); }', 'unreachable'],
    ['if (a = b) c();', 'assignment_in_condition'],
    ['if (true) c();', 'constant_condition'],
    ['if (a) b(); else if (c) d(); else if (a) e();', 'repeated_condition'],
    ['switch (a) { case 1: b(); break; case 1: c(); }', 'repeated_case'],
    ['switch (a) { case 1: b(); case 2: c(); }', 'fall_through'],
    ['function f() { try { a(); } finally { return 1; } }', 'return_in_finally'],
    ["throw 'text';", 'throw_literal'],
    ['debugger;', 'debugger'],
    ['if (a.b === a.b) c();', 'self_comparison'],
    ['a = a;', 'self_assignment'],
    ["if (a == '1') b();", 'loose_equality'],
    ['if (a === NaN) b();', 'nan_comparison'],
    ["if (typeof a === 'nul') b();", 'unknown_typeof'],
    ['if (!a in b) c();', 'negated_left'],
    ['const a = { b: 1, c: 2, b: 3 };', 'repeated_key'],
    ['const a = b.map((c) => { c.d(); });', 'callback_without_result'],
    ['a.forEach(async (b) => { await b(); });', 'async_for_each'],
    ['new Promise(async (done) => { done(); });', 'async_executor'],
    ["import { a, b } from 'c'; a();", 'unused_import'],
  ])('%s', (text, rule) => {
    expect(lintScript('a.ts', text).map((finding) => finding.rule)).toEqual([`lint.${rule}`]);
  });

  it.each([
    'try { a(); } catch { /* not there yet */ }',
    'function f() { return g(); function g() {} }',
    'while ((a = next()) !== null) b();',
    'while (true) { if (a) break; }',
    'switch (a) { case 1: case 2: b(); break; case 3: c(); // falls through\n default: d(); }',
    'switch (a) { case 1: { return b; } case 2: throw c; default: d(); }',
    'if (a == null || typeof a == b) c();',
    'if (f() === f()) a();',
    'const a = { b: 1, ...c, b: 2, get d() { return 1; }, set d(e) {} };',
    'const a = b.map((c) => { if (d) { return c; } throw e; });',
    'a.forEach((b) => { c(b); });',
    "import type { A } from 'b'; export const c: A = 1;",
    "import { A } from 'b'; export const c = <A />;",
  ])('leaves alone: %s', (text) => {
    expect(lintScript('a.tsx', text)).toEqual([]);
  });

  it('of Python', () => {
    const text =
      'def f(a=[], b=None, c=()):\n    try:\n        g()\n    except:\n        h()\n    try:\n        g()\n    except OSError:\n        pass\n    if a == None or b is None:\n        pass\n    assert (a, "text")\n    assert (a)\n';
    expect(
      lintPython('a.py', text).map(({ rule, location }) => `${rule} ${location?.line}`),
    ).toEqual([
      'lint.py_bare_except 4',
      'lint.py_swallowed_error 8',
      'lint.py_mutable_default 1',
      'lint.py_none_comparison 10',
      'lint.py_assert_tuple 12',
    ]);
  });
});

describe('dead exports', () => {
  const dead = (files: Record<string, string>, manifest: object = {}) =>
    findDeadExports(
      Object.entries(files).map(([path, text]) => readModule(path, text)),
      [{ path: 'package.json', text: JSON.stringify(manifest) }],
      [],
    ).dead.map(({ path, name, usedInside }) => `${path} ${name}${usedInside ? ' inside' : ''}`);

  it.each<[string, Record<string, string>, object, string[]]>([
    [
      'by name, default and rename',
      {
        'a.ts': 'export const x = 1; export default 2; export function y() {}',
        'b.ts': "import z, { x as q } from './a.js';",
      },
      {},
      ['a.ts y'],
    ],
    [
      'used in its own file',
      { 'a.ts': 'export const x = 1; export const y = x;', 'b.ts': "import { y } from './a.ts';" },
      {},
      ['a.ts x inside'],
    ],
    [
      'through a barrel',
      {
        'a.ts': 'export const x = 1; export const y = 1;',
        'i.ts': "export { x } from './a.ts';",
        'b.ts': "import { x } from './i.ts';",
      },
      {},
      ['a.ts y'],
    ],
    [
      'as a whole, while running and in a type',
      {
        'a.ts': 'export const x = 1;',
        'b.ts': 'export const x = 1;',
        'c.ts': 'export type X = 1;',
        'd.ts': "import * as a from './a.ts'; await import('./b.ts'); let c: import('./c.ts').X;",
      },
      {},
      [],
    ],
    [
      'entry points of the package, also of what is built',
      {
        'src/index.ts': 'export const x = 1;',
        'bin/run.js': 'export const y = 1;',
        'src/other.ts': 'export const z = 1;',
      },
      { main: 'dist/index.js', scripts: { start: 'node bin/run.js' } },
      ['src/other.ts z'],
    ],
    [
      'pages, configuration and tests',
      {
        'app/shop/page.tsx': 'export default 1; export const metadata = {};',
        'vite.config.ts': 'export default {};',
        'a.test.ts': 'export const x = 1;',
      },
      {},
      [],
    ],
    [
      'by an alias and by the name of the package',
      {
        'src/lib/a.ts': 'export const x = 1; export const y = 1;',
        'src/b.ts': "import { x } from '@/lib/a'; import { y } from 'own/lib/a.ts';",
      },
      { name: 'own' },
      [],
    ],
    [
      'lists and patterns',
      {
        'a.ts': 'const x = 1, y = 2; export { x, y as z }; export const { p, q: [r] } = o;',
        'b.ts': "import { z, r } from './a.ts';",
      },
      {},
      ['a.ts x', 'a.ts p'],
    ],
  ])('%s', (...row) => {
    const [, files, manifest, expected] = row;
    expect(dead(files, manifest)).toEqual(expected);
  });

  it('entry points can be named', async () => {
    await bench.write('dead/a.ts', 'export const x = 1;\n');
    expect((await bench.run('dead_exports', { path: 'dead' })).findings).toMatchObject([
      { rule: 'code.dead_export', location: { path: 'a.ts', line: 1 } },
    ]);
    expect(
      (await bench.run('dead_exports', { path: 'dead', entry_points: ['a.ts'] })).findings,
    ).toEqual([]);
  });
});
