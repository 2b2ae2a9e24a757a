import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { isScript } from './source-language.ts';

const input = z.strictObject({
  ...scanInputShape,
  entry_points: z
    .array(z.string().min(1).max(512))
    .max(100)
    .default([])
    .describe('Globs of files whose exports others use; those named in package.json are known'),
});
const output = z.object({
  files: z.int(),
  exports: z.int(),
  dead: z.array(
    z.object({ path: z.string(), line: z.int(), name: z.string(), used_inside: z.boolean() }),
  ),
  entry_points: z.int(),
  skipped: skippedSchema,
});

export const deadExports = defineTool({
  name: 'dead_exports',
  title: 'Dead exports',
  description:
    'Finds what JavaScript and TypeScript files export and no other file imports; entry points of packages, configuration files and pages of frameworks count as used.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['unused', 'dead code', 'export', 'cleanup'],
  async run(request, env) {
    const [{ readModule }, { findDeadExports }] = await Promise.all([
      import('./read-module.ts'),
      import('./find-dead-exports.ts'),
    ]);
    const modules: ReturnType<typeof readModule>[] = [];
    const manifests: { path: string; text: string }[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: ({ path }) => isScript(path) || /(?:^|\/)package\.json$/.test(path),
      skipGenerated: true,
      onFile({ path, text }) {
        if (isScript(path)) modules.push(readModule(path, text));
        else manifests.push({ path, text });
      },
    });
    const { dead, entryPoints } = findDeadExports(modules, manifests, request.entry_points);
    const total = modules.reduce((sum, module) => sum + module.exports.length, 0);
    const findings = dead.map((one): Finding => ({
      rule: 'code.dead_export',
      severity: one.usedInside ? 'info' : 'low',
      message: one.usedInside
        ? `"${one.name}" is exported, and used in its own file only.`
        : `"${one.name}" is exported, and nobody uses it.`,
      location: { path: one.path, line: one.line },
      evidence: one.evidence,
      fix: one.usedInside ? 'Drop the "export".' : 'Remove it, or say who uses it from outside.',
      tool: 'dead_exports',
    }));
    return {
      output: {
        files: modules.length,
        exports: total,
        dead: dead.map(({ path, line, name, usedInside }) => ({
          path,
          line,
          name,
          used_inside: usedInside,
        })),
        entry_points: entryPoints,
        skipped: scan.skipped,
      },
      summary: `${dead.length} of ${total} exports in ${modules.length} files are imported nowhere; ${entryPoints} files count as entry points.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
