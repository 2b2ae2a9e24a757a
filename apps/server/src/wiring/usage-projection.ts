import type { EventData } from '@automatos/contracts';
import { PRICE_VERSION, recordUsage } from '@automatos/providers';
import type { EventProjection } from '@automatos/runs';

/** Writes a usage row for each finished model call, in the transaction that stores its event: once, also after a crash. */
export const projectUsage: EventProjection = async (tx, workspaceId, events) => {
  const rows = events.flatMap(({ event }) => {
    if (event.type !== 'llm.completed') return [];
    const data = event.data as unknown as EventData<'llm.completed'>;
    return [
      {
        workspaceId,
        runId: event.run_id ?? null,
        stepKey: event.step_id ?? null,
        callKey: `${event.run_id ?? ''}/${data.call_id}`,
        agentSlug: data.agent,
        provider: data.provider,
        model: data.model,
        inputTokens: data.input_tokens,
        outputTokens: data.output_tokens,
        cachedInputTokens: data.cached_input_tokens,
        reasoningTokens: data.reasoning_tokens,
        costMicros: data.cost_micros,
        priceVersion: PRICE_VERSION,
        estimated: data.estimated,
        offline: data.offline,
        status: 'success' as const,
        durationMs: data.duration_ms,
        at: new Date(event.at),
      },
    ];
  });
  await recordUsage(tx, rows);
};
