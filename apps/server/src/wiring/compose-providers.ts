import { agents } from '@automatos/agents';
import type { CredentialRoom } from '@automatos/identity';
import { createBudgets, createProviders } from '@automatos/providers';
import type { AnswerCache, Budgets, Providers, StoredPriceBook } from '@automatos/providers';
import { PlatformError } from '@automatos/kernel';
import { currentRequest } from '../http/request-context.ts';
import { composeAnswers, composePrices } from './compose-prices.ts';
import type { BaseDeps } from './base-deps.ts';
import { resolveCredentials } from './credentials.ts';
import { namedDefault } from './default-model.ts';
import { vendorOutbound } from './vendor-outbound.ts';

/** Everything that stands around a model call. */
export interface ModelRooms {
  providers: Providers;
  prices: StoredPriceBook;
  cache: AnswerCache;
  budgets: Budgets;
}

/** Joins prices, budgets, kept answers and the router behind the one way on which model calls leave. */
export async function composeProviders(
  deps: BaseDeps & { credentials: Pick<CredentialRoom, 'vendorKey'> },
): Promise<ModelRooms> {
  const { config, logger, clock, metrics, closers, database } = deps;
  const prices = await composePrices(deps);
  const budgets = createBudgets({
    database,
    clock,
    logger,
    metrics,
    agents: (workspaceId) =>
      database.workspace(workspaceId, async (tx) =>
        (await tx.select({ slug: agents.slug }).from(agents)).map(({ slug }) => slug),
      ),
  });
  closers.add('budgets', () => budgets.close());
  // The cache by meaning embeds through the room that it serves: known once the room is there.
  const room: { providers?: Providers } = {};
  const cache = await composeAnswers(deps, async (call) => {
    if (room.providers === undefined) throw notReady();
    return room.providers.embed(call);
  });
  const defaultModel = namedDefault(config);
  const providers = createProviders({
    credentials: resolveCredentials(deps.credentials, config.providers.env),
    clock,
    metrics,
    logger,
    database,
    prices,
    budgets: budgets.gate,
    cache,
    platform: config.providers.router,
    outbound: vendorOutbound(config),
    requestId: () => currentRequest()?.request_id,
    ...(defaultModel === null ? {} : { defaultModel }),
  });
  room.providers = providers;
  closers.add('providers', () => providers.close());
  await providers.router.start();
  return { providers, prices, cache, budgets };
}

function notReady(): PlatformError {
  return new PlatformError({
    code: 'providers.call.unreachable',
    kind: 'unavailable',
    message: 'The server is still starting. Retry in a moment.',
  });
}
