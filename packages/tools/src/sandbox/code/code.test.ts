import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createSandbox } from '../create-sandbox.ts';
import { createCodeRunner } from './code-runner.ts';
import { CODE_LANGUAGES } from './code-types.ts';
import type { CodeJob, CodeLanguage } from './code-types.ts';

const scratchDir = mkdtempSync(join(tmpdir(), 'automatos-code-test-'));
const runner = createCodeRunner({
  sandbox: createSandbox({ platform: process.platform, scratchDir }),
  scratchDir,
});
afterAll(() => rmSync(scratchDir, { recursive: true }));
const never = new AbortController().signal;
const run = (language: CodeLanguage, source: string, rest: Partial<CodeJob> = {}) =>
  runner[language].run({ source, input: {}, timeoutMs: 10_000, signal: never, ...rest });

/** The same promises for both languages. */
const SOURCES = {
  sum: {
    javascript:
      'function main({ numbers }) { console.log("adding", numbers.length); return { sum: numbers.reduce((a, b) => a + b, 0) }; }',
    python:
      'def main(input):\n    print("adding", len(input["numbers"]))\n    return {"sum": sum(input["numbers"])}',
  },
  throws: {
    javascript: 'function main() {\n  throw new RangeError("not like this");\n}',
    python: 'def main(input):\n    raise ValueError("not like this")',
  },
  broken: { javascript: 'function main( {', python: 'def main(:' },
  none: { javascript: 'const x = 1;', python: 'x = 1' },
  noJson: {
    javascript: 'function main() { return 10n; }',
    python: 'def main(input):\n    return {1, 2}',
  },
  endless: {
    javascript: 'function main() { for (;;); }',
    python: 'def main(input):\n    while True: pass',
  },
  hungry: {
    javascript: 'function main() { const a = []; for (;;) a.push(new Uint8Array(1e7)); }',
    python: 'def main(input):\n    a = []\n    while True: a.append(bytearray(10**7))',
  },
  deep: {
    javascript: 'function main() { const f = (n) => f(n + 1) + 1; return f(0); }',
    python:
      'import sys\ndef main(input):\n    sys.setrecursionlimit(10**9)\n    f = lambda n: f(n + 1) + 1\n    return f(0)',
  },
} as const;

describe.each(CODE_LANGUAGES)('%s', (language) => {
  test('takes JSON, gives JSON, and what it prints is kept apart', async () => {
    const result = await run(language, SOURCES.sum[language], { input: { numbers: [1, 2, 3.5] } });
    expect(result.value).toEqual({ sum: 6.5 });
    expect(result.log).toBe('adding 3\n');
  });

  test.each([
    ['throws', /not like this.*line 2/],
    ['broken', /SyntaxError/],
    ['none', /no function main/],
    ['noJson', /The code failed/],
  ] as const)('code that %s fails with the reason', async (which, message) => {
    await expect(run(language, SOURCES[which][language])).rejects.toMatchObject({
      code: 'tools.code.failed',
      message: expect.stringMatching(message),
    });
  });

  test('endless code is stopped', async () => {
    await expect(
      run(language, SOURCES.endless[language], { timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'tools.code.stopped', kind: 'timeout' });
  });

  test('hungry and deeply nested code ends without harm', async () => {
    await expect(run(language, SOURCES.hungry[language])).rejects.toMatchObject({
      code: expect.stringMatching(/^tools\.code\./),
    });
    await expect(run(language, SOURCES.deep[language])).rejects.toMatchObject({
      code: expect.stringMatching(/^tools\.code\./),
    });
    expect((await run(language, SOURCES.sum[language], { input: { numbers: [1] } })).value).toEqual(
      {
        sum: 1,
      },
    );
  });

  test('a cancelled run ends with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = run(language, SOURCES.endless[language], { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

describe('javascript', () => {
  test('awaits its own promises; one that never comes is told', async () => {
    const source = 'async function main({ n }) { return (await Promise.all([n, n * 2])).length; }';
    expect((await run('javascript', source, { input: { n: 1 } })).value).toBe(2);
    await expect(
      run('javascript', 'function main() { return new Promise(() => {}); }'),
    ).rejects.toThrow(/never comes/);
  });

  test('nothing of the host is in reach', async () => {
    const source = `function main() {
      const found = ['process', 'require', 'fetch', 'setTimeout', 'Buffer', 'WebAssembly', 'Worker']
        .filter((name) => typeof globalThis[name] !== 'undefined');
      let escaped = null;
      try { escaped = console.log.constructor('return typeof process')(); } catch (error) { escaped = 'refused'; }
      return { found, escaped, before: globalThis.left };
    }
    globalThis.left = 1;`;
    expect((await run('javascript', source)).value).toEqual({
      found: [],
      escaped: 'undefined',
      before: 1,
    });
    expect((await run('javascript', 'function main() { return typeof left; }')).value).toBe(
      'undefined',
    );
  });
});

describe('python', () => {
  test('its result is not read through a link, and is its own to forge', async () => {
    const link =
      'import os\ndef main(input):\n    os.symlink("/etc/hostname", "/work/result.json")\n    os._exit(0)';
    await expect(run('python', link)).rejects.toMatchObject({ code: 'tools.code.failed' });
    const forged =
      'import os\ndef main(input):\n    open("/work/result.json", "w").write("nonsense")\n    os._exit(0)';
    await expect(run('python', forged)).rejects.toThrow(/no JSON/);
  });

  test('nothing is left behind', async () => {
    await run('python', SOURCES.sum.python, { input: { numbers: [] } });
    expect(readdirSync(scratchDir)).toEqual([]);
  });
});
