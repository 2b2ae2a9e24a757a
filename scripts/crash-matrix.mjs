/** `npm run crash-matrix [-- --kills 1000]`: kills workers at every write to the database and counts what that costs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './lib/install.mjs';
import { PlainError, endTogether } from './lib/process.mjs';
import { createProgress } from './lib/progress.mjs';
import { checkPlatform, findRuntime } from './lib/runtime.mjs';
import { findKeptServices, startServices, stopServices } from './lib/services.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const progress = createProgress();
  checkPlatform();
  await ensureInstalled(root, progress);
  const runtime = await findRuntime(root);
  const kept = findKeptServices();
  const services =
    kept ?? (await progress.run('test services', () => startServices({ log: progress.say })));
  const release = kept === undefined ? endTogether(() => stopServices(services)) : () => undefined;
  const child = spawn(
    runtime,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'apps/server/scripts/crash-matrix.ts'),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, ...services.env } },
  );
  const [code] = await once(child, 'exit');
  if (kept === undefined) await stopServices(services);
  release();
  process.exitCode = code ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof PlainError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
