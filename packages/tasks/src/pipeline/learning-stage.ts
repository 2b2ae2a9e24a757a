import type { JsonObject } from '@automatos/kernel';
import type { UnitRecord } from '../history/history-store.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { UnitResult } from './task-run.ts';

/** Keeps how the units of this attempt went, for the next selection of agents. Units that nobody worked on say nothing of anybody. */
export async function learningStage(
  site: StageSite,
  results: readonly UnitResult[],
): Promise<StageEnd<null>> {
  const fresh = results.filter(({ attempt }) => attempt === site.attempt);
  const kept = await keepUnits(site, fresh);
  const learnt = fresh.filter(({ agent }) => agent !== null);
  return {
    value: null,
    output: {
      stored_in: 'task_units',
      rows: kept,
      units: asJson(
        learnt.map(({ unitId, agent, need, status, durationMs }) => ({
          unit_id: unitId,
          agent,
          need,
          status,
          duration_ms: Math.round(durationMs),
        })),
      ),
      used_by: 'The selection of agents and the estimates of later tasks.',
    },
    preview: `${kept} units kept as history of their agents.`,
  };
}

/** Keeps units once; returns how many rows there are of them. */
export async function keepUnits(site: StageSite, results: readonly UnitResult[]): Promise<number> {
  const { run, context, attempt } = site;
  const kept = (await context.step(`learning_update/${attempt}/keep`, async () => {
    const at = new Date(run.deps.clock.now());
    const rows = results.flatMap((result) => toRow(result, context, at));
    await run.deps.memory.recordUnits(context.workspaceId, rows);
    return { rows: rows.length } satisfies JsonObject;
  })) as { rows: number };
  return kept.rows;
}

function toRow(
  result: UnitResult,
  { runId, workspaceId }: StageSite['context'],
  at: Date,
): UnitRecord[] {
  if (result.agent === null || result.status === 'skipped') return [];
  const { usage } = result;
  return [
    {
      runId,
      unitId: result.unitId,
      attempt: result.attempt,
      workspaceId,
      need: result.need,
      agent: result.agent,
      status: result.status,
      quality: null,
      durationMs: Math.round(result.durationMs),
      costMicros: usage.cost_micros,
      tokens: usage.input_tokens + usage.output_tokens,
      toolCalls: usage.tool_calls,
      findingsTotal: result.findingsTotal,
      errorCode: result.error?.code ?? null,
      at,
    },
  ];
}
