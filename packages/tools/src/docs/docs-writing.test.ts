import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { readCommands, versionProblem } from './check-commands.ts';
import { checkSyntax } from './check-syntax.ts';
import { extractPython } from './extract-python.ts';
import { extractScript } from './extract-script.ts';
import { readExamples } from './read-examples.ts';
import type { Release, ReleasedChange } from './read-releases.ts';
import { renderChangelog, renderRelease } from './render-changelog.ts';
import { mergeReadme, renderReference } from './render-reference.ts';
import { unifiedDiff } from './unified-diff.ts';

const run = promisify(execFile);
let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('extraction', () => {
  it('of functions, classes, interfaces and constants with what is written about them', () => {
    const text = `/**
 * Adds.
 * @param a - the first
 * @param [b] the second
 * @returns the sum
 * @deprecated use plus
 * @example
 * add(1)
 */
export const add = (a: number, b = 2): number => a + b;
/** Counts. */
export class Counter<T> extends Base {
  #hidden = 1;
  private secret(): void {}
  /** Next. */
  next(step?: number): T { return step as T; }
}
export interface Options {
  /** Seconds. */
  wait: number;
  retry?: boolean;
}
export const LIMIT = 5;
function inner() {}
export { inner as outer };
`;
    const { symbols, mismatches } = extractScript('a.ts', text);
    expect(mismatches).toEqual([]);
    expect(symbols.map(({ name, kind, signature }) => [name, kind, signature])).toEqual([
      ['add', 'function', 'add(a: number, b = 2): number'],
      ['Counter', 'class', 'class Counter<T> extends Base'],
      ['Options', 'interface', 'interface Options'],
      ['LIMIT', 'constant', 'const LIMIT = 5'],
      ['outer', 'function', 'outer()'],
    ]);
    expect(symbols[0]).toMatchObject({
      doc: 'Adds.',
      parameters: [
        { name: 'a', type: 'number', optional: false, doc: 'the first' },
        { name: 'b', optional: true, doc: 'the second' },
      ],
      returns: 'the sum',
      deprecated: 'use plus',
      examples: ['add(1)'],
    });
    expect(symbols[1]?.members).toEqual([
      { name: 'next', signature: 'next(step?: number): T', doc: 'Next.' },
    ]);
    expect(symbols[2]?.members.map(({ signature, doc }) => [signature, doc])).toEqual([
      ['wait: number', 'Seconds.'],
      ['retry?: boolean', ''],
    ]);
  });

  it('documented parameters that are not there, and patterns that may have any name', () => {
    const text =
      '/**\n * X.\n * @param gone old\n */\nexport function f(here: string) {}\n/**\n * Y.\n * @param options all\n * @param options.a first\n */\nexport function g({ a }: { a: string }) {}\n';
    expect(
      extractScript('a.ts', text).mismatches.map(({ parameter, kind, line }) => [
        parameter,
        kind,
        line,
      ]),
    ).toEqual([
      ['gone', 'unknown', 3],
      ['here', 'undocumented', 5],
    ]);
  });

  it('of Python: styles of docstrings, defaults, several lines', () => {
    const text =
      'async def load(\n    path: str,\n    *,\n    retries: int = 3,\n):\n    """Loads it.\n\n    :param path: where\n    :param gone: old\n    """\n\nclass Box:\n    """Holds."""\n\ndef _hidden():\n    pass\n';
    const { symbols, mismatches } = extractPython('a.py', text);
    expect(
      symbols.map(({ name, doc, parameters }) => [
        name,
        doc,
        parameters.map((one) => [one.name, one.type, one.optional, one.doc]),
      ]),
    ).toEqual([
      [
        'load',
        'Loads it.',
        [
          ['path', 'str', false, 'where'],
          ['retries', 'int', true, ''],
        ],
      ],
      ['Box', 'Holds.', []],
    ]);
    expect(mismatches.map(({ parameter, line }) => [parameter, line])).toEqual([['gone', 9]]);
  });
});

describe('examples', () => {
  it('of the past are left alone', () => {
    const text =
      '# A\n\n```js\nnow();\n```\n\n## Migrating from 1.x\n\n```js\nold();\n```\n\n### More\n\n```js\nolder();\n```\n\n## Next\n\n```js\nnext();\n```\n';
    expect(readExamples('README.md', text).map(({ text: code, line }) => [code, line])).toEqual([
      ['now();', 4],
      ['next();', 22],
    ]);
    expect(readExamples('CHANGELOG.md', text)).toEqual([]);
  });

  it.each([
    ['json', '{"a": 1}', true],
    ['json', '{"a": 1, // why\n"b": 2}', true],
    ['json', '{"a": 1,}', false],
    ['json', '{"a": ...}', true],
    ['json', '{"a": 1}\n{"a": 2}', true],
    ['yaml', 'a: 1\nb: [1, 2]', true],
    ['yaml', 'a: 1\n  b: 2\n c: 3', false],
    ['ts', 'const a: number = 1;', true],
    ['ts', '{ a: 1, b: 2 }', true],
    ['ts', 'const a = (;', false],
    ['ts', 'start(): void {\n  this.a = 1;\n}', true],
    ['ts', 'const all: Map<string, number> = ;', false],
    ['js', 'const view = <b>{name}</b>;', true],
    ['ts', 'await run();', true],
    ['text', '((((', true],
  ])('%s %j is fine: %s', (language, text, fine) => {
    expect(checkSyntax({ path: 'a.md', line: 1, language, text }).length === 0).toBe(fine);
  });

  it('of shells are read as commands: prompts, comments, lines that go on, here-documents', () => {
    const text =
      '# first\nA=1 npm run a && npm run b \\\n  --x\ncat > f.js <<END\nnpm run nothing\nEND\nsudo make c';
    expect(readCommands(text).map(({ words, offset }) => [words.join(' '), offset])).toEqual([
      ['npm run a', 1],
      ['npm run b --x', 1],
      ['cat > f.js <<END', 3],
      ['make c', 6],
    ]);
    expect(readCommands('$ ls\nfile\n$ pwd').map(({ words }) => words[0])).toEqual(['ls', 'pwd']);
  });

  it.each([
    ['^2.0.0', '2.3.0', false],
    ['2.1.0', '2.3.0', false],
    ['1.0.0', '2.3.0', true],
    ['2.9.0', '2.3.0', true],
    ['latest', '2.3.0', false],
  ])('version %s beside %s is stale: %s', (range, version, stale) => {
    expect(versionProblem({ name: 'a', range, version }, 0)).toHaveLength(stale ? 1 : 0);
  });

  it('say nothing about a package whose exports cannot be listed', async () => {
    await bench.write('opaque/package.json', '{"name":"opaque","main":"./src/index.js"}');
    await bench.write(
      'opaque/src/index.js',
      "export * from './generated/all.js';\nexport const a = 1;\n",
    );
    await bench.write(
      'opaque/README.md',
      "# A\n\n```js\nimport { anything } from 'opaque';\n```\n",
    );
    const outcome = await bench.run('stale_examples', { path: 'opaque' });
    expect(outcome).toMatchObject({ status: 'success', findings: [], output: { examples: 1 } });
  });
});

describe('differences', () => {
  const long = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('');
  it.each([
    ['nothing to something', 'a\n', 'a\nb\n'],
    ['no line break at the end', 'a\nb', 'a\nc\n'],
    ['two places', long, long.replace('line 3\n', '').replace('line 30\n', 'line 30\nnew\n')],
    ['all of it', 'a\nb\n', 'c\nd\ne\n'],
    ['emptied', 'a\nb\n', ''],
    ['one empty line', '\n', 'a\n'],
    ['other line breaks', 'a\r\nb\r\nc\r\n', 'a\nb\nd\n'],
  ])('%s: git applies them', async (_, before, after) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'diff-')));
    try {
      await writeFile(join(folder, 'a.md'), before);
      await writeFile(join(folder, 'a.diff'), unifiedDiff('a.md', before, after));
      await run('git', ['apply', 'a.diff'], {
        cwd: folder,
        env: { PATH: '/usr/bin:/bin', GIT_CEILING_DIRECTORIES: tmpdir() },
      });
      expect(await readFile(join(folder, 'a.md'), 'utf8')).toBe(after);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are empty for what is the same', () => {
    expect(unifiedDiff('a', 'x\n', 'x\n')).toBe('');
    expect(unifiedDiff('a', null, 'x\n')).toBe('--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n');
  });
});

describe('changelogs', () => {
  const change = (more: Partial<ReleasedChange>): ReleasedChange => ({
    kind: 'feat',
    scope: null,
    breaking: false,
    text: 'does it',
    hash: 'abc1234',
    breakingText: null,
    ...more,
  });
  const release = (version: string | null, ...changes: ReleasedChange[]): Release => ({
    version,
    date: '2026-11-01',
    changes,
  });

  it('tell users what they notice, what breaks first', () => {
    const text = renderRelease(
      release(
        '1.0.0',
        change({}),
        change({ kind: 'fix', text: 'a hole (CVE-2026-1)', scope: 'web' }),
        change({ breaking: true, text: 'new way', breakingText: 'the old way is gone' }),
        change({ kind: 'docs', text: 'more' }),
        change({ kind: 'refactor', text: 'tidy' }),
        change({ kind: 'feat', text: 'remove the old page' }),
      ),
    );
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      '## [1.0.0] - 2026-11-01',
      '### Added',
      '- **Breaking:** New way. The old way is gone. (abc1234)',
      '- Does it. (abc1234)',
      '### Removed',
      '- Remove the old page. (abc1234)',
      '### Security',
      '- **web**: A hole (CVE-2026-1). (abc1234)',
    ]);
    expect(renderRelease(release('1.0.1', change({ kind: 'docs' })))).toBe('');
  });

  it('keep what people wrote, and get what is missing at its place', () => {
    const existing =
      '# Changes\n\nOurs.\n\n## [Unreleased]\n\n- old draft\n\n## [1.2.0] - 2026-01-02\n\nby hand\n\n## 1.0.0\n\nfirst\n';
    const merged = renderChangelog(existing, [
      release(null, change({ text: 'fresh' })),
      release('1.2.0', change({ text: 'not taken' })),
      release('1.1.0', change({ text: 'missing' })),
      release('1.0.0', change({ text: 'not taken' })),
    ]);
    expect(merged.match(/^##? .*$/gm)).toEqual([
      '# Changes',
      '## [Unreleased]',
      '## [1.2.0] - 2026-01-02',
      '## [1.1.0] - 2026-11-01',
      '## 1.0.0',
    ]);
    expect(merged).toContain('by hand');
    expect(merged).not.toContain('not taken');
    expect(merged).not.toContain('old draft');
  });

  it('need a history, and say so', async () => {
    await bench.write('plain/a.md', '# A\n');
    const outcome = await bench.run('write_changelog', { path: 'plain' });
    expect(outcome).toMatchObject({
      status: 'success',
      output: { is_repository: false, documents: [] },
    });
    expect(outcome.summary).toContain('not inside a git repository');
  });
});

describe('references', () => {
  it('write no file, and tell what they would change', async () => {
    await bench.write('ref/package.json', '{"name":"kit","main":"./index.js"}');
    await bench.write(
      'ref/index.js',
      '/** Adds `a` | `b`. */\nexport function add(a, b) { return a + b; }\n',
    );
    await bench.write('ref/README.md', '# kit\n\n## Usage\n\nBy hand.\n');
    const outcome = await bench.run('write_api_reference', { path: 'ref', reference: 'API.md' });
    expect(outcome.output).toMatchObject({
      symbols: 1,
      documents: [
        { path: 'API.md', status: 'new' },
        { path: 'README.md', status: 'changed' },
      ],
    });
    expect(outcome.artifacts?.map(({ name }) => name)).toEqual([
      'API.md',
      'README.md',
      'README.md.diff',
    ]);
    expect(await readFile(join(bench.root, 'ref/README.md'), 'utf8')).toBe(
      '# kit\n\n## Usage\n\nBy hand.\n',
    );
    const empty = await bench.run('write_api_reference', { path: 'plain' });
    expect(empty.error).toMatchObject({ code: 'tools.docs.no_symbols' });
    const away = await bench.run('write_api_reference', { path: 'ref', reference: '../API.md' });
    expect(away.error).toMatchObject({ code: 'tools.arguments.invalid' });
  });

  it('replace their own part of a README only', () => {
    const parts = [
      { heading: 'Usage', like: /^usage/i, body: 'made' },
      { heading: 'Exports', like: /^exports/i, body: 'new' },
    ];
    const before = '# A\n\n## Usage\n\nby hand\n\n## Exports\n\nold\n\n## Licence\n\nMIT\n';
    expect(mergeReadme(before, 'A', parts)).toBe(
      '# A\n\n## Usage\n\nby hand\n\n## Exports\n\nnew\n\n## Licence\n\nMIT\n',
    );
    expect(mergeReadme(null, 'A', parts)).toBe('# A\n\n## Usage\n\nmade\n\n## Exports\n\nnew\n');
  });

  it('fence examples that hold fences, and keep tables whole', () => {
    const { symbols } = extractScript(
      'a.ts',
      '/**\n * A.\n * @param a x | y\n * @example\n * const a = "```";\n */\nexport function f(a: string | number): void {}\n',
    );
    const text = renderReference('T', symbols);
    expect(text).toContain('````ts\nconst a = "```";\n````');
    expect(text).toContain(String.raw`| ${'`a`'} | ${'`string \\| number`'} |  | x \| y |`);
  });
});
