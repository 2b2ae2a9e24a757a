import type { BoundRoute } from '@automatos/contracts';
import { requireText } from '@automatos/tools';
import type { HttpEdge } from '../http/http-server.ts';
import { createA2aRoutes } from '../a2a/a2a-routes.ts';
import { createMcpRoutes } from '../mcp/mcp-routes.ts';
import type { McpDeps } from '../mcp/mcp-routes.ts';
import type { BaseDeps } from './base-deps.ts';
import type { Recipes } from './compose-recipes.ts';
import type { Work } from './compose-work.ts';
import { VERSION } from './product.ts';

/**
 * What speaks other protocols: to models (MCP) and to other agents (A2A). Both ask our own API in the caller's name; `edge`
 * serves that, and is there before the first request.
 */
export function composeProtocolRoutes(
  {
    config,
    logger,
    work,
    recipes,
  }: Pick<BaseDeps, 'config' | 'logger'> & {
    work: Work;
    recipes: Recipes;
  },
  edge: () => HttpEdge,
): BoundRoute[] {
  const own: Pick<McpDeps, 'inject' | 'follow'> = {
    inject: (options) => edge().inject(options),
    follow: (workspaceId, runId, options) => work.runs.follow(workspaceId, runId, options),
  };
  return [
    ...createMcpRoutes({
      ...own,
      version: VERSION,
      logger,
      readFile: async (path) => requireText(await recipes.roots.resolveInside(path), path),
    }),
    ...createA2aRoutes({ ...own, statedPublicUrl: config.statedPublicUrl }),
  ];
}
