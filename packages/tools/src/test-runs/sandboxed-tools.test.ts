import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolEnvironment } from '../definition.ts';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { createWorkspaceRoots } from '../workspace/roots.ts';
import { openSandboxedCopy } from './sandboxed-copy.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

const outputOf = (outcome: { output: unknown }) => outcome.output as Record<string, never>;

describe('tools that run tests', () => {
  it('offer what passed, and say why the rest is thrown away', async () => {
    await bench.write(
      'made/a.ts',
      [
        'export function clamp(value: number, low: number, high: number): number {',
        "  if (low > high) throw new RangeError('low is above high');",
        '  return Math.min(high, Math.max(low, value));',
        '}',
        // Nothing in its text gives it away: only running it twice does.
        "export function dice(sides: number): number { return sides + Math['random'](); }",
        'export async function later(n: number): Promise<number> { return n; }',
      ].join('\n'),
    );
    await bench.write(
      'made/b.ts',
      "import './gone.ts';\nexport const twice = (n: number) => n * 2;\n",
    );
    const outcome = await bench.run('generate_tests', { path: 'made' });
    expect(outcome.error).toBeUndefined();
    expect(outputOf(outcome)['tests']).toMatchObject([
      { source: 'a.ts', functions: ['clamp'], runs: 2 },
    ]);
    expect(outcome.artifacts?.[0]?.content).toContain('low is above high');
    const reasons = (
      outputOf(outcome)['thrown_away'] as unknown as { name: string; reason: string }[]
    ).map(({ name, reason }) => [name, reason.split(':')[0]]);
    expect(Object.fromEntries(reasons)).toEqual({
      dice: 'gives another result each time',
      later: 'answers later',
      twice: 'could not be run',
    });
  });

  it('leave the project as it is', async () => {
    const source = 'export function isAdult(age) {\n  return age >= 18;\n}\n';
    await bench.write('kept/a.js', source);
    await bench.write('kept/package.json', '{"type":"module"}');
    await bench.write(
      'kept/a.test.js',
      "import assert from 'node:assert/strict';\nimport { rmSync } from 'node:fs';\nimport { test } from 'node:test';\nimport { isAdult } from './a.js';\ntest('far from the limit', () => {\n  rmSync('package.json', { force: true });\n  assert.equal(isAdult(30), true);\n  assert.equal(isAdult(3), false);\n});\n",
    );
    const outcome = await bench.run('mutation_sample', { path: 'kept' });
    expect(outcome.findings.map(({ rule, location }) => [rule, location?.line])).toEqual([
      ['testing.surviving_mutant', 2],
    ]);
    expect(await readFile(join(bench.root, 'kept/a.js'), 'utf8')).toBe(source);
    expect(await readFile(join(bench.root, 'kept/package.json'), 'utf8')).toContain('module');
  });

  it('refuse to judge tests that fail already, or that say nothing', async () => {
    await bench.write('red/b.js', 'export function f(a) { return a > 1; }\n');
    await bench.write(
      'red/b.test.js',
      "import { f } from './b.js';\nf(1);\nthrow new Error('red');\n",
    );
    const failing = await bench.run('mutation_sample', { path: 'red' });
    expect(failing.error).toMatchObject({ code: 'tools.tests.failing' });
    const silent = await bench.run('flaky_tests', { path: 'red', test_command: 'true', runs: 2 });
    expect(silent.error).toMatchObject({ code: 'tools.tests.unreadable' });
  });

  it('run nothing where nothing isolates', async () => {
    const env = {
      roots: createWorkspaceRoots([bench.root]),
      signal: new AbortController().signal,
    } as unknown as ToolEnvironment;
    await expect(openSandboxedCopy('.', env, 'darwin')).rejects.toMatchObject({
      code: 'tools.sandbox.unavailable',
    });
  });
});
