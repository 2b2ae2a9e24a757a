import { z } from 'zod';
import { jsonObjectSchema } from '../common.ts';
import { route } from '../http.ts';

/** The product as a server of the Model Context Protocol (Streamable HTTP, stateless, revisions 2025 and 2026-07-28). */
export const mcpRoutes = {
  exchange: route({
    operationId: 'exchangeMcp',
    method: 'POST',
    path: '/mcp',
    tag: 'mcp',
    permission: 'mcp:use',
    kind: 'stream',
    summary:
      'One JSON-RPC message of the Model Context Protocol: agents, recipes, tasks and files as tools, resources, prompts',
    body: z.union([jsonObjectSchema, z.array(jsonObjectSchema).max(50)]),
  }),
};
