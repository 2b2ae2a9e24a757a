import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { isScript } from './source-language.ts';
import type { RelativeImport } from './read-imports.ts';

const input = z.strictObject({
  ...scanInputShape,
  include_type_imports: z
    .boolean()
    .default(false)
    .describe('Also follow imports of types, which vanish at run time'),
});
const output = z.object({
  files: z.int(),
  imports: z.int(),
  cycles: z.array(z.object({ files: z.array(z.string()), shortest: z.array(z.string()) })),
  unresolved: z.int().describe('relative imports that name no listed file'),
  skipped: skippedSchema,
});

export const importCycles = defineTool({
  name: 'import_cycles',
  title: 'Import cycles',
  description:
    'Finds JavaScript and TypeScript files that import each other in a circle, over relative imports.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['dependency', 'circular', 'architecture'],
  async run(request, env) {
    const [{ readImports, resolveImport }, { findCycles, shortestCycle }] = await Promise.all([
      import('./read-imports.ts'),
      import('./find-cycles.ts'),
    ]);
    const imports = new Map<string, RelativeImport[]>();
    const scan = await scanTextFiles(request, env, {
      wants: (file) => isScript(file.path),
      skipGenerated: true,
      onFile(file) {
        imports.set(
          file.path,
          readImports(file.path, file.text).filter(
            (entry) => request.include_type_imports || !entry.typeOnly,
          ),
        );
      },
    });
    const known = new Set(imports.keys());
    let unresolved = 0;
    const lines = new Map<string, number>();
    const graph = new Map<string, string[]>();
    for (const [path, entries] of imports) {
      const targets: string[] = [];
      for (const entry of entries) {
        const target = resolveImport(path, entry.specifier, known);
        if (target === undefined) unresolved += 1;
        else {
          targets.push(target);
          lines.set(`${path}\0${target}`, entry.line);
        }
      }
      graph.set(path, targets);
    }
    const cycles = findCycles(graph).map((files) => ({
      files,
      shortest: shortestCycle(graph, files),
    }));
    const findings: Finding[] = cycles.map(({ files, shortest }) => ({
      rule: 'code.import_cycle',
      severity: 'medium',
      message:
        files.length === 1
          ? 'The file imports itself.'
          : `${files.length} files import each other in a circle.`,
      location: { path: shortest[0] ?? '', line: lines.get(`${shortest[0]}\0${shortest[1]}`) ?? 1 },
      evidence: shortest.join(' → '),
      fix: 'Move what both need into a third file, or pass it as a parameter.',
      tool: 'import_cycles',
    }));
    const count = [...graph.values()].reduce((sum, targets) => sum + targets.length, 0);
    return {
      output: { files: graph.size, imports: count, cycles, unresolved, skipped: scan.skipped },
      summary: `${cycles.length === 0 ? 'No import cycles' : `${cycles.length} import cycles`} among ${graph.size} files with ${count} relative imports.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
