import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { findClones } from './find-clones.ts';
import { findCycles, shortestCycle } from './find-cycles.ts';
import { measurePython } from './measure-python.ts';
import { measureScript } from './measure-script.ts';
import { readImports, resolveImport } from './read-imports.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('complexity', () => {
  it.each([
    ['function f() { return 1; }', 1, 0],
    ['const f = (a: number) => (a > 1 && a < 3 ? 1 : 2);', 3, 0],
    ['function f(a) { if (a) { for (const b of a) { while (b) {} } } else if (b) {} }', 5, 3],
    ['function f(a) { try { a(); } catch { switch (a) { case 1: case 2: default: } } }', 4, 2],
  ])('%s has %i, nesting %i', (text, complexity, nesting) => {
    expect(measureScript('a.ts', text)[0]).toMatchObject({ complexity, nesting });
  });

  it('of an inner function does not count for the outer one', () => {
    const found = measureScript(
      'a.ts',
      'function outer() {\n  const inner = (x) => {\n    if (x) {}\n  };\n  return inner;\n}',
    );
    expect(found.map((fn) => [fn.name, fn.complexity, fn.line, fn.end_line])).toEqual([
      ['outer', 1, 1, 6],
      ['inner', 2, 2, 4],
    ]);
  });

  it('of Python is read from indentation, without strings and comments', () => {
    const text =
      'def f(a, b=(1, 2), *rest):\n    """if if if"""\n    # if\n    if a and b:\n        for x in a:\n            pass\n    return 1\n\ndef g():\n    pass\n';
    expect(measurePython('a.py', text)).toMatchObject([
      { name: 'f', line: 1, end_line: 7, complexity: 4, nesting: 2, parameters: 3 },
      { name: 'g', line: 9, complexity: 1, parameters: 0 },
    ]);
  });

  it('broken sources give what can be read', () => {
    expect(measureScript('a.ts', 'function f( { if (')).toBeInstanceOf(Array);
  });
});

describe('clones', () => {
  const block = Array.from(
    { length: 12 },
    (_, index) => `  total${index} = add(total${index}, price[${index}]);`,
  ).join('\n');
  const options = { tokensMin: 50, linesMin: 5, tokensMax: 1_000_000 };

  it('are found across files in spite of layout, comments and numbers', () => {
    const other = block
      .replaceAll('\n', '\n\n')
      .replaceAll(/\[(\d+)\]/g, (_, digits: string) => `[${Number(digits) + 100}]`);
    const result = findClones(
      [
        { path: 'a.js', text: `start();\n${block}\n`, hashComments: false },
        { path: 'b.js', text: `begin(1);\n// note\n${other}\n`, hashComments: false },
      ],
      options,
    );
    expect(result.clones).toMatchObject([
      { first: { path: 'a.js', line: 2, end_line: 13 }, second: { path: 'b.js', line: 3 } },
    ]);
  });

  it('inside a file do not overlap themselves, and different names are no clone', () => {
    expect(
      findClones(
        [{ path: 'a.js', text: 'x();\n'.repeat(30), hashComments: false }],
        options,
      ).clones.every((clone) => clone.first.end_line <= clone.second.line),
    ).toBe(true);
    expect(
      findClones(
        [
          { path: 'a.js', text: block, hashComments: false },
          { path: 'b.js', text: block.replaceAll('total', 'sum'), hashComments: false },
        ],
        options,
      ).clones,
    ).toEqual([]);
  });

  it('stop at the limit of tokens and say how many files were left out', () => {
    const files = ['a', 'b', 'c'].map((path) => ({ path, text: block, hashComments: false }));
    expect(findClones(files, { ...options, tokensMax: 100 }).filesLeftOut).toBe(2);
  });
});

describe('cycles', () => {
  it('are groups that reach each other; a long chain is no problem', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a', 'd']],
      ['d', []],
      ['e', ['e']],
    ]);
    expect(findCycles(graph)).toEqual([['a', 'b', 'c'], ['e']]);
    expect(shortestCycle(graph, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'a']);
    const chain = new Map(
      Array.from({ length: 50_000 }, (_, index) => [`n${index}`, [`n${index + 1}`]]),
    );
    expect(findCycles(chain)).toEqual([]);
  });

  it('follow imports that exist at run time, with .js standing for .ts', () => {
    expect(
      readImports(
        'a.ts',
        "import { type A } from './a.js';\nimport type { B } from './b.js';\nimport C, { type D } from './c.js';\nexport * from './d/index.js';\nconst e = require('./e');",
      ).map((entry) => entry.typeOnly),
    ).toEqual([true, true, false, false, false]);
    expect(resolveImport('src/a.ts', './b.js', new Set(['src/b.ts']))).toBe('src/b.ts');
    expect(resolveImport('src/a.ts', '../lib', new Set(['lib/index.ts']))).toBe('lib/index.ts');
  });
});

describe('todo_scan and metrics', () => {
  it('give marks with their lines and leave generated files out', async () => {
    await bench.write(
      'p/a.ts',
      'const a = 1;\n// TODO(ada): tidy up\n/* FIXME now */\nconst todo = "TODO";\n',
    );
    await bench.write('p/b.min.js', `${'x=1;'.repeat(9000)} // TODO`);
    const outcome = await bench.run('todo_scan', { path: 'p' });
    expect(outcome.findings.map((finding) => [finding.rule, finding.location?.line])).toEqual([
      ['code.fixme', 3],
      ['code.todo', 2],
    ]);
    expect(await bench.run('code_metrics', { path: 'p' })).toMatchObject({
      output: { total: { files: 1, lines: 4, code_lines: 2 }, skipped: { generated: 1 } },
    });
  });

  it('of an empty folder are unknown, not zero or perfect', async () => {
    await bench.write('void/.keep', '');
    expect(await bench.run('code_metrics', { path: 'void' })).toMatchObject({
      output: { complexity: { mean: null, p95: null, max: null } },
    });
    expect(await bench.run('duplicates', { path: 'void' })).toMatchObject({
      output: { share_duplicated: null },
    });
    expect(await bench.run('doc_coverage', { path: 'void' })).toMatchObject({
      output: { total: { share: null } },
    });
  });
});
