import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';

/** Name of the tool by which an agent with many tools finds those that it is not shown. */
export const FIND_TOOLS = 'find_tools';

export const findTools = defineTool({
  name: FIND_TOOLS,
  title: 'Find tools',
  description:
    'Finds tools that you may use but are not shown, for a task in your own words. Those it gives can be called from then on.',
  group: 'utility',
  input: z.strictObject({
    task: z.string().min(1).max(1000).describe('What you want to do'),
    limit: z.int().min(1).max(20).default(5),
  }),
  output: z.object({
    tools: z.array(z.object({ tool: z.string(), because: z.array(z.string()) })),
  }),
  capabilities: ['read'],
  timeoutMs: 10_000,
  idempotent: true,
  isolation: 'inline',
  tainted: false,
  keywords: ['search', 'discover', 'which tool', 'capability'],
  async run({ task, limit }, env) {
    const find = env.services?.findTools;
    if (find === undefined)
      throw toolError(
        'tools.service.missing',
        'unavailable',
        'Tools can be looked for only where an agent works in a workspace.',
      );
    const found = await find(task, limit);
    return {
      output: { tools: found.map(({ tool, because }) => ({ tool, because })) },
      summary:
        found.length === 0
          ? 'No further tool fits that task.'
          : `${found.length} tools fit: ${found.map(({ tool }) => tool).join(', ')}.`,
    };
  },
});
