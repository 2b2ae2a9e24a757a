import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations } from './lib/boundaries.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = ['kernel', 'contracts', 'database', 'runs', 'tools', 'recipes', 'sdk', 'testing'];
const imports = (...names) =>
  names
    .map(
      (name, index) =>
        `import { value as v${index} } from '${name}';\nexport const w${index} = v${index};\n`,
    )
    .join('');

const FORBIDDEN = [
  ['packages-kernel-imports', 'packages/kernel/src/up.ts', imports('@automatos/contracts')],
  ['packages-runs-imports', 'packages/runs/src/right.ts', imports('@automatos/recipes')],
  [
    'packages-tools-imports',
    'packages/tools/src/right.ts',
    `import type { Value } from '@automatos/recipes';\nexport type W = Value;\n`,
  ],
  ['packages-sdk-imports', 'packages/sdk/src/engine.ts', imports('@automatos/runs')],
  ['apps-web-imports', 'apps/web/src/kernel.ts', imports('@automatos/runs')],
  ['apps-cli-imports', 'apps/cli/src/direct.ts', imports('@automatos/database')],
  ['public-entry-only', 'packages/recipes/src/inside.ts', imports('../../runs/src/inner.ts')],
  ['testing-from-tests-only', 'packages/recipes/src/fake.ts', imports('@automatos/testing')],
  [
    'testing-from-tests-only',
    'packages/recipes/src/fixture.ts',
    imports('@automatos/database/testing'),
  ],
  [
    'apps-are-not-imported',
    'packages/recipes/src/app.ts',
    imports('../../../apps/cli/src/free.ts'),
  ],
  [
    'no-cycles',
    'packages/runs/src/cycle-a.ts',
    `import { b } from './cycle-b.ts';\nexport const a = b;\n`,
  ],
  ['not-resolvable', 'packages/runs/src/lost.ts', imports('@automatos/runs/src/inner.ts')],
];

const ALLOWED = {
  'packages/recipes/src/left.ts': imports(
    '@automatos/runs',
    '@automatos/kernel',
    '@automatos/database',
  ),
  'packages/recipes/src/left.test.ts': imports('@automatos/testing', '@automatos/database/testing'),
  'apps/server/src/compose.ts': imports('@automatos/recipes', '@automatos/tools'),
  'apps/cli/src/free.ts': `${imports('@automatos/sdk', '@automatos/kernel')}export const value = 1;\n`,
};

const HELPERS = {
  'packages/runs/src/inner.ts': `export const value = 1;\n`,
  'packages/runs/src/cycle-b.ts': `import { a } from './cycle-a.ts';\nexport const b = a;\n`,
  'packages/database/src/testing/index.ts': `export const value = 1;\n`,
};

let folder;
let result;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'automatos-boundaries-'));
  const files = {
    ...HELPERS,
    ...ALLOWED,
    ...Object.fromEntries(FORBIDDEN.map(([, file, source]) => [file, source])),
  };
  for (const name of PACKAGES) {
    files[`packages/${name}/src/index.ts`] =
      `export const value = 1;\nexport type Value = number;\n`;
    const exports = {
      '.': './src/index.ts',
      ...(name === 'database' && { './testing': './src/testing/index.ts' }),
    };
    files[`packages/${name}/package.json`] = JSON.stringify({
      name: `@automatos/${name}`,
      version: '0.1.0',
      type: 'module',
      exports,
    });
  }
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  mkdirSync(join(folder, 'node_modules/@automatos'), { recursive: true });
  for (const name of PACKAGES)
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@automatos', name));
  result = findViolations(folder, root);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(FORBIDDEN)('%s reports %s', (rule, file) => {
  expect(
    result.violations.filter(({ from }) => from === file).map((violation) => violation.rule),
  ).toContain(rule);
});

test.each(Object.keys(ALLOWED))('%s is allowed', (file) => {
  expect(result.violations.filter(({ from }) => from === file)).toEqual([]);
});

test('the check counts the modules and imports that it read', () => {
  expect(result.modules).toBeGreaterThan(20);
  expect(result.imports).toBeGreaterThan(15);
});
