/** `npm run eval:agents [-- slug …]`: how well each specialist finds what was planted in its fixture, without a model. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSandbox } from './lib/components.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { PlainError } from './lib/process.mjs';
import { createProgress } from './lib/progress.mjs';
import { checkPlatform, findRuntime } from './lib/runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const progress = createProgress();
  checkPlatform();
  await ensureInstalled(root, progress);
  const runtime = await findRuntime(root);
  await progress.run('isolation of programs', () => ensureSandbox(progress.say));
  const child = spawn(
    runtime,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'packages/agents/scripts/eval-agents.ts'),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit' },
  );
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof PlainError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
