/** The checks that read the sources: each one is a list of commands of the packaged Node, run in order. */
import { join } from 'node:path';
import { PlainError, capture } from './process.mjs';

const BIN = {
  oxfmt: 'node_modules/oxfmt/bin/oxfmt',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  tsc: 'node_modules/typescript/bin/tsc',
  next: 'node_modules/next/dist/bin/next',
  knip: 'node_modules/knip/bin/knip.js',
};

const CHECKS = [
  { name: 'format', commands: [[BIN.oxfmt, '--list-different']], remedy: 'npm run format' },
  { name: 'lint', commands: [[BIN.oxlint, '--type-aware', '--deny-warnings']] },
  { name: 'types', commands: [[BIN.tsc, '--noEmit', '-p', '.']] },
  {
    name: 'types of the web',
    // The web's types include what Next derives from its routes.
    commands: [
      [BIN.next, 'typegen', 'apps/web'],
      [BIN.tsc, '--noEmit', '-p', 'apps/web'],
    ],
  },
  { name: 'boundaries', commands: [['scripts/check-boundaries.mjs']] },
  { name: 'unused code', commands: [[BIN.knip, '--no-progress', '--no-config-hints']] },
];

/** Runs every check, also after a failure, and returns `{name, passed, failed}` each; what a failed one printed is shown. */
export async function runChecks({ root, runtime, env, progress }) {
  const results = [];
  for (const check of CHECKS) {
    try {
      await progress.run(check.name, () => runCommands(check, { root, runtime, env }));
      results.push({ name: check.name, passed: 1, failed: 0 });
    } catch (error) {
      if (!(error instanceof PlainError)) throw error;
      progress.say(
        `${error.message}${check.remedy === undefined ? '' : `\nTo correct it: ${check.remedy}`}`,
      );
      results.push({ name: check.name, passed: 0, failed: 1 });
    }
  }
  return results;
}

async function runCommands(check, { root, runtime, env }) {
  for (const [program, ...args] of check.commands) {
    await capture(runtime, [join(root, program), ...args], { cwd: root, env, tailLines: 200 });
  }
}
