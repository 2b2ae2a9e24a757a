/** `npm test [-- lint|unit|int|e2e ...]`: installs and starts what the tests need, runs them, and stops everything again. */
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecks } from './lib/checks.mjs';
import { ensureChromium } from './lib/components.mjs';
import { summaryLine } from './lib/counts.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { makePlan } from './lib/plan.mjs';
import { PlainError, endTogether } from './lib/process.mjs';
import { createProgress } from './lib/progress.mjs';
import { runPlaywright, runVitest } from './lib/runners.mjs';
import { checkPlatform, findRuntime, withCompileCache } from './lib/runtime.mjs';
import { startServices, stopServices } from './lib/services.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main(plan, progress) {
  checkPlatform();
  await ensureInstalled(root, progress);
  const runtime = await findRuntime(root);
  // Whatever the tests start finds the same Node first.
  const path = `${dirname(runtime)}${delimiter}${process.env.PATH}`;
  const env = withCompileCache(root, { ...process.env, PATH: path });
  const tools = { root, runtime, env, progress };
  const results = plan.checks ? await runChecks(tools) : [];
  if (plan.projects.length > 0) results.push(...(await runProjects(plan, tools)));
  if (plan.browser) results.push(await runBrowser(tools));
  return results;
}

async function runProjects({ projects, services }, tools) {
  if (!services) return [await runVitest({ ...tools, projects })];
  const started = await prepare('test services', (log) => startServices({ log }), tools.progress);
  if (started.failure !== undefined) {
    const possible = projects.filter((project) => project !== 'server');
    return [started.failure, await runVitest({ ...tools, projects: possible })];
  }
  const release = endTogether(() => stopServices(started.value));
  try {
    return [await runVitest({ ...tools, env: { ...tools.env, ...started.value.env }, projects })];
  } finally {
    await stopServices(started.value);
    release();
  }
}

async function runBrowser(tools) {
  const chromium = await prepare('browser', ensureChromium, tools.progress);
  if (chromium.failure !== undefined) return chromium.failure;
  return runPlaywright({
    ...tools,
    env: { ...tools.env, AUTOMATOS_TEST_CHROMIUM: chromium.value },
  });
}

/** A component that cannot be set up is a failure of its own, beside which the other tests still run. */
async function prepare(name, setUp, progress) {
  try {
    return { value: await progress.run(name, () => setUp(progress.say)) };
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    progress.say(error.message);
    return { failure: { name, passed: 0, failed: 1 } };
  }
}

try {
  const plan = makePlan(process.argv.slice(2));
  const release = endTogether();
  const results = await main(plan, createProgress());
  release();
  process.stdout.write('\n');
  for (const { name, passed, failed, skipped = 0 } of results) {
    process.stdout.write(
      `${name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}.\n`,
    );
  }
  process.stdout.write(`${summaryLine(results)}\n`);
  process.exitCode = results.every((result) => result.failed === 0) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof PlainError ? error.message : error.stack}\n`);
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 1;
}
