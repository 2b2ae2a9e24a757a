import type { BoundRoute } from '@automatos/contracts';
import { requireText } from '@automatos/tools';
import type { HttpEdge } from '../http/http-server.ts';
import { createMcpRoutes } from '../mcp/mcp-routes.ts';
import type { BaseDeps } from './base-deps.ts';
import type { Recipes } from './compose-recipes.ts';
import type { Work } from './compose-work.ts';
import { VERSION } from './product.ts';

/** The server of the Model Context Protocol; `edge` serves what its tools ask for, and is there before the first request. */
export function composeMcpRoutes(
  { logger, work, recipes }: Pick<BaseDeps, 'logger'> & { work: Work; recipes: Recipes },
  edge: () => HttpEdge,
): BoundRoute[] {
  return createMcpRoutes({
    version: VERSION,
    logger,
    inject: (options) => edge().inject(options),
    follow: (workspaceId, runId, options) => work.runs.follow(workspaceId, runId, options),
    readFile: async (path) => requireText(await recipes.roots.resolveInside(path), path),
  });
}
