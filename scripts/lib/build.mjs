/** What is made once from the sources before the server starts: the web and the database snapshot. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkChanged, forget } from './fingerprint.mjs';
import { PlainError, ended } from './process.mjs';

const WEB_SOURCES = [
  'apps/web',
  'packages/sdk',
  'packages/contracts',
  'packages/kernel',
  'package-lock.json',
  'tsconfig.base.json',
];

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

/** Where the ready-made embedded database lies that the server unpacks into a new data folder. */
const SNAPSHOT_FOLDER = '.automatos/database';

/** Makes the ready-made embedded database when its migrations or its engine changed. */
export async function ensureSnapshot({ root, runtime, progress }) {
  const folder = join(root, SNAPSHOT_FOLDER);
  const record = join(folder, 'automatos-build.json');
  const state = checkChanged(root, ['packages/database'], record);
  if (!state.changed) return;
  await progress.run('preparing the embedded database', async () => {
    forget(record);
    await runQuietly(runtime, [join(root, 'scripts/build-snapshot.mjs'), folder], { cwd: root });
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
  if (code !== 0)
    throw new PlainError(
      `${output.trim()}\n\nThe step ended with ${signal ?? `exit code ${code}`}.`,
    );
}
