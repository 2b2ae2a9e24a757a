/** The dependency rule as a check that cannot pass by looking at nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads all modules below `folder` and returns their count and the violations as `{rule, from, to}`.
 * `tools` is the checkout whose dependency-cruiser and configuration are used.
 */
export function findViolations(folder, tools) {
  const program = join(tools, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const flags = ['--config', join(tools, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const places = ['packages', 'apps'].filter((place) => existsSync(join(folder, place)));
  const run = spawnSync(process.execPath, [program, ...flags, ...places], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!run.stdout) throw new Error(`dependency-cruiser gave no result: ${run.stderr}`);
  const { modules, summary } = JSON.parse(run.stdout);
  // Without a parser for TypeScript, dependency-cruiser sees files without imports and finds nothing wrong.
  const imports = modules.reduce((sum, module) => sum + module.dependencies.length, 0);
  const violations = summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
  }));
  return { modules: modules.length, imports, violations };
}
