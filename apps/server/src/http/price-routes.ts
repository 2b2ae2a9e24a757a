import {
  bindRoutes,
  providerRoutes,
  type BoundRoute,
  type ConfigurationFinding,
} from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import {
  listCalls,
  type AnswerCache,
  type ListedCall,
  type ModelRef,
  type StoredPriceBook,
} from '@automatos/providers';

export interface PriceRoutesDeps {
  prices: StoredPriceBook;
  cache: Pick<AnswerCache, 'clear'>;
  database: Pick<Database, 'workspace'>;
  clock: Clock;
  /** Settings without the effect they seem to have. */
  findings: (workspaceId: WorkspaceId) => Promise<ConfigurationFinding[]>;
}

/** Prices, price packages, single calls, kept answers and the effective configuration. */
export function createPriceRoutes(deps: PriceRoutesDeps): BoundRoute[] {
  const { prices, cache, database } = deps;
  const { listPrices, putPrice, deletePrice, refreshModels, clearCache, configuration } =
    providerRoutes;
  const calls = providerRoutes.listCalls;
  return bindRoutes(
    {
      listPrices,
      putPrice,
      deletePrice,
      refreshModels,
      listCalls: calls,
      clearCache,
      configuration,
    },
    {
      async listPrices({ workspaceId }) {
        const items = prices
          .models(workspaceId)
          .map((row) => priceRow(prices, workspaceId, { provider: row.provider, model: row.id }));
        return { body: { version: prices.versionOf(workspaceId), items } };
      },
      async putPrice({ workspaceId, params, body }) {
        await prices.setPrice(workspaceId, params, {
          inputMicros: body.input_micros,
          outputMicros: body.output_micros,
          cachedInputMicros: body.cached_input_micros,
          cacheWriteMicros: body.cache_write_micros,
        });
        return { body: priceRow(prices, workspaceId, params) };
      },
      async deletePrice({ workspaceId, params }) {
        await prices.removePrice(workspaceId, params);
        return { body: priceRow(prices, workspaceId, params) };
      },
      async refreshModels({ workspaceId, body, signal }) {
        return { body: await prices.refresh(workspaceId, body.url, signal) };
      },
      async listCalls({ workspaceId, query }) {
        const { run_id: runId, ...filter } = query;
        const page = await database.workspace(workspaceId, (tx) =>
          listCalls(tx, { ...filter, runId }),
        );
        return { body: { items: page.items.map(callRow), next_cursor: page.nextCursor } };
      },
      async clearCache({ workspaceId }) {
        return { body: { removed: await cache.clear(workspaceId) } };
      },
      async configuration({ workspaceId }) {
        const items = await deps.findings(workspaceId);
        return { body: { items, checked_at: new Date(deps.clock.now()).toISOString() } };
      },
    },
  );
}

function priceRow(prices: StoredPriceBook, workspaceId: WorkspaceId, ref: ModelRef) {
  const { price, source, version } = prices.priceOf(workspaceId, ref);
  return {
    provider: ref.provider,
    model: ref.model,
    input_micros: price.inputMicros,
    output_micros: price.outputMicros,
    cached_input_micros: price.cachedInputMicros,
    cache_write_micros: price.cacheWriteMicros,
    source,
    version,
  };
}

function callRow(row: ListedCall) {
  return {
    id: row.id,
    at: row.at.toISOString(),
    provider: row.provider,
    model: row.model,
    kind: row.kind,
    source: row.source,
    run_id: row.runId,
    agent: row.agentSlug,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cached_input_tokens: row.cachedInputTokens,
    cost_micros: row.costMicros,
    estimated: row.estimated,
    cache: row.cache,
    status: row.status,
    duration_ms: row.durationMs,
  };
}
