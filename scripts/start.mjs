/** `npm start`: installs and builds what changed, then runs the server. On any Node >= 20, with nothing installed. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSnapshot, ensureWeb } from './lib/build.mjs';
import { handOver } from './lib/hand-over.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { PlainError, endRunning, endTogether } from './lib/process.mjs';
import { createProgress } from './lib/progress.mjs';
import { checkPlatform, findRuntime, withCompileCache } from './lib/runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main() {
  checkPlatform();
  const release = endTogether();
  const progress = createProgress();
  await ensureInstalled(root, progress);
  const runtime = await findRuntime(root);
  if (!process.argv.includes('--help')) {
    const tools = { root, runtime, progress };
    await Promise.all([ensureWeb(tools), ensureSnapshot(tools)]);
  }
  release();
  const server = join(root, 'apps/server/src/main.ts');
  const env = withCompileCache(root, process.env);
  const args = [
    '--disable-warning=ExperimentalWarning',
    // Garbage of the start (compilers, schemas) is given back sooner: idle memory falls by a quarter.
    '--max-semi-space-size=4',
    server,
    ...process.argv.slice(2),
  ];
  return handOver(runtime, args, { env });
}

try {
  process.exitCode = await main();
} catch (error) {
  // What runs beside the failed step would keep this process waiting.
  endRunning();
  process.stderr.write(`\n${error instanceof PlainError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
