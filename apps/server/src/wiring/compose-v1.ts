import type { BoundRoute } from '@automatos/contracts';
import { createChatPassthrough } from '@automatos/providers';
import type { RecipeService } from '@automatos/recipes';
import { createOpenAiRoutes } from '../v1/routes.ts';
import { createUsageWriter } from '../v1/usage-writer.ts';
import type { BaseDeps } from './base-deps.ts';
import type { Work } from './compose-work.ts';
import { vendorOutbound } from './vendor-outbound.ts';

const HEARTBEAT_MS = 15_000;

/** The OpenAI-compatible endpoint with what only it needs: connections of its own, and usage rows written beside the calls. */
export function composeV1(
  deps: BaseDeps & {
    work: Pick<Work, 'providers' | 'runs'>;
    recipes: RecipeService;
  },
): BoundRoute[] {
  const { clock, metrics, logger, database, closers, work, recipes } = deps;
  const usage = createUsageWriter({ database, clock, logger });
  closers.add('usage of /v1', () => usage.close());
  const passthrough = createChatPassthrough({ clock, outbound: vendorOutbound(deps.config) });
  closers.add('connections of /v1', () => passthrough.close());
  const { providers, runs } = work;
  return createOpenAiRoutes({
    providers,
    router: providers.router,
    passthrough,
    usage,
    runs,
    recipes,
    database,
    clock,
    logger,
    metrics,
    heartbeatMs: HEARTBEAT_MS,
  });
}
