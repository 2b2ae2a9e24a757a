import type { JsonObject } from '@automatos/kernel';
import { contentOfResult, evidenceOf } from '../../quality/result-evidence.ts';
import type { QualityContent, RunOperation } from '../../quality/types.ts';
import { createUsageTally } from '../budget/usage-tally.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import type { Frame, RecipeRun } from '../recipe-run.ts';
import { emitScored } from '../step-events.ts';
import { recordedReport } from './judge.ts';
import { belowThreshold } from './score-step.ts';

/**
 * Measures a finished run and tells it. Throws `recipes.quality.below_threshold`, which keeps the outputs in its details,
 * when the run misses the recipe's `quality_threshold`.
 */
export async function scoreRun(run: RecipeRun, frame: Frame, outputs: JsonObject): Promise<void> {
  const { definition } = run.plan;
  const { clock: runClock, replay } = run;
  const guard = { signal: frame.scope.signal, runClock, timers: [], replay };
  const tally = createUsageTally(() => undefined);
  const context = guardedContext(tally.counting(frame.context), guard);
  const threshold = definition.quality_threshold;
  const scoring = { run, context, stepId: null, attempt: 1, ledger: frame.ledger, threshold };
  const report = await recordedReport(scoring, (by) =>
    run.deps.quality.scoreRun({
      ...by,
      outputType: definition.output_type,
      threshold: threshold ?? null,
      request: [definition.name, definition.description].filter((text) => text !== '').join('\n\n'),
      inputs: run.inputs,
      contents: contentsOf(run, frame),
      outputs,
      evidence: evidenceOf(run.log.results),
      operation: operationOf(run, by.scoredAt),
    }),
  );
  emitScored(run.context, { key: 'run', stepId: null, report });
  if (report.passed === false) throw belowThreshold(null, report, outputs);
}

/** The documents of the run; without any, what its last steps left. */
function contentsOf(run: RecipeRun, frame: Frame): QualityContent[] {
  const documents = run.log.results.filter(({ type }) => type === 'document');
  if (documents.length > 0) return documents.map(({ name, value }) => contentOfResult(name, value));
  const needed = new Set(run.graph.top.flatMap(({ stepId }) => run.graph.dependencies(stepId)));
  return run.graph.top
    .filter(({ stepId }) => !needed.has(stepId))
    .flatMap(({ stepId, step, outputKey }) => {
      const result = frame.results.get(outputKey);
      return result === undefined ? [] : [contentOfResult(step?.name ?? stepId, result.value)];
    });
}

function operationOf(run: RecipeRun, scoredAt: string): RunOperation {
  const { definition } = run.plan;
  const { budget } = definition;
  return {
    steps: run.log.steps,
    toolCalls: run.log.toolCalls,
    durationMs: Math.max(0, Date.parse(scoredAt) - Date.parse(run.startedAt)),
    totalTimeoutMs: definition.execution.total_timeout_ms,
    usage: run.log.usage,
    budget:
      budget === undefined
        ? null
        : { maxCostMicros: budget.max_cost_micros ?? null, maxTokens: budget.max_tokens ?? null },
    recoveries: run.replay.fresh ? 0 : 1,
  };
}
