import type { EventData } from '@automatos/contracts';
import type { PriceBook } from '@automatos/providers';
import { recordUsage } from '@automatos/providers';
import type { EventProjection } from '@automatos/runs';

/** Slug under which the recipes room judges quality. */
export const JUDGE = 'quality-judge';

/** Writes a usage row for each finished model call, in the transaction that stores its event: once, also after a crash. */
export function createUsageProjection(prices: Pick<PriceBook, 'priceOf'>): EventProjection {
  return async (tx, workspaceId, events) => {
    const rows = events.flatMap(({ event }) => {
      if (event.type !== 'llm.completed') return [];
      const data = event.data as unknown as EventData<'llm.completed'>;
      const { provider, model } = data;
      return [
        {
          workspaceId,
          runId: event.run_id ?? null,
          stepKey: event.step_id ?? null,
          callKey: `${event.run_id ?? ''}/${data.call_id}`,
          agentSlug: data.agent,
          provider,
          model,
          inputTokens: data.input_tokens,
          outputTokens: data.output_tokens,
          cachedInputTokens: data.cached_input_tokens,
          reasoningTokens: data.reasoning_tokens,
          costMicros: data.cost_micros,
          priceVersion: prices.priceOf(workspaceId, { provider, model }).version,
          estimated: data.estimated,
          offline: data.offline,
          source: data.agent === JUDGE ? ('judge' as const) : ('run' as const),
          cache: data.cache ?? ('off' as const),
          status: 'success' as const,
          durationMs: data.duration_ms,
          at: new Date(event.at),
        },
      ];
    });
    await recordUsage(tx, rows);
  };
}
