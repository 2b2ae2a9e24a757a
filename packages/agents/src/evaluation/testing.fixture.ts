import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

const run = promisify(execFile);

/** Runs a generated file beside the source that it tests, against the source as it is and against a broken one. */
async function tryGenerated(folder: string, text: string): Promise<string[]> {
  const copy = `${folder}-tried`;
  await cp(folder, copy, { recursive: true });
  await writeFile(join(copy, 'src/shipping.generated.test.ts'), text);
  const test = () =>
    run(process.execPath, ['--test', 'src/shipping.generated.test.ts'], {
      cwd: copy,
      env: {},
    }).then(
      () => 'passed',
      () => 'failed',
    );
  const whole = await test();
  await writeFile(
    join(copy, 'src/shipping.ts'),
    'export function shippingCost(): number {\n  return 490;\n}\n',
  );
  const broken = await test();
  return [
    ...(whole === 'passed' ? [] : ['the generated tests fail on the source they were made from']),
    ...(broken === 'failed' ? [] : ['the generated tests pass on a broken source']),
  ];
}

/** A small shop whose tests have gaps, holes and moods. */
export const testingFixture: AgentFixture = {
  agent: 'testing',
  async prepare(folder) {
    await copyFixtureFiles('testing', folder);
    return {
      task: {
        task_type: 'qa',
        target: folder,
        parameters: { test_command: 'node --test', limit: 40, runs: 2 },
      },
      expected: await readExpected('testing'),
      async verify(_, made) {
        const text = made.get('shipping.generated.test.ts');
        return text === undefined
          ? ['no test was generated for shippingCost']
          : tryGenerated(folder, text);
      },
    };
  },
};
