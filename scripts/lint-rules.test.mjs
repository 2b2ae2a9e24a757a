import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// A rule whose plugin is off, or whose name is misspelt, is ignored in silence: so each rule has a file here that it must report.
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lines = (count) =>
  Array.from({ length: count }, (_, index) => `  total += ${index};`).join('\n');
const longFile = (count) =>
  Array.from({ length: count }, (_, index) => `export const value${index} = ${index};`).join('\n');
const longFunction = (count) =>
  `export function sum(): number {\n  let total = 0;\n${lines(count)}\n  return total;\n}\n`;
const component = (count) => longFunction(count).replace('sum', 'Panel');
const readsEnvironment = `export const home = process.env['HOME'];\n`;
const logs = `export function say(): void {\n  console.log('x');\n}\n`;
const rolls = `export const roll = (): number => Math.random();\n`;
const work = `async function work(): Promise<void> {\n  await Promise.resolve();\n}\n`;

const REPORTED = [
  [
    'no-floating-promises',
    'packages/demo/src/floating.ts',
    `${work}export function run(): void {\n  work();\n}\n`,
  ],
  [
    'no-misused-promises',
    'packages/demo/src/misused.ts',
    `${work}export const job = (): void => [1].forEach(async () => work());\n`,
  ],
  [
    'switch-exhaustiveness-check',
    'packages/demo/src/exhaustive.ts',
    `export function name(kind: 'a' | 'b'): string {\n  switch (kind) {\n    case 'a':\n      return 'A';\n  }\n  return '';\n}\n`,
  ],
  [
    'only-throw-error',
    'packages/demo/src/thrown.ts',
    `export function fail(): never {\n  throw 'text';\n}\n`,
  ],
  [
    'no-explicit-any',
    'packages/demo/src/any.ts',
    `export const loose = (value: any): unknown => value;\n`,
  ],
  [
    'consistent-type-imports',
    'packages/demo/src/type-import.ts',
    `import { Stats } from 'node:fs';\nexport const size = (stats: Stats): number => stats.size;\n`,
  ],
  [
    'no-cycle',
    'packages/demo/src/cycle-a.ts',
    `import type { B } from './cycle-b.ts';\nexport interface A {\n  b: B;\n}\n`,
  ],
  ['no-default-export', 'packages/demo/src/default-export.ts', `export default 1;\n`],
  ['no-process-env', 'packages/demo/src/environment.ts', readsEnvironment],
  ['no-process-env', 'apps/server/src/other.ts', readsEnvironment],
  ['max-lines', 'packages/demo/src/long-file.ts', longFile(401)],
  ['max-lines', 'packages/demo/src/long-file.test.ts', longFile(801)],
  ['max-lines-per-function', 'packages/demo/src/long-function.ts', longFunction(60)],
  ['max-lines-per-function', 'apps/web/src/long-component.tsx', component(150)],
  [
    'max-params',
    'packages/demo/src/params.ts',
    `export const add = (a: number, b: number, c: number, d: number): number => a + b + c + d;\n`,
  ],
  [
    'max-depth',
    'packages/demo/src/depth.ts',
    `export function deep(n: number): number {\n  if (n > 1) {\n    if (n > 2) {\n      if (n > 3) {\n        if (n > 4) {\n          if (n > 5) {\n            return 1;\n          }\n        }\n      }\n    }\n  }\n  return 0;\n}\n`,
  ],
  ['filename-case', 'packages/demo/src/camelCase.ts', `export const one = 1;\n`],
  ['no-console', 'packages/demo/src/console.ts', logs],
  [
    'no-empty',
    'packages/demo/src/empty-catch.ts',
    `export function quiet(run: () => void): void {\n  try {\n    run();\n  } catch {}\n}\n`,
  ],
  [
    'no-restricted-imports',
    'packages/demo/src/deep-import.ts',
    `export { x } from '@automatos/kernel/src/ids.ts';\n`,
  ],
  ['no-restricted-properties', 'packages/demo/src/random.ts', rolls],
  [
    'no-focused-tests',
    'packages/demo/src/focused.test.ts',
    `import { test, expect } from 'vitest';\ntest.only('x', () => expect(1).toBe(1));\n`,
  ],
  [
    'valid-expect',
    'packages/demo/src/no-matcher.test.ts',
    `import { test, expect } from 'vitest';\ntest('x', () => {\n  expect(1);\n});\n`,
  ],
];

const ALLOWED = [
  ['max-lines', 'packages/demo/src/table.test.ts', longFile(800)],
  ['max-lines-per-function', 'apps/web/src/panel.tsx', component(140)],
  [
    'no-default-export',
    'apps/web/src/app/page.tsx',
    `export default function Page(): null {\n  return null;\n}\n`,
  ],
  ['no-default-export', 'some.config.ts', `export default {};\n`],
  ['no-process-env', 'apps/server/src/config.ts', readsEnvironment],
  ['no-process-env', 'apps/cli/src/main.ts', readsEnvironment],
  ['no-process-env', 'packages/demo/src/reads.int.test.ts', readsEnvironment],
  ['no-process-env', 'packages/database/src/testing/url.ts', readsEnvironment],
  ['no-console', 'apps/cli/src/say.ts', logs],
  ['no-console', 'scripts/say.mjs', logs.replace(': void', '')],
];

const HELPERS = {
  'packages/demo/src/cycle-b.ts': `import type { A } from './cycle-a.ts';\nexport interface B {\n  a: A;\n}\n`,
  'tsconfig.json': JSON.stringify({
    extends: './tsconfig.base.json',
    include: ['**/*.ts', '**/*.tsx'],
  }),
  'tsconfig.base.json': readFileSync(join(root, 'tsconfig.base.json'), 'utf8'),
  '.oxlintrc.json': readFileSync(join(root, '.oxlintrc.json'), 'utf8'),
};

let folder;
let found;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'automatos-lint-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files = {
    ...HELPERS,
    ...Object.fromEntries([...REPORTED, ...ALLOWED].map(([, file, source]) => [file, source])),
  };
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  const lint = [join(root, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '--format=json'];
  const run = spawnSync(process.execPath, lint, { cwd: folder, encoding: 'utf8' });
  found = JSON.parse(run.stdout).diagnostics.map(({ code, filename }) => ({
    code,
    file: filename,
  }));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reports = (rule, file) =>
  found.some((item) => item.file === file && item.code.endsWith(`(${rule})`));

test.each(REPORTED)('%s reports %s', (rule, file) => {
  expect(reports(rule, file), JSON.stringify(found.filter((item) => item.file === file))).toBe(
    true,
  );
});

test.each(ALLOWED)('%s allows %s', (rule, file) => {
  expect(reports(rule, file)).toBe(false);
});

test('every rule that the configuration names has a file that it must report', () => {
  const config = JSON.parse(HELPERS['.oxlintrc.json']);
  const named = [config, ...config.overrides]
    .flatMap(({ rules }) => Object.entries(rules))
    .filter(([, setting]) => setting !== 'off')
    .map(([rule]) => rule.split('/').at(-1));
  const proven = new Set(REPORTED.map(([rule]) => rule));
  expect([...new Set(named)].filter((rule) => !proven.has(rule))).toEqual([]);
});
