/** What is made once from the sources before the server starts: the web and the database snapshot. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkChanged, forget } from './fingerprint.mjs';
import { PlainError, ended } from './process.mjs';

const WEB_SOURCES = ['apps/web', 'packages/sdk', 'packages/contracts', 'packages/kernel', 'package-lock.json', 'tsconfig.base.json'];

/** Builds the web when its sources changed; the record lies inside the build, so deleting the build rebuilds it. */
export async function ensureWeb({ root, runtime, progress }) {
  const record = join(root, 'apps/web/.next/automatos-build.json');
  const state = checkChanged(root, WEB_SOURCES, record);
  if (!state.changed) return;
  await progress.run('building the web', async () => {
    forget(record);
    const next = join(root, 'node_modules/next/dist/bin/next');
    await runQuietly(runtime, [next, 'build'], {
      cwd: join(root, 'apps/web'),
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    });
    state.save();
  });
}

const SNAPSHOT_SOURCES = ['packages/database', 'package-lock.json'];

/** Where the ready-made data folder of the embedded database lies; the server copies it on its first start. */
export const SNAPSHOT_FILE = 'packages/database/.snapshot/data-folder.tar';

/** Makes the ready-made data folder when migrations or the database changed. */
export async function ensureSnapshot({ root, runtime, progress }) {
  const file = join(root, SNAPSHOT_FILE);
  const record = `${file}.json`;
  const state = checkChanged(root, SNAPSHOT_SOURCES, record);
  if (!state.changed && existsSync(file)) return;
  await progress.run('preparing the embedded database', async () => {
    forget(record);
    const code = `import { buildSnapshot } from '@automatos/database'; await buildSnapshot(${JSON.stringify(file)});`;
    await runQuietly(runtime, ['--input-type=module', '--eval', code], { cwd: root });
    state.save();
  });
}

async function runQuietly(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const read = (chunk) => (output = (output + chunk).slice(-20_000));
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [code, signal] = await ended(child);
  if (code !== 0) throw new PlainError(`${output.trim()}\n\nThe step ended with ${signal ?? `exit code ${code}`}.`);
}
