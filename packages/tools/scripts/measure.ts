/* Prints how long each analyser takes over a folder (default: this repository): node packages/tools/scripts/measure.ts [folder] */
import { resolve } from 'node:path';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { createToolExecutor } from '../src/executor/tool-executor.ts';
import { createToolRegistry } from '../src/registry.ts';

const TOOLS = [
  'list_files',
  'secret_scan',
  'dependency_audit',
  'sast_scan',
  'licence_check',
  'code_metrics',
  'duplicates',
  'import_cycles',
  'git_hotspots',
  'doc_coverage',
  'link_check',
  'todo_scan',
];
const folder = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../../..'));
const executor = createToolExecutor({
  registry: createToolRegistry(),
  roots: () => [folder],
  outboundAllow: [],
});
const run = (tool: string) =>
  executor.execute({
    tool,
    input: { path: folder },
    callId: tool,
    idempotencyKey: tool,
    workspaceId: DEFAULT_WORKSPACE_ID,
    grants: 'all',
    signal: new AbortController().signal,
  });

const startedMs = performance.now();
for (const tool of TOOLS) {
  const outcome = await run(tool);
  process.stdout.write(
    `${tool.padEnd(18)} ${String(Math.round(outcome.durationMs)).padStart(6)} ms  ${outcome.status}  ${outcome.summary}\n`,
  );
  if (process.argv[3] === '--findings')
    for (const finding of outcome.findings.slice(0, 40))
      process.stdout.write(
        `    ${finding.severity} ${finding.rule} ${finding.location?.path ?? ''}:${finding.location?.line ?? ''} ${finding.evidence.slice(0, 140)}\n`,
      );
}
const oneByOneMs = performance.now() - startedMs;
const togetherMs = performance.now();
await Promise.all(TOOLS.map(run));
process.stdout.write(
  `one after the other ${Math.round(oneByOneMs)} ms, all at once (two processes) ${Math.round(performance.now() - togetherMs)} ms\n`,
);
await executor.close();
