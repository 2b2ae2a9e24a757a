import { posix } from 'node:path';
import { renderValue, type Outcome } from './observe.ts';

/** One thing that a function did. */
export interface Observation {
  args: readonly string[];
  outcome: Extract<Outcome, { kind: 'value' | 'throws' }>;
}

export interface ObservedFunction {
  name: string;
  exportName: string;
  observations: readonly Observation[];
}

/** Where the tests of a source file go: beside it. */
export function testPathOf(path: string): string {
  const extension = posix.extname(path);
  const stem = path.slice(0, -extension.length);
  return `${stem}.generated.test${extension.replace('x', '')}`;
}

const TITLE_MAX = 90;

function shorten(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ');
  return plain.length <= TITLE_MAX ? plain : `${plain.slice(0, TITLE_MAX - 1)}…`;
}

function renderCase(name: string, { args, outcome }: Observation): string[] {
  const call = `${name}(${args.join(', ')})`;
  if (outcome.kind === 'throws')
    return [
      `  it(${JSON.stringify(`${shorten(call)} throws ${outcome.name}`)}, () => {`,
      `    assert.throws(() => ${call}, ${JSON.stringify({ name: outcome.name, message: outcome.message })});`,
      '  });',
    ];
  const value = renderValue(outcome.value);
  return [
    `  it(${JSON.stringify(`${shorten(call)} gives ${shorten(value)}`)}, () => {`,
    `    assert.deepEqual(${call}, ${value});`,
    '  });',
  ];
}

/** The text of a test file for node:test that holds one module to what it did. */
export function writeTestFile(path: string, functions: readonly ObservedFunction[]): string {
  const names = functions.map(({ name, exportName }) =>
    name === exportName ? name : `${exportName} as ${name}`,
  );
  return [
    "import assert from 'node:assert/strict';",
    "import { describe, it } from 'node:test';",
    `import { ${names.join(', ')} } from ${JSON.stringify(`./${posix.basename(path)}`)};`,
    '',
    '// Each expectation is what the code did when this file was written. Read it before you keep it.',
    ...functions.flatMap(({ name, observations }) => [
      '',
      `describe(${JSON.stringify(name)}, () => {`,
      ...observations.flatMap((one) => renderCase(name, one)),
      '});',
    ]),
    '',
  ].join('\n');
}
