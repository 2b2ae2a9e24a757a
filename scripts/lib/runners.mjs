/** Runs the test runners with their usual output and reads the counts from their reports. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countPlaywright, countRun, countVitest } from './counts.mjs';
import { ended } from './process.mjs';

/** Runs the vitest projects named. */
export async function runVitest({ root, runtime, env, projects }) {
  return withReport(async (reportFile) => {
    const selected = projects.flatMap((project) => ['--project', project]);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...selected, ...reporters];
    const exitCode = await show(runtime, args, { cwd: root, env });
    return { name: projects.join(', '), ...countRun({ reportFile, exitCode, count: countVitest }) };
  });
}

/** Runs the browser tests against a server that their configuration starts on a fresh data folder. */
export async function runPlaywright({ root, runtime, env }) {
  return withReport(async (reportFile, folder) => {
    const args = [
      join(root, 'node_modules/@playwright/test/cli.js'),
      'test',
      '--reporter=list,json',
    ];
    const dataDir = join(folder, 'data');
    const exitCode = await show(runtime, args, {
      cwd: root,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile, AUTOMATOS_E2E_DATA_DIR: dataDir },
    });
    return { name: 'browser', ...countRun({ reportFile, exitCode, count: countPlaywright }) };
  });
}

async function withReport(run) {
  const folder = await mkdtemp(join(tmpdir(), 'automatos-test-'));
  try {
    return await run(join(folder, 'report.json'), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function show(command, args, options) {
  const [code] = await ended(
    spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options }),
  );
  return code ?? 1;
}
