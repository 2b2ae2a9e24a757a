import { bindRoutes, platformRoutes, type BoundRoute } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import {
  usageByAgent,
  usageByDay,
  usageByDaySplit,
  usageByModel,
  usageByProvider,
  usageByRun,
  usageBySource,
  usageTotal,
  type ModelView,
  type Providers,
  type ProviderView,
  type UsageBucket,
} from '@automatos/providers';
import type { ToolRegistry } from '@automatos/tools';
import { keyedPage } from './keyed-page.ts';

export interface PlatformRoutesDeps {
  tools: Pick<ToolRegistry, 'list' | 'describe'>;
  providers: Pick<Providers, 'list' | 'models'>;
  database: Pick<Database, 'workspace'>;
  clock: Clock;
}

const DAY_MS = 86_400_000;
const USAGE_READS = {
  day: usageByDay,
  model: usageByModel,
  agent: usageByAgent,
  provider: usageByProvider,
  run: usageByRun,
  source: usageBySource,
} as const;
const MISSING = { api_key: 'an API key', base_url: 'a base URL' } as const;

/** Tools, providers, models and what was spent. */
export function createPlatformRoutes(deps: PlatformRoutesDeps): BoundRoute[] {
  const { listTools, getTool, listProviders, listModels, usage } = platformRoutes;
  const { tools, providers } = deps;
  return bindRoutes(
    { listTools, getTool, listProviders, listModels, usage },
    {
      async listTools({ query }) {
        const wanted = query.search?.toLowerCase();
        const fitting = tools
          .list()
          .filter((tool) => query.group === undefined || tool.group === query.group)
          .filter(
            (tool) =>
              wanted === undefined ||
              `${tool.name} ${tool.title} ${tool.description}`.toLowerCase().includes(wanted),
          );
        const page = keyedPage(fitting, (tool) => tool.name, query);
        return { body: { ...page, items: page.items.map((tool) => tools.describe(tool.name)) } };
      },
      async getTool({ params }) {
        return { body: tools.describe(params.tool) };
      },
      async listProviders({ workspaceId }) {
        return { body: { items: (await providers.list(workspaceId)).map(providerRow) } };
      },
      async listModels({ query, workspaceId }) {
        const fitting = providers
          .models(workspaceId)
          .filter((model) => query.provider === undefined || model.provider === query.provider);
        const page = keyedPage(fitting, (model) => `${model.provider}/${model.id}`, query);
        return { body: { ...page, items: page.items.map(modelRow) } };
      },
      async usage({ query, workspaceId }) {
        const since = new Date(deps.clock.now() - query.days * DAY_MS);
        const read = USAGE_READS[query.by];
        return deps.database.workspace(workspaceId, async (tx) => {
          const items =
            query.by === 'day' && query.split !== undefined
              ? (await usageByDaySplit(tx, since, query.split)).map((slice) => ({
                  ...usageRow(slice),
                  split: slice.split,
                }))
              : (await read(tx, since)).map(usageRow);
          return {
            body: { items, total: usageRow(await usageTotal(tx, since)) },
          };
        });
      },
    },
  );
}

function providerRow(view: ProviderView) {
  const hint =
    view.missing === null
      ? null
      : `Needs ${MISSING[view.missing]}: set ${view.env[view.missing === 'api_key' ? 'apiKey' : 'baseUrl'][0] ?? 'it in the settings'}.`;
  return {
    id: view.id,
    name: view.name,
    wire: view.wire,
    status: view.status,
    evidence: view.evidence,
    usable: view.usable,
    configured: view.configured,
    is_default: view.isDefault,
    note: [view.note, hint].filter((part) => part !== null).join(' ') || null,
    env: [...view.env.apiKey, ...view.env.baseUrl],
    base_url: view.baseUrl,
    models: view.modelsCount,
    capabilities: [...view.capabilities],
  };
}

function modelRow(view: ModelView) {
  return {
    provider: view.provider,
    id: view.id,
    name: view.name,
    context_window: view.contextWindow,
    output_limit: view.outputLimit,
    price: {
      input_micros: view.price.inputMicros,
      output_micros: view.price.outputMicros,
      cached_input_micros: view.price.cachedInputMicros,
    },
    capabilities: [...view.capabilities],
    status: view.status,
    usable: view.usable,
  };
}

function usageRow(bucket: UsageBucket) {
  return {
    key: bucket.key,
    calls: bucket.calls,
    input_tokens: bucket.inputTokens,
    output_tokens: bucket.outputTokens,
    // Nothing called cost nothing; null says that calls were made whose price nobody knows.
    cost_micros: bucket.calls === 0 ? 0 : bucket.costMicros,
    unpriced_calls: bucket.unpricedCalls,
  };
}
